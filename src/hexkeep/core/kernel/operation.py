"""Operations: each use of the system, declared once; every surface (REST, gRPC, CLI, embedded) is derived from it."""

import enum
import re
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, model_validator

from hexkeep.core.kernel.decision import Context, Decision


class Message(BaseModel):
    """Base of operation inputs and outputs: immutable, strict about names, made of the closed set of wire types.

    No text holds the NUL character: it means nothing anywhere and not every database can store it.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        defer_build=True,
    )

    @model_validator(mode="after")
    def _holds_no_nul(self) -> Self:
        if _has_nul(self.__dict__.values()):
            raise ValueError("text must not contain the NUL character")
        return self


def _has_nul(values: Iterable[object]) -> bool:
    """Whether a text is among values, or within tuples and maps among them, that holds it.

    Every message of every call comes by here, so nothing is made and nothing is matched that need not be.
    """
    for value in values:
        if isinstance(value, str):
            if "\0" in value:
                return True
        elif isinstance(value, tuple):
            if value and _has_nul(value):
                return True
        elif isinstance(value, dict) and value and (_has_nul(value) or _has_nul(value.values())):
            return True
    return False


class Empty(Message):
    """No content."""


I = TypeVar("I", bound=Message)  # noqa: E741 - input; its partner is O
O = TypeVar("O", bound=Message)  # noqa: E741 - output


class ApiName(enum.StrEnum):
    """Who an operation is for, and what it acts on."""

    AUTH = "auth"
    """The caller's own context."""
    MANAGEMENT = "management"
    """One organization."""
    ADMIN = "admin"
    """One instance."""
    SYSTEM = "system"
    """All instances."""
    PROTOCOL = "protocol"
    """Called by protocol adapters (OIDC, login pages) alone; not offered on the generic surfaces."""


class Method(enum.StrEnum):
    """HTTP methods an operation may be bound to."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"
    PATCH = "PATCH"
    DELETE = "DELETE"


@dataclass(frozen=True, slots=True)
class Http:
    """The REST binding: ``{name}`` in ``path`` are input fields; GET and DELETE read the rest from the query."""

    method: Method
    path: str
    status: int = 200

    def path_fields(self) -> tuple[str, ...]:
        """The names of the input fields that stand in the path."""
        return tuple(re.findall(r"{([a-z_]+)}", self.path))


@dataclass(frozen=True, slots=True)
class Operation(Generic[I, O]):
    """One use of the system.

    ``permission`` is a permission string, ``AUTHENTICATED`` or ``PUBLIC``; there is no default, so none is forgotten.
    ``handle`` is pure: it decides on the input within a context. ``writes`` tells whether it may change anything;
    a reading operation whose decision holds changes is a defect and refused. ``idempotent`` accepts an
    ``Idempotency-Key``. ``secrets`` names output fields that are shown once and therefore never stored.

    ``stream`` offers it as a stream as well. It is declared like a list: its input has a ``cursor``, its output a
    ``next_cursor`` and one tuple of messages, and its decision answers one batch behind the cursor. An empty batch
    with the cursor that was given means that there is nothing more for now; one with another, that it goes on there.

    ``enrols`` opens it to callers who have to set up a second factor before anything else.
    """

    name: str
    api: ApiName
    input: type[I]
    output: type[O]
    permission: str
    handle: Callable[[I, Context], Decision[O]]
    http: Http | None = None
    writes: bool = True
    idempotent: bool = False
    secrets: frozenset[str] = frozenset()
    stream: bool = False
    enrols: bool = False

    @property
    def items(self) -> str:
        """The output's one field that is a tuple of messages: what a list or a stream is of; empty if none is."""
        found = [name for name, field in self.output.model_fields.items() if _holds_messages(field.annotation)]
        return found[0] if len(found) == 1 else ""

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (self.handle.__doc__ or self.name).strip().splitlines()[0]

    @property
    def description(self) -> str:
        """The handler's whole docstring, cleaned of its indentation."""
        lines = (self.handle.__doc__ or self.name).strip().splitlines()
        return "\n".join(line.strip() for line in lines)


def _holds_messages(annotation: object) -> bool:
    inner = typing.get_args(annotation)[:1]
    return typing.get_origin(annotation) is tuple and isinstance(inner[0], type) and issubclass(inner[0], Message)


AnyOperation = Operation[Any, Any]
"""An operation whose input and output types do not matter here; Python has no other word for "some type"."""
