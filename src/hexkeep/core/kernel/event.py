"""Events: facts in the past tense, frozen, with a schema revision.

An event class names its wire ``type`` and ``revision``. Fields that tell something about a person are marked with
``Personal``, or ``Unattributed`` while nobody knows about whom; secrets that must be read back with ``Sealed``: the
engine's codec encrypts them all before any adapter sees them. What is never shown to anybody is ``Hidden``. A changed
schema gets the next revision and an upcaster from each older one.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, JsonValue

Fields = dict[str, JsonValue]
"""An event's payload as plain JSON values, before it is a model."""

Upcaster = Callable[[Fields], Fields]
"""Turns the fields of one revision into those of the next one. Pure; it may change its argument."""


class Log(enum.StrEnum):
    """The two logs of an instance. An aggregate type lives in exactly one."""

    DURABLE = "durable"
    """Resources and policies: never deleted."""
    ACTIVITY = "activity"
    """Sessions, sign-ins, token families: dropped by sealed segments as the retention policy says."""


@dataclass(frozen=True, slots=True)
class Personal:
    """Marks a field as a person's data: sealed under that person's key, unreadable once the key is destroyed.

    ``subject`` names the sibling field that holds the person's user id; empty means the aggregate is the person.
    ``erased`` is what a reader sees after erasure.
    """

    subject: str = ""
    erased: JsonValue = ""


@dataclass(frozen=True, slots=True)
class Unattributed:
    """Marks a field that may tell something about somebody who is not known yet: sealed under the key of the day.

    The keys of past days are destroyed when their time is up; ``erased`` is what a reader sees from then on.
    """

    erased: JsonValue = ""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Marks a field as a secret the system must read back, sealed under the named rotatable key."""

    key: str


@dataclass(frozen=True, slots=True)
class Hidden:
    """Marks a field that is kept for comparing alone, such as a hash: no history, audit or export for reading shows it.

    It says nothing about sealing: what is a person's as well, like the hash of a password, is ``Personal`` too.
    """


Sealing = Personal | Unattributed | Sealed
"""The marks of fields that no adapter sees in clear."""


def sealings(event: "type[Event]") -> Mapping[str, Sealing]:
    """The fields of an event class that are sealed, by name."""
    return {
        name: mark
        for name, field in event.model_fields.items()
        for mark in field.metadata
        if isinstance(mark, Personal | Unattributed | Sealed)
    }


def hidden(event: "type[Event]") -> frozenset[str]:
    """The names of the fields of an event class that nobody is shown: hashes, and secrets that are read back."""
    return frozenset(
        name
        for name, field in event.model_fields.items()
        if any(isinstance(mark, Hidden | Sealed) for mark in field.metadata)
    )


class Event(BaseModel):
    """Base of all events. Subclasses set ``type`` (``user.human.added``) and, once changed, ``revision``."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    type: ClassVar[str]
    revision: ClassVar[int] = 1
    upcasters: ClassVar[Mapping[int, Upcaster]] = {}

    @classmethod
    def from_fields(cls, revision: int, fields: Fields) -> Self:
        """The event behind ``fields`` as they were written under ``revision``, brought to the present one.

        Raises ``LookupError`` when a step is missing and pydantic's ``ValidationError`` when the fields do not fit.
        """
        for step in range(revision, cls.revision):
            fields = cls.upcasters[step](fields)
        if revision > cls.revision:
            raise LookupError(f"{cls.type} revision {revision} is newer than this program's {cls.revision}")
        return cls.model_validate(fields)


E_co = TypeVar("E_co", bound=Event, covariant=True)


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E_co]):
    """An event as the log holds it. ``position`` counts within (instance, log), ``version`` within the aggregate."""

    event: E_co
    instance: str
    log: Log
    position: int
    aggregate_type: str
    aggregate_id: str
    version: int
    created_at: datetime
    actor: str
    correlation_id: str
