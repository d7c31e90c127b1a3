"""The command line, `hexkeep`."""
