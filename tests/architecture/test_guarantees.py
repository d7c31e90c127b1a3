"""Every guarantee of the storage ports names its tests, and what it names exists."""

import ast
import inspect
import re

from hexkeep.ports import event_store, views
from tests.architecture.source import PACKAGE, ROOT
from tests.contract.broken.defects import kit_rules

PAGE = (ROOT / "docs" / "reference" / "guarantees.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`(test_\w+)`", PAGE))
NUMBERED = re.compile(r"^(\d+)\.  ", re.MULTILINE)


def test_named_tests_exist() -> None:
    """Whatever the page names in a code span is a rule of a kit or a test of this repository."""
    files = [*(PACKAGE / "testing").glob("*.py"), *(ROOT / "tests").rglob("test_*.py")]
    trees = [ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for path in files]
    known = {node.name for tree in trees for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert NAMED - known == set()
    assert [path for path in re.findall(r"`(tests/[\w/]+(?:\.py|/))`", PAGE) if not (ROOT / path).exists()] == []


def test_every_rule_of_a_kit_has_its_guarantee() -> None:
    """No rule holds something that the page does not speak of."""
    assert kit_rules() - NAMED == set()


def test_every_numbered_guarantee_has_a_row() -> None:
    """What the ports number is numbered on the page, in the section of that port."""
    for port, title in ((event_store, "## The event log"), (views, "## Views")):
        section = PAGE.partition(title)[2].partition("\n## ")[0]
        rows = re.findall(r"^\| (\d+) \|.*`test_", section, re.MULTILINE)
        assert rows == NUMBERED.findall(inspect.getdoc(port) or "")
