"""How one operation is bound to HTTP: which of its input's fields stand in the path, the query and the body."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from pydantic import JsonValue

from hexkeep.adapters.asgi.calls import precondition
from hexkeep.adapters.asgi.json_text import Fields
from hexkeep.adapters.rest.parameters import Parameter, parameter, read_path, read_query
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import AnyOperation, Http, Method

EXPECTED_VERSION = "expected_version"

_SEGMENT = re.compile(r"(?:[^{}/]+|{[a-z_]+})?")


@dataclass(frozen=True, slots=True)
class Binding:
    """An operation and the places of its input. ``route`` is its path as Litestar writes it."""

    operation: AnyOperation
    http: Http
    path: Mapping[str, Parameter]
    query: Mapping[str, Parameter]
    body: tuple[str, ...]
    """The fields of the JSON body; none for GET and DELETE."""

    @property
    def route(self) -> str:
        """The path with its fields marked as single segments of text."""
        return re.sub(r"{([a-z_]+)}", r"{\1:str}", self.http.path)

    @property
    def has_body(self) -> bool:
        """Whether input is read from a body; GET and DELETE have none (RFC 9110 sections 9.3.1 and 9.3.5)."""
        return self.http.method not in (Method.GET, Method.DELETE)

    @property
    def answers_body(self) -> bool:
        """Whether the success status has content (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5)."""
        return self.http.status not in (204, 205, 304)

    @property
    def paged(self) -> bool:
        """Whether answers may have a next page that a link can name."""
        fields = self.operation.output.model_fields
        return self.http.method is Method.GET and "cursor" in self.query and "next_cursor" in fields

    @property
    def versioned(self) -> bool:
        """Whether answers carry the version of what they show."""
        field = self.operation.output.model_fields.get("version")
        return field is not None and field.annotation is int

    @property
    def guarded(self) -> bool:
        """Whether the caller may insist on a version."""
        return EXPECTED_VERSION in self.operation.input.model_fields

    def fields(self, path: Mapping[str, str], query: str, body: Fields) -> dict[str, JsonValue]:
        """The input as plain values from all its places; raises ``InvalidInput`` for what stands in a wrong one."""
        misplaced = [Violation(name, "This field is taken from the path") for name in body if name in self.path]
        if misplaced:
            raise InvalidInput("", *misplaced)
        return {**body, **read_query(query, self.query), **read_path(_decoded(path), self.path)}

    def with_precondition(self, fields: dict[str, JsonValue], if_match: str) -> None:
        """Put the version of an ``If-Match`` header (RFC 9110 section 13.1.1) into the input; ``*`` asks nothing."""
        version = precondition(if_match, self.operation, guarded=self.guarded)
        if version is not None and fields.setdefault(EXPECTED_VERSION, version) != version:
            raise InvalidInput("The header If-Match and the field expected_version differ")


def bind(operation: AnyOperation, http: Http) -> Binding:
    """The binding of ``operation``; raises ``ValueError`` for a path whose fields are not whole segments."""
    if not all(_SEGMENT.fullmatch(segment) for segment in http.path.split("/")):
        raise ValueError(f"{operation.name}: a field of the path must be a whole segment")
    fields = operation.input.model_fields
    in_path = http.path_fields()
    rest = tuple(name for name in fields if name not in in_path)
    by_query = http.method in (Method.GET, Method.DELETE)
    return Binding(
        operation,
        http,
        path={name: parameter(fields[name]) for name in in_path},
        query={name: parameter(fields[name]) for name in rest} if by_query else {},
        body=() if by_query else rest,
    )


def _decoded(path: Mapping[str, str]) -> dict[str, str]:
    """The path's values without percent encoding, which routing leaves in place so that ``%2F`` parts nothing."""
    try:
        return {name: unquote(value, errors="strict") if "%" in value else value for name, value in path.items()}
    except UnicodeDecodeError as error:
        raise InvalidInput("The path is not UTF-8") from error
