"""Bytes that are too large for an event: kept beside the log, under the aggregate whose events refer to them."""

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import FailedPrecondition


@dataclass(frozen=True, slots=True)
class StoreBlob(Ask[str]):
    """Keep bytes under an aggregate; the answer is the name by which they are found there.

    The name is a keyed hash of owner and content: nobody guesses it, the same bytes have the same one, and a decision
    that is made anew or comes to nothing leaves at most bytes that nobody refers to. Those are removed after a day, so
    the event that holds the name has to be written by this decision. ``person`` names the user under whose key they are
    sealed; then ``owner`` has the user's id. ``FailedPrecondition`` for one who was erased.
    """

    raises = (FailedPrecondition,)

    owner: Ref
    content: bytes = field(repr=False)
    content_type: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class ReadBlob(Ask[bytes | None]):
    """The bytes under a name; ``None`` when there are none any more, or their person was erased."""

    lasting = False

    owner: Ref
    name: str
    person: str = ""


@runtime_checkable
class HoldsBlobs(Protocol):
    """An optional ability of a state: it tells which of the aggregate's blobs are referred to. The others go."""

    @property
    def blobs(self) -> frozenset[str]:
        """Their names."""
