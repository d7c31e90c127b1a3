"""The records of an archive, each a line of JSON.

An archive is a header, then a section for each instance (the instance ``system`` last), then an end. A section holds,
for each log: where it begins, its events, its key changes and its seals; behind the logs the queue of deliveries,
the blobs and the wrapped keys. All of it is as the storage has it: sealed fields stay sealed and keys stay wrapped, so
an archive is as secret as the database, and worth nothing without the master key.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from hexkeep.core.kernel.event import Log
from hexkeep.ports.blobs import Blob
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.seals import Seal

FORMAT = 2
"""Of the archives that this program writes. It reads this one and those before, and none that is newer.

Archives of format 1 have no blobs."""


@dataclass(frozen=True, slots=True)
class Header:
    """What is in the archive. ``events`` counts them, for a progress bar; ``masters`` names the keys that wrap."""

    id: str
    program: str
    created_at: datetime
    whole: bool
    """A whole store, with the instance ``system``; otherwise one instance that another store can adopt."""
    instances: tuple[str, ...]
    masters: tuple[str, ...]
    events: int
    format: int = FORMAT
    kind: Literal["header"] = "header"


@dataclass(frozen=True, slots=True)
class LogBegun:
    """The log that the next records are of, as it was when the archive was begun."""

    head: Head
    kind: Literal["log"] = "log"


@dataclass(frozen=True, slots=True)
class Events:
    """The next events of the log."""

    events: tuple[StoredEvent, ...]
    kind: Literal["events"] = "events"


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The next key changes of the log."""

    changes: tuple[KeyChange, ...]
    kind: Literal["key_changes"] = "key_changes"


@dataclass(frozen=True, slots=True)
class Seals:
    """The next seals of the log."""

    seals: tuple[Seal, ...]
    kind: Literal["seals"] = "seals"


@dataclass(frozen=True, slots=True)
class Keys:
    """Wrapped data keys of an instance."""

    keys: tuple[WrappedKey, ...]
    kind: Literal["keys"] = "keys"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far one outbox had come in one log of the instance: what lies behind is not in its queue yet."""

    outbox: str
    log: Log
    position: int


@dataclass(frozen=True, slots=True)
class Outboxes:
    """How far the outboxes had come in an instance's logs."""

    instance: str
    reached: tuple[Reached, ...]
    kind: Literal["outboxes"] = "outboxes"


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Rows of an instance's queue, each with its cells in the order of ``columns``; times are texts of ISO 8601."""

    instance: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | bool | None, ...], ...]
    kind: Literal["deliveries"] = "deliveries"


@dataclass(frozen=True, slots=True)
class BlobKept:
    """A blob of an instance, bytes and all."""

    blob: Blob
    kind: Literal["blob"] = "blob"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What the instance ``system`` knows of an instance that leaves its store, and another store has to be told."""

    instance: str
    name: str
    origin: str
    hosts: tuple[str, ...]
    default_organization_id: str
    active: bool
    kind: Literal["adoption"] = "adoption"


@dataclass(frozen=True, slots=True)
class End:
    """Nothing is missing: this many records stand before this one."""

    records: int
    kind: Literal["end"] = "end"


Record = Header | LogBegun | Events | KeyChanges | Seals | Keys | Outboxes | Deliveries | BlobKept | Adoption | End

RECORD: TypeAdapter[Record] = TypeAdapter(
    Annotated[Record, Field(discriminator="kind")],
    config=ConfigDict(ser_json_bytes="base64", val_json_bytes="base64"),
)
