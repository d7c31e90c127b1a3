"""The reference says what the code says."""

from hexkeep.bootstrap.reference.errors import product_errors
from hexkeep.bootstrap.reference.pages import PAGES, outdated
from tests.architecture.source import ROOT

FOLDER = ROOT / "docs" / "reference"


def test_generated_pages_are_current() -> None:
    """`python -m hexkeep.bootstrap.reference docs/reference` would change nothing."""
    assert outdated(FOLDER) == []


def test_generated_pages_are_linked() -> None:
    """The index of the reference leads to each page."""
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [name for name in PAGES if f"({name})" not in index] == []


def test_error_codes_are_unique() -> None:
    """A code means one thing."""
    codes = [error.code for error in product_errors()]
    assert sorted(codes) == sorted(set(codes))
