"""First-party plugins, written against the same hooks as anyone's."""

if __name__ != "hexkeep.plugins":
    raise ImportError("import hexkeep.plugins, not plugins: the folder at the repository root is only a link")
