"""Changing what is there: which fields, and only if nobody else was first.

A partial update names what it changes by what it holds, or by a mask. Without a mask every field that is given is
changed and what is left out stays; with one exactly the fields it names are changed, and one that it names but that is
left out becomes empty (the semantics of ``google.protobuf.FieldMask`` in updates, AIP-134).
"""

import enum
import typing
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, VersionConflict, Violation
from hexkeep.core.kernel.operation import Message

EVERYTHING = "*"
"""The mask of an update that replaces all there is to change."""


@dataclass(frozen=True, slots=True)
class Mask:
    """Marks a text as a field mask: names of fields, separated by commas."""


FieldMask = Annotated[
    str, StringConstraints(max_length=4000, pattern=r"^(\*|[a-z][a-z0-9_]*(,[a-z][a-z0-9_]*)*)?$"), Mask()
]
"""Names of fields, separated by commas; ``*`` names all of them, and nothing those that are given."""

ExpectedVersion = Annotated[int, Field(ge=1, lt=1 << 63)]


class Conditional(Message):
    """Base of inputs that change or remove one resource: they may insist on the version that the caller has seen."""

    expected_version: ExpectedVersion | None = Field(
        default=None, description="Refuse unless the resource is at this version; the `If-Match` of REST."
    )


class UpdateRequest(Conditional):
    """Base of the inputs of partial updates. What may be changed is declared as ``field: X | None = None``."""

    update_mask: FieldMask = Field(
        default="",
        description="The fields to change, separated by commas; one that is left out becomes empty. `*`: all. "
        "Without a mask what is given is changed, and what is left out stays.",
    )

    @classmethod
    def changeable(cls) -> tuple[str, ...]:
        """The names of the fields that may be changed, in order."""
        return tuple(
            name
            for name, field in cls.model_fields.items()
            if name not in UpdateRequest.model_fields and not field.is_required() and field.default is None
        )

    def changes(self) -> dict[str, Any]:
        """What is to become of which field; raises ``InvalidInput`` for a mask that does not fit."""
        given = {name: value for name in self.changeable() if (value := getattr(self, name)) is not None}
        if not self.update_mask:
            return given
        return {name: given[name] if name in given else self._emptied(name) for name in self._named()}

    def _named(self) -> tuple[str, ...]:
        known = self.changeable()
        if self.update_mask == EVERYTHING:
            return known
        named = self.update_mask.split(",")
        wrong = [Violation("update_mask", f"{name} is not a field to change") for name in named if name not in known]
        if wrong:
            raise InvalidInput("", *wrong)
        return tuple(dict.fromkeys(named))

    def _emptied(self, name: str) -> object:
        """The empty value of a field, if it may be empty."""
        empty = _empty(type(self).model_fields[name])
        try:
            checked = type(self).model_validate({**self.model_dump(exclude={"update_mask"}), name: empty})
        except ValidationError:
            raise InvalidInput("", Violation(name, "cannot be empty")) from None
        value: object = getattr(checked, name)
        if value is None:
            raise InvalidInput("", Violation(name, "cannot be empty"))
        return value


def _empty(field: FieldInfo) -> object:
    """The empty value of the type that a field holds; ``None`` for a type that has none."""
    kind = next(member for member in typing.get_args(field.annotation) if member is not type(None))
    while typing.get_origin(kind) is Annotated:
        kind = typing.get_args(kind)[0]
    origin = typing.get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, enum.Enum):
        return next(iter(origin))
    if isinstance(origin, type) and issubclass(origin, Message):
        return {}
    empties: dict[object, object] = {str: "", bytes: b"", tuple: (), dict: {}, bool: False, int: 0, float: 0.0}
    return empties.get(origin)


def expect(ctx: Context, aggregate: Aggregate[Any], aggregate_id: str, request: Conditional) -> None:
    """Insist on the version that the caller has seen, if the request names one; raises ``VersionConflict``.

    Behind the permission check: to whom a resource is not shown its version is not either.
    """
    if request.expected_version is None:
        return
    actual = ctx.version(aggregate, aggregate_id)
    if actual != request.expected_version:
        raise VersionConflict(request.expected_version, actual)
