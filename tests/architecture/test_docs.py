"""The documents say what is true: what they point at exists."""

import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, name

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#]+)[^)]*\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    """A link to another file of the repository finds it."""
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_architecture_names_rules_that_exist() -> None:
    """Each test and each import contract that ARCHITECTURE.md names as holding an invariant is there."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [path for path in TEST.findall(page) if not (ROOT / path).is_file()] == []
    named = [part.rstrip(" …") for line in page.splitlines() if "import-linter:" in line for part in _emphasised(line)]
    assert [contract for contract in named if f'name = "{contract}' not in contracts] == []


def test_architecture_maps_every_ring() -> None:
    """The code map has each folder of the package."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rings = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
    assert {ring for ring in rings if f"`{ring}/" not in page} == set()


def test_decision_records_are_indexed() -> None:
    """Every record is in the index of records."""
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.glob("[0-9]*.md") if f"({path.name})" not in index] == []


def _emphasised(line: str) -> list[str]:
    return re.findall(r"\*([^*]+)\*", line)
