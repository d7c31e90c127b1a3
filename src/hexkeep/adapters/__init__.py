"""Implementations of the ports, each named after its technology."""

if __name__ != "hexkeep.adapters":
    raise ImportError("import hexkeep.adapters, not adapters: the folder at the repository root is only a link")
