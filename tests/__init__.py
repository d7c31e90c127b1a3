"""The tests of Hexkeep, one folder per kind; `docs/how-to/test.md` tells which is for what."""
