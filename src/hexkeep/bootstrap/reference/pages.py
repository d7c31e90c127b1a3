"""Which pages there are, and how they come into a folder. One more page is one more line."""

from collections.abc import Callable, Mapping
from pathlib import Path

from hexkeep.bootstrap.reference.api import api_pages
from hexkeep.bootstrap.reference.errors import errors_page
from hexkeep.bootstrap.reference.events import events_page
from hexkeep.bootstrap.reference.hooks import hooks_page
from hexkeep.bootstrap.reference.operations import operations_page
from hexkeep.bootstrap.reference.policies import policies_page
from hexkeep.bootstrap.reference.settings import settings_page

PAGES: Mapping[str, Callable[[], str]] = {
    "errors.md": errors_page,
    "events.md": events_page,
    "hooks.md": hooks_page,
    "operations.md": operations_page,
    "policies.md": policies_page,
    "settings.md": settings_page,
    **api_pages(),
}
"""The text of each page by the name of its file."""


def write(folder: Path, pages: Mapping[str, Callable[[], str]] = PAGES) -> None:
    """Write every page into ``folder``."""
    for name, page in pages.items():
        folder.joinpath(name).parent.mkdir(exist_ok=True)
        folder.joinpath(name).write_text(page(), encoding="utf-8")


def outdated(folder: Path, pages: Mapping[str, Callable[[], str]] = PAGES) -> list[str]:
    """The names of the files that are missing or say something else than the code."""
    return [name for name, page in pages.items() if _text(folder / name) != page()]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
