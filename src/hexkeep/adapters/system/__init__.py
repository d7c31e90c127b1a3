"""Time and identifiers from the operating system."""
