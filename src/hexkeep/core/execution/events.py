"""What happens to an execution: which targets are called when something happens here."""

import enum

from hexkeep.core.kernel.event import Event


class Trigger(enum.StrEnum):
    """When targets are called."""

    UNSPECIFIED = "unspecified"
    REQUEST = "request"
    """Before an operation, with its input."""
    RESPONSE = "response"
    """After an operation, with its output."""
    EVENT = "event"
    """Once an event is recorded."""
    FUNCTION = "function"
    """Where the program itself asks for something, such as claims of a token."""


class Selector(enum.StrEnum):
    """What of these: one of them, a family, or all."""

    UNSPECIFIED = "unspecified"
    OPERATION = "operation"
    SERVICE = "service"
    """All operations of one API."""
    EVENT_TYPE = "event_type"
    EVENT_FAMILY = "event_family"
    """All types of events that begin with a name and a dot."""
    FUNCTION = "function"
    ALL = "all"


class ExecutionSet(Event):
    """From now on these targets are called then, in this order. ``name`` is empty where all are selected."""

    type = "execution.set"

    trigger: Trigger
    selector: Selector
    name: str
    target_ids: tuple[str, ...]


class ExecutionRemoved(Event):
    """Nothing is called then any more."""

    type = "execution.removed"
