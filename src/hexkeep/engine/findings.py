"""What a verification finds: per log how far it came, and the first thing that is not as it was."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.event import Log


class Fault(enum.StrEnum):
    """What can be wrong."""

    MISSING = "missing"
    """There is no event at the position."""
    DIGEST = "digest"
    """The event is not the one that its digest was made of."""
    TIME = "time"
    """The event is dated before the one in front of it."""
    VERSION = "version"
    """The event's version does not follow on the one before in its aggregate."""
    LEAF = "leaf"
    """The event is not the one that was sealed, though it fits its own digest."""
    RANGE = "range"
    """Something in the range is not as it was sealed."""
    SIGNATURE = "signature"
    """The seal was not made by a trusted key."""
    CLAIMS = "claims"
    """The seal says something else than what was signed."""
    CHAIN = "chain"
    """The seal does not follow on the one before it."""
    EPOCH = "epoch"
    """The seal's epoch is not one that it can have."""
    HINTS = "hints"
    """The seal's beginnings of leaves are not those of its events."""
    KEPT = "kept"
    """The seal is gone, or another than the one that was kept elsewhere."""
    RESTORED = "restored"
    """A restore opened a new epoch and left out what a seal kept elsewhere covers."""
    HORIZON = "horizon"
    """Events were dropped that are never to be, or without regard to seals."""
    HEAD = "head"
    """The log's head does not stand at its newest event."""
    UNIQUE_KEY = "unique_key"
    """A unique key has another holder than its history says."""


MEANING: Mapping[Fault, str] = {
    Fault.MISSING: "the event is missing",
    Fault.DIGEST: "the event was changed: it does not fit its digest",
    Fault.TIME: "the event is dated before the one in front of it",
    Fault.VERSION: "the event's version does not follow on its aggregate's",
    Fault.LEAF: "the event is another than the one that was sealed",
    Fault.RANGE: "something in this range is not as it was sealed",
    Fault.SIGNATURE: "the seal over this range has no signature by a trusted key",
    Fault.CLAIMS: "the seal over this range says something else than what was signed",
    Fault.CHAIN: "the seal over this range does not follow on the one before it",
    Fault.EPOCH: "the seal over this range is of an epoch that it cannot be of",
    Fault.HINTS: "the seal over this range was changed, though not in what is signed",
    Fault.KEPT: "the seal over this range is gone, or not the one that was kept elsewhere",
    Fault.RESTORED: "a restore left out what a seal kept elsewhere covers",
    Fault.HORIZON: "events were dropped that are kept, or without regard to seals",
    Fault.HEAD: "the log's head does not stand at its newest event",
    Fault.UNIQUE_KEY: "a unique key has another holder than its history says",
}


@dataclass(frozen=True, slots=True)
class Break:
    """What is wrong at the positions ``first`` to ``last``; the two are the same where one position can be named."""

    fault: Fault
    first: int
    last: int

    @property
    def meaning(self) -> str:
        """The same in words."""
        place = f"position {self.first}" if self.first == self.last else f"positions {self.first} to {self.last}"
        return f"{place}: {MEANING[self.fault]}"


@dataclass(frozen=True, slots=True)
class LogReport:
    """What was seen of one log. Positions are inclusive; everything behind ``broken`` was not looked at."""

    instance: str
    log: Log
    epoch: int
    head: int
    horizon: int
    begin: int
    """The first position that was looked at."""
    events: int
    """Events that were read and checked."""
    seals: int
    """Seals that were checked, dropped ranges included."""
    dropped: int
    """Events that are gone by retention and are vouched for by their seals alone."""
    unsealed: int
    """Events behind the newest seal: checked against their digests, not yet sealed."""
    unfollowed: int
    """Events whose version could not be compared with the one before in bounded memory."""
    broken: Break | None = None


def fields_of(report: LogReport) -> dict[str, JsonValue]:
    """A log's report for a script."""
    return {
        "instance": report.instance,
        "log": report.log.value,
        "epoch": report.epoch,
        "head": report.head,
        "horizon": report.horizon,
        "begin": report.begin,
        "events": report.events,
        "seals": report.seals,
        "dropped": report.dropped,
        "unsealed": report.unsealed,
        "unfollowed": report.unfollowed,
        "broken": break_fields(report.broken),
    }


def break_fields(broken: Break | None) -> JsonValue:
    """A break for a script."""
    if broken is None:
        return None
    return {"fault": broken.fault.value, "first": broken.first, "last": broken.last, "meaning": broken.meaning}
