"""Where the code lies and how the architecture tests read it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "hexkeep"


def modules(folder: Path = PACKAGE) -> list[Path]:
    """Every Python file below `folder`, in a stable order."""
    return sorted(folder.rglob("*.py"))


def tree(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a file imports; `from a import b` counts as `a.b`, for `b` may be a module."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def name(path: Path) -> str:
    """A file's path from the repository root, for messages."""
    return path.relative_to(ROOT).as_posix()
