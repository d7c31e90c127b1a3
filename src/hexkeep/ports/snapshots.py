"""Snapshots: states of aggregates with long streams, kept so that not every event has to be read again.

A snapshot is a cache and proves nothing: whoever cannot read one folds the stream. State is sealed by the engine.
"""

from dataclasses import dataclass
from typing import Protocol

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state of ``stream`` at ``version``. ``schema`` names the shape of the state: another shape is no snapshot."""

    instance: str
    stream: Ref
    version: int
    schema: str
    state: bytes


class Snapshots(Adapter, Protocol):
    """The port. Every method may be called concurrently; every one may raise ``StorageUnavailable``."""

    async def put(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in place of the stream's older one, unless one of its schema that is as new is kept."""

    async def get(self, instance: str, stream: Ref) -> Snapshot | None:
        """The snapshot of a stream."""

    async def forget(self, instance: str, type_: str | None = None, id_: str | None = None) -> None:
        """Remove the snapshots of an instance: all, those of one aggregate type, or that of one aggregate."""
