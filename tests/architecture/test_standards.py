"""The pages about standards say nothing that no test shows."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, tree

PAGES = tuple(ROOT / "docs" / "reference" / name for name in ("oidc.md", "saml.md", "saml-service-provider.md"))
LINK = re.compile(r"\[(test_\w+)\]\(\.\./\.\./(tests/[\w/]+\.py)\)")
ROW = re.compile(r"\| (?P<cells>(?!section|attack|---).+) \|")
EXTENT = re.compile(r"yes|no: .+|optional, not: .+")
SECTION, ATTACK = 4, 2
"""How many cells a row has: section, demand, extent and tests; or attack and tests."""


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of the test functions of a file."""
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(node.name for node in functions if node.name.startswith("test_"))


def exists(path: str, function: str) -> bool:
    """Whether there is such a test."""
    return (ROOT / path).is_file() and function in functions_of(ROOT / path)


def rows(page: Path) -> list[list[str]]:
    """The cells of every row of a page's tables, but for the heads."""
    found = (ROW.fullmatch(line) for line in page.read_text(encoding="utf-8").splitlines())
    return [re.split(r" \| ", row["cells"]) for row in found if row]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_standards_name_tests_that_exist(page: Path) -> None:
    """Every test that a page names can be run."""
    named = LINK.findall(page.read_text(encoding="utf-8"))
    assert named
    assert [f"{path}::{function}" for function, path in named if not exists(path, function)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_is_supported_names_its_test(page: Path) -> None:
    """A section is supported and shown by tests, or it says why it is not; an attack is tried."""
    assert {len(cells) for cells in rows(page)} == {SECTION, ATTACK}
    assert [cells for cells in rows(page) if len(cells) == SECTION and not EXTENT.fullmatch(cells[2])] == []
    claimed = [cells for cells in rows(page) if len(cells) == ATTACK or cells[2] == "yes"]
    assert [cells for cells in claimed if not LINK.search(cells[-1])] == []


@pytest.mark.parametrize("cell", ["yes, mostly", "no", "no:", "optional", "", "partly: so"])
def test_there_is_nothing_between_yes_and_no(cell: str) -> None:
    """A row that would say something else is split."""
    assert not EXTENT.fullmatch(cell)
