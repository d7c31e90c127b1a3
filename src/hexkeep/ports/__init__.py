"""The Protocols, value types and errors through which the engine reaches the world outside."""

if __name__ != "hexkeep.ports":
    raise ImportError("import hexkeep.ports, not ports: the folder at the repository root is only a link")
