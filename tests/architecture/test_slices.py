"""Features are vertical: a slice of the core knows of another only what happened there."""

from tests.architecture.source import PACKAGE, imports, modules, name

CORE = PACKAGE / "core"
SLICES = {folder.name for folder in CORE.iterdir() if (folder / "events.py").is_file()}


def test_slices_see_each_other_only_through_events() -> None:
    """A module of one slice imports nothing from another slice but its `events`."""
    wrong = [
        f"{name(path)}:{line} {imported}"
        for own in sorted(SLICES)
        for path in modules(CORE / own)
        for line, imported in imports(path)
        if _other_slice(imported, own)
    ]
    assert wrong == []


def _other_slice(imported: str, own: str) -> bool:
    parts = imported.split(".")
    if parts[:2] != ["hexkeep", "core"] or len(parts) < 3:
        return False
    return parts[2] in SLICES - {own} and parts[3:4] != ["events"]
