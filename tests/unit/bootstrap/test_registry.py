import textwrap
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue

from hexkeep.bootstrap.adapters import BUILT_IN, LOCKS, PORTS, STORAGE
from hexkeep.bootstrap.errors import ConfigurationError
from hexkeep.bootstrap.registry import AdapterRegistry
from hexkeep.bootstrap.settings import Settings
from hexkeep.ports.hooks import AdapterEntry


class ShelfSettings(BaseModel):
    """Settings of an adapter made for these tests."""

    model_config = ConfigDict(extra="forbid")

    size: int


class Shelf:
    """An adapter that keeps its settings and does nothing else."""

    def __init__(self, settings: ShelfSettings) -> None:
        self.settings = settings

    async def open(self) -> None:
        """Nothing to acquire."""

    async def ping(self) -> None:
        """Always able."""

    async def close(self) -> None:
        """Nothing to give back."""


SHELF = AdapterEntry(STORAGE, "shelf", Shelf, ShelfSettings)
MISSING = AdapterEntry(LOCKS, "cloud", "no_such_library.locks:Cloud", "no_such_library.locks:Settings", "acme-cloud")


@pytest.fixture
def registry() -> AdapterRegistry:
    """The built-in adapters and two more."""
    registry = AdapterRegistry()
    registry.add(SHELF)
    registry.add(MISSING)
    return registry


def wrong(registry: AdapterRegistry, **tree: object) -> list[str]:
    """What the registry finds wrong with settings."""
    with pytest.raises(ConfigurationError) as caught:
        registry.check(Settings.model_validate(tree))
    return [str(problem) for problem in caught.value.problems]


def test_adapter_registered_in_code_is_built_from_its_settings(registry: AdapterRegistry) -> None:
    """A table becomes the model, and the factory gets it."""
    settings = registry.settings(STORAGE, "shelf", {"size": 3}, Path("data"))
    shelf = registry.create(STORAGE, "shelf", settings)
    assert isinstance(shelf, Shelf)
    assert shelf.settings.size == 3


def test_sqlite_keeps_its_file_in_the_data_folder(registry: AdapterRegistry) -> None:
    """Unless its own table names another place."""
    tables: tuple[dict[str, JsonValue], ...] = ({}, {"path": "mine.db"})
    given = [registry.settings(STORAGE, "sqlite", table, Path("d")).model_dump()["path"] for table in tables]
    assert given == [Path("d/hexkeep.db"), Path("mine.db")]


def test_every_built_in_adapter_loads() -> None:
    """The table names modules and classes that are there."""
    registry = AdapterRegistry()
    for entry in BUILT_IN:
        needed: dict[str, JsonValue] = {"url": "postgresql:///x"} if entry.name in {"postgres", "cockroach"} else {}
        settings = registry.settings(entry.port, entry.name, needed, Path())
        assert callable(registry.create(entry.port, entry.name, settings).open)


def test_names_are_sorted_and_the_storage_serves_the_rest(registry: AdapterRegistry) -> None:
    """What may be chosen is told in order; locks, pub/sub and blobs may come from the storage."""
    assert registry.names(STORAGE) == ["cockroach", "memory", "postgres", "shelf", "sqlite"]
    assert registry.names(LOCKS) == ["cloud", "storage"]
    assert set(PORTS) == {"storage", "locks", "pubsub", "blobs"}


def test_unknown_adapter_lists_the_known_ones(registry: AdapterRegistry) -> None:
    """A misspelt name is answered with the nearest and with all names in order."""
    [problem] = wrong(registry, storage={"adapter": "sqlight"})
    reason, nearest, known = problem.split("; ")
    assert (reason, nearest) == ("storage.adapter: there is no adapter sqlight", "did you mean sqlite?")
    assert known == "known are cockroach, memory, postgres, shelf, sqlite"
    with pytest.raises(ConfigurationError, match="known are cloud, storage"):
        registry.entry(LOCKS, "none")


