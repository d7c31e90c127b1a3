"""What an execution may be about: the operations and events of all slices, plugins' among them, told by the engine."""

from collections.abc import Mapping
from dataclasses import dataclass

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.operation import ApiName


@dataclass(frozen=True, slots=True)
class RegisteredOperation:
    """An operation: which API it is part of, which slice brings it, and what it does in a sentence."""

    api: ApiName
    slice: str
    summary: str


@dataclass(frozen=True, slots=True)
class Registered:
    """Everything that can be named: operations by name, and types of events."""

    operations: Mapping[str, RegisteredOperation]
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class RegisteredNames(Ask[Registered]):
    """What this program has registered. The same as long as it runs."""
