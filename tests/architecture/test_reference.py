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
    indexes = [(FOLDER / name).read_text(encoding="utf-8") for name in ("README.md", "operations.md")]
    assert [name for name in PAGES if not any(f"({name})" in index for index in indexes)] == []


def test_error_codes_are_unique() -> None:
    """A code means one thing."""
    codes = [error.code for error in product_errors()]
    assert sorted(codes) == sorted(set(codes))
