"""The core decides; it never reads a clock, draws a random number, waits, or touches the world."""

import ast
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, imports, modules, name, tree

CORE = modules(PACKAGE / "core")

# Parts of the standard library that only compute. A new one is added here with open eyes.
PURE = {
    "abc", "base64", "binascii", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime", "decimal",
    "difflib", "enum", "fnmatch", "fractions", "functools", "hashlib", "heapq", "hmac", "html", "inspect", "ipaddress",
    "itertools", "json", "keyword", "math", "numbers", "operator", "re", "statistics", "string", "struct", "textwrap",
    "types", "typing", "unicodedata", "urllib", "uuid", "warnings", "weakref", "zoneinfo",
}  # fmt: skip

IMPURE_PARTS = ("urllib.request", "urllib.error", "urllib.robotparser", "uuid.getnode", "uuid.uuid1", "uuid.uuid4")


def forbidden(imported: str) -> bool:
    """Whether the core may not import a dotted name."""
    if imported.startswith(IMPURE_PARTS):
        return True
    top = imported.partition(".")[0]
    return top not in PURE and top != "pydantic" and not imported.startswith("hexkeep.core")


def offences(path: Path) -> list[str]:
    """The forbidden imports of one file, each with its line."""
    return [f"{name(path)}:{line} {imported}" for line, imported in imports(path) if forbidden(imported)]


def test_core_imports_only_what_computes() -> None:
    """The core imports itself, pydantic and the pure part of the standard library."""
    assert [offence for path in CORE for offence in offences(path)] == []


def test_core_is_synchronous() -> None:
    """Nothing in the core waits: there is one asynchronous colour, and it begins at the engine."""
    waiting = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith)
    assert [name(path) for path in CORE for node in ast.walk(tree(path)) if isinstance(node, waiting)] == []


def test_core_calls_no_impure_builtin() -> None:
    """Files, the terminal and code made at run time are out of the core's reach even without an import."""
    impure = {"breakpoint", "compile", "eval", "exec", "input", "open", "print"}
    calls = [
        f"{name(path)}:{node.lineno} {node.func.id}"
        for path in CORE
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in impure
    ]
    assert calls == []


@pytest.mark.parametrize("banned", ["asyncio", "os.environ", "random", "secrets", "socket", "threading", "time.time"])
def test_the_rule_knows_what_is_impure(banned: str) -> None:
    """The list of pure modules leaves out whatever waits, guesses or touches the world."""
    assert forbidden(banned)
    assert set(sys.stdlib_module_names) >= PURE
