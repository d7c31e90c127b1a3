"""The page about conformance holds against the tests that there are."""

import ast
from functools import cache
from pathlib import Path

from tests.architecture.source import ROOT, tree
from tests.conformance.covered import COVERED, NotCovered
from tests.conformance.page import PAGE, page
from tests.conformance.plans import modules


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of the test functions of a file, those in classes too."""
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def exists(path: str, function: str) -> bool:
    """Whether there is such a test."""
    return (ROOT / path).is_file() and function in functions_of(ROOT / path)


def test_every_module_is_covered_or_has_a_reason() -> None:
    """Neither a module without a word about it, nor a word about a module that no plan has."""
    assert sorted(COVERED) == sorted(modules())


def test_what_covers_a_module_is_a_test() -> None:
    """Each named test can be run."""
    named = [one for found in COVERED.values() if not isinstance(found, NotCovered) for one in found]
    assert [one for one in named if not exists(*one.split("::"))] == []
    assert all(found.why if isinstance(found, NotCovered) else found for found in COVERED.values())


def test_page_is_current() -> None:
    """`python -m tests.conformance` would change nothing."""
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page()
