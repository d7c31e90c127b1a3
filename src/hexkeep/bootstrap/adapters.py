"""The adapters that ship with Hexkeep, by port and name. Nothing here is imported before it is chosen."""

from pathlib import Path
from typing import TYPE_CHECKING

from hexkeep.ports.hooks import AdapterEntry
from hexkeep.ports.storage import Storage

if TYPE_CHECKING:
    from hexkeep.adapters.memory.settings import MemorySettings
    from hexkeep.adapters.sqlite.settings import SqliteSettings

STORAGE = "storage"
LOCKS = "locks"
PUBSUB = "pubsub"
BLOBS = "blobs"
LOCAL_STORAGES = frozenset({"memory", "sqlite"})
"""Storages that live and die with one machine, so that a file beside them serves all who ever use them."""
PORTS = (STORAGE, LOCKS, PUBSUB, BLOBS)
"""The ports whose adapter the settings choose; each is a section of the settings."""


def memory_storage(settings: "MemorySettings") -> Storage:
    """The memory storage on the machine's clock."""
    from hexkeep.adapters.memory.storage import MemoryStorage
    from hexkeep.adapters.system.clock import SystemClock

    return MemoryStorage(settings, SystemClock())


def sqlite_storage(settings: "SqliteSettings") -> Storage:
    """The SQLite storage on the machine's clock; a database server has one of its own."""
    from hexkeep.adapters.sqlite.storage import SqliteStorage
    from hexkeep.adapters.system.clock import SystemClock

    return SqliteStorage(settings, SystemClock())


def defaults(port: str, name: str, folder: Path) -> dict[str, object]:
    """Settings of a built-in adapter that depend on the data folder, unless its own table says otherwise."""
    match port, name:
        case "storage", "sqlite":
            return {"path": folder / "hexkeep.db"}
        case "blobs", "filesystem":
            return {"folder": folder / "blobs"}
        case _:
            return {}


BUILT_IN = (
    AdapterEntry(
        STORAGE,
        "memory",
        "hexkeep.bootstrap.adapters:memory_storage",
        "hexkeep.adapters.memory.settings:MemorySettings",
    ),
    AdapterEntry(
        STORAGE,
        "sqlite",
        "hexkeep.bootstrap.adapters:sqlite_storage",
        "hexkeep.adapters.sqlite.settings:SqliteSettings",
    ),
    AdapterEntry(
        STORAGE,
        "postgres",
        "hexkeep.adapters.postgres.storage:PostgresStorage",
        "hexkeep.adapters.postgres.settings:PostgresSettings",
        install="hexkeep[postgres]",
    ),
    AdapterEntry(
        STORAGE,
        "cockroach",
        "hexkeep.adapters.cockroach.storage:CockroachStorage",
        "hexkeep.adapters.cockroach.settings:CockroachSettings",
        install="hexkeep[cockroach]",
    ),
    AdapterEntry(
        BLOBS,
        "filesystem",
        "hexkeep.adapters.filesystem.blobs:FilesystemBlobs",
        "hexkeep.adapters.filesystem.settings:FilesystemSettings",
    ),
)
