"""The page of all events."""

from collections.abc import Iterator, Sequence

from hexkeep.bootstrap.reference.table import table
from hexkeep.bootstrap.reference.type_names import type_name
from hexkeep.core.kernel.aggregate import AnyAggregate
from hexkeep.core.kernel.event import Event, Hidden, Personal, Sealed, Unattributed
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.slices import SLICES

Mark = Personal | Unattributed | Sealed | Hidden
INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the events of the slices instead. -->

# Events

All that happens is one of these, in the log of its instance. A type and its fields are kept for ever: a changed schema
gets the next revision, and older ones are read through upcasters. The durable log is never deleted; the activity log is
made to be dropped by age.

A field marked *personal* is sealed under the key of the person it is about (of the user that the field in brackets
names, else of the aggregate itself) and reads as nothing once that key is destroyed. One marked *unattributed* may
tell something about somebody who is not known yet, and is sealed under the key of the day. One marked *sealed* is a
secret that has to be read back, under the key named in brackets. One marked *hidden* is kept for comparing and shown to
nobody. How: [sealing and keys](../explanation/sealing-and-keys.md).
"""


def events_page(slices: Sequence[Slice] = SLICES) -> str:
    """The events of ``slices``, aggregate by aggregate."""
    return INTRODUCTION + "".join(_section(one) for slice_ in slices for one in slice_.aggregates)


def _section(aggregate: AnyAggregate) -> str:
    head = ("Event", "Revision", "Fields", "What happened")
    return f"\n## {aggregate.name} ({aggregate.log.value} log)\n\n{table(head, map(_row, aggregate.events))}"


def _row(event: type[Event]) -> tuple[str, ...]:
    meaning = (event.__doc__ or "").strip().partition("\n\n")[0].replace("``", "`")
    return f"`{event.type}`", str(event.revision), "; ".join(_fields(event)), meaning


def _fields(event: type[Event]) -> Iterator[str]:
    for name, field in event.model_fields.items():
        marks = [_mark(one) for one in field.metadata if isinstance(one, Mark)]
        yield ", ".join((f"`{name}` {type_name(field.annotation)}", *marks))


def _mark(mark: Mark) -> str:
    named = mark.subject if isinstance(mark, Personal) else mark.key if isinstance(mark, Sealed) else ""
    return f"*{type(mark).__name__.lower()}*" + (f" (`{named}`)" if named else "")
