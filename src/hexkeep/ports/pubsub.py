"""Pub/sub: hints that a log has grown. A hint may be lost, merged or repeated, so nothing may depend on getting one."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from hexkeep.core.kernel.event import Log
from hexkeep.ports.adapter import Adapter


@dataclass(frozen=True, slots=True)
class Hint:
    """Something new may be in this log."""

    instance: str
    log: Log


class PubSub(Adapter, Protocol):
    """The port. Reaches every subscriber in this process and, where the technology can, in the other nodes."""

    def publish(self, hint: Hint) -> None:
        """Tell everybody, soon. Never blocks, never fails; merges hints that are still on their way."""

    def subscribe(self) -> AbstractAsyncContextManager[AsyncIterator[Hint]]:
        """Hints published from now on. A slow subscriber gets merged hints, never an unbounded queue.

        The iterator ends when the adapter is closed. After a lost connection one hint per known log is repeated.
        """
