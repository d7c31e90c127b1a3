"""The parts of the OpenAPI document that do not depend on any operation: headers and error responses."""

from collections.abc import Mapping

from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.problems import MEDIA_TYPE, TYPE_PREFIX
from hexkeep.adapters.rest.binding import Binding
from hexkeep.adapters.rest.schemas import Node
from hexkeep.core.kernel import errors
from hexkeep.core.kernel.permission import PUBLIC

_TEXT = {"type": "string"}

PROBLEM: Node = {
    "title": "ProblemDetails",
    "description": "A problem (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": [f"{TYPE_PREFIX}{errors.NotFound.code}"]},
        "title": {"type": "string", "description": "What this kind of problem is called."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "format": "uri", "description": "Names this call; quote it to an operator."},
        "code": {"type": "string", "description": "Stable and machine readable."},
        "violations": {
            "type": "array",
            "description": "The fields at fault.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": _TEXT, "message": _TEXT},
            },
        },
        "details": {"type": "object", "additionalProperties": _TEXT},
    },
}

PARAMETERS: Node = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A key of the caller's choice: the same request under the same key is carried out once.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
    "Position": {
        "name": "Hexkeep-Position",
        "in": "header",
        "description": "Position tokens of earlier writes, comma separated: the answer is at least as new.",
        "schema": _TEXT,
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "Of a stream: the `id` of the last event that was received, in place of `cursor`.",
        "schema": _TEXT,
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "The entity tag of the version to change; a resource changed since is left alone.",
        "schema": _TEXT,
    },
}


def _header(description: str) -> Node:
    return {"description": description, "schema": _TEXT}


HEADERS: Node = {
    "X-Request-Id": _header("What this call is known by in logs and events."),
    "Hexkeep-Position": _header("Where the log stood after this write."),
    "ETag": _header("The version of the resource, as a strong entity tag."),
    "Link": _header('The next page, `rel="next"` (RFC 8288), while there is one.'),
}

_SHARED = (
    errors.InvalidInput,
    errors.Unauthenticated,
    errors.PermissionDenied,
    errors.NotFound,
    errors.Conflict,
    errors.TooLarge,
    UnsupportedMediaType,
)


def _response(description: str) -> Node:
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }


RESPONSES: Node = {error.__name__: _response(error.title) for error in _SHARED} | {
    "Problem": _response("Any other problem")
}


def error_responses(binding: Binding) -> Node:
    """The error responses an operation may give, by status; ``default`` stands for those that any may give."""
    guarded = binding.operation.permission != PUBLIC
    offered: Mapping[type[errors.HexkeepError], bool] = {
        errors.InvalidInput: True,
        errors.Unauthenticated: guarded,
        errors.PermissionDenied: guarded,
        errors.NotFound: bool(binding.path),
        errors.Conflict: binding.operation.writes,
        errors.TooLarge: binding.has_body,
        UnsupportedMediaType: binding.has_body,
    }
    named = {str(error.status): _reference(error.__name__) for error, given in offered.items() if given}
    if binding.guarded:
        named["412"] = _reference(errors.Conflict.__name__)
    return {**named, "default": _reference("Problem")}


def _reference(name: str) -> Node:
    return {"$ref": f"#/components/responses/{name}"}
