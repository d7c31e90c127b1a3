"""The pure domain: kernel, feature slices and protocol rules, without I/O, clock or randomness."""

if __name__ != "hexkeep.core":
    raise ImportError("import hexkeep.core, not core: the folder at the repository root is only a link")
