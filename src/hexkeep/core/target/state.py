"""The state of a target."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import UniqueKey
from hexkeep.core.target.events import (
    TargetAdded,
    TargetChanged,
    TargetKind,
    TargetRemoved,
    TargetSigningKeyRegenerated,
)

NAME_KIND = "target_name"


@dataclass(frozen=True, slots=True)
class Target:
    """A place outside that is called. A removed one keeps nothing."""

    name: str = ""
    kind: TargetKind = TargetKind.UNSPECIFIED
    url: str = ""
    timeout: timedelta = timedelta()
    interrupt_on_error: bool = False
    signing_key: str = field(default="", repr=False)

    @property
    def exists(self) -> bool:
        """Whether it was added and is not removed."""
        return bool(self.url)


def evolve(state: Target, event: Event) -> Target:
    """The state after ``event``; an event that says nothing about targets leaves it as it was."""
    match event:
        case TargetAdded() | TargetChanged():
            key = event.signing_key if isinstance(event, TargetAdded) else state.signing_key
            return Target(event.name, event.kind, event.url, event.timeout, event.interrupt_on_error, key)
        case TargetSigningKeyRegenerated(signing_key=key):
            return replace(state, signing_key=key)
        case TargetRemoved():
            return Target()
        case _:
            return state


TARGET: Aggregate[Target] = Aggregate(
    name="target",
    log=Log.DURABLE,
    initial=Target(),
    events=(TargetAdded, TargetChanged, TargetSigningKeyRegenerated, TargetRemoved),
    evolve=evolve,
    keys=(NAME_KIND,),
)


def target_name_key(name: str) -> UniqueKey:
    """The name of a target, unique in its instance."""
    return UniqueKey(NAME_KIND, "instance", name)