def test_missing_library_names_the_install_command(registry: AdapterRegistry) -> None:
    """An adapter whose library is absent says what to install."""
    [problem] = wrong(registry, storage={"adapter": "memory"}, locks={"adapter": "cloud"})
    reason, remedy = problem.split("; ")
    assert reason == "locks.adapter: the adapter cloud needs no_such_library, which is not installed"
    assert remedy == "install it with: pip install 'acme-cloud'"


def test_adapters_that_are_not_chosen_are_not_imported(registry: AdapterRegistry) -> None:
    """An absent library matters only to those who choose it."""
    registry.check(Settings.model_validate({"storage": {"adapter": "shelf", "shelf": {"size": 1}}}))


def test_adapter_tables_are_checked_by_their_models(registry: AdapterRegistry) -> None:
    """Unknown, missing and ill-typed settings of an adapter are told with their path, also of one not chosen."""
    assert wrong(registry, storage={"adapter": "memory", "shelf": {"siez": "x"}}) == [
        "storage.shelf.size: this adapter needs a value here",
        "storage.shelf.siez: there is no such setting; did you mean size?",
    ]
    assert wrong(registry, storage={"adapter": "memory", "shelf": {"size": "x"}}) == [
        "storage.shelf.size: should be a valid integer, unable to parse string as an integer"
    ]


def test_table_of_an_unknown_adapter_is_an_error(registry: AdapterRegistry) -> None:
    """A table that belongs to nobody is misspelt."""
    tree = {"adapter": "memory", "memroy": {}}
    assert wrong(registry, storage=tree) == [
        "storage.memroy: there is no such setting or adapter; did you mean memory?"
    ]


def test_names_are_taken_once(registry: AdapterRegistry) -> None:
    """Two adapters of one name, an unknown port and the reserved name are refused."""
    with pytest.raises(ConfigurationError, match=r"two adapters are called storage\.shelf"):
        registry.add(SHELF)
    for port, name in (("database", "x"), (LOCKS, "storage"), (LOCKS, "")):
        with pytest.raises(ConfigurationError, match="names no adapter"):
            registry.add(AdapterEntry(port, name, Shelf, ShelfSettings))


def distribution(folder: Path, monkeypatch: pytest.MonkeyPatch, point: str, value: str) -> None:
    """Put an installed distribution with one entry point and a module `acme_locks` on the path."""
    info = folder / "acme_locks-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-locks\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[hexkeep.adapters]\n{point} = {value}\n")
    source = """
        from hexkeep.ports.hooks import AdapterEntry
        from tests.unit.bootstrap.test_registry import Shelf, ShelfSettings
        ENTRY = AdapterEntry("locks", "acme", Shelf, ShelfSettings)
    """
    (folder / "acme_locks.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(str(folder))


def test_installed_distribution_brings_an_adapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry point `<port>.<name>` offers an adapter under that name."""
    distribution(tmp_path, monkeypatch, "locks.acme", "acme_locks:ENTRY")
    registry = AdapterRegistry()
    registry.discover()
    assert registry.names(LOCKS) == ["acme", "storage"]
    assert registry.entry(LOCKS, "acme").name == "acme"


@pytest.mark.parametrize(
    ("point", "value", "message"),
    [
        ("locks.acme", "acme_locks:NOTHING", "cannot be loaded"),
        ("locks.acme", "no_such_module:ENTRY", "cannot be loaded"),
        ("locks.other", "acme_locks:ENTRY", "is not the AdapterEntry of"),
        ("locks.acme", "acme_locks:AdapterEntry", "is not the AdapterEntry of"),
    ],
)
def test_broken_entry_points_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, value: str, message: str
) -> None:
    """An entry point that leads nowhere, or to another adapter, is an error once it is chosen."""
    distribution(tmp_path, monkeypatch, point, value)
    registry = AdapterRegistry()
    registry.discover()
    with pytest.raises(ConfigurationError, match=message):
        registry.entry(*point.split("."))
