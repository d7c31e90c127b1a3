"""Size caps: what does not fit on a few screens is two things."""

import ast
from pathlib import Path

from tests.architecture.source import modules, name, tree

FILE_LINES = 500
GENERATED = "src/hexkeep/client/generated/"
"""Nobody writes it, and who reads it looks up one method: it is as long as a slice has operations and fields."""
FUNCTION_LINES = 60


def written() -> list[Path]:
    """The product files that somebody has written."""
    return [path for path in modules() if not name(path).startswith(GENERATED)]


def test_files_stay_below_the_cap() -> None:
    """No product file is longer than 500 lines, but for what is generated."""
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in written()}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES} == {}


def test_functions_stay_below_the_cap() -> None:
    """No function is longer than 60 lines, decorators and docstring included, but for what is generated."""
    long = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in written()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _lines(node) > FUNCTION_LINES
    ]
    assert long == []


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return (node.end_lineno or node.lineno) - first + 1
