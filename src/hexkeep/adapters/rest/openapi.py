"""The OpenAPI 3.1 document of a set of bound operations. Everything in it comes from the operations themselves."""

import re
from collections.abc import Sequence

from hexkeep.adapters.rest.binding import Binding
from hexkeep.adapters.rest.events import MEDIA_TYPE as EVENT_STREAM
from hexkeep.adapters.rest.openapi_parts import HEADERS, PARAMETERS, PROBLEM, RESPONSES, error_responses
from hexkeep.adapters.rest.schemas import Node, Schemas, reachable, without_null
from hexkeep.core.kernel.permission import PUBLIC

_NOUN = re.compile(r"/[a-z]+/v[0-9]+/([a-z_-]+)")

_LICENSE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
DESCRIPTION = """\
Every operation of this server. Names are snake_case; times are RFC 3339 in UTC; durations are ISO 8601.
Unknown fields and parameters are refused. Errors are problem details (RFC 9457) with a stable `code`.

A write answers with the header `Hexkeep-Position`. Hand it to a list, and the list waits until it shows that write;
reads by id are always current. Lists return `next_cursor` and a `Link` with `rel="next"` while there is more.

A list that offers `text/event-stream` (`Accept`) goes on as Server-Sent Events: `data` is a page, `id` its
`next_cursor`, an event of the type `error` holds a problem and is the last. Streams end after a while; come again with
`Last-Event-ID`.
"""


def build(bindings: Sequence[Binding], version: str) -> Node:
    """The document; ``version`` is the program's."""
    schemas = Schemas(bindings)
    paths: dict[str, Node] = {}
    for binding in bindings:
        paths.setdefault(binding.http.path, {})[binding.http.method.value.lower()] = _operation(binding, schemas)
    document: Node = {
        "openapi": "3.1.0",
        "info": {"title": "Hexkeep", "version": version, "description": DESCRIPTION, "license": _LICENSE},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(tag(binding) for binding in bindings)],
        "paths": paths,
    }
    return document | {"components": _components(reachable(schemas.components, paths))}


def tag(binding: Binding) -> str:
    """The group an operation is shown in: its API and the noun its path begins with."""
    noun = _NOUN.match(binding.http.path)
    return f"{binding.operation.api.value}/{noun[1]}" if noun else binding.operation.api.value


def _components(schemas: Node) -> Node:
    return {
        "schemas": schemas | {"ProblemDetails": PROBLEM},
        "responses": RESPONSES,
        "parameters": PARAMETERS,
        "headers": HEADERS,
        "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "RFC 6750 access token."}},
    }


def _operation(binding: Binding, schemas: Schemas) -> Node:
    operation = binding.operation
    node: Node = {
        "operationId": operation.name,
        "tags": [tag(binding)],
        "summary": operation.summary.rstrip("."),
        "description": operation.description,
        "parameters": [*_parameters(binding, schemas), *_header_parameters(binding)],
        "responses": _responses(binding, schemas),
        "security": [] if operation.permission == PUBLIC else [{"bearer": []}],
        "x-hexkeep-permission": operation.permission or "public",
    }
    if operation.stream:
        node["x-hexkeep-stream"] = True
    if operation.secrets:
        node["x-hexkeep-shown-once"] = sorted(operation.secrets)
    if binding.body:
        content = {"application/json": {"schema": schemas.body(binding)}}
        needed = not schemas.required(binding).isdisjoint(binding.body)
        node["requestBody"] = {"required": needed, "content": content}
    return node


def _parameters(binding: Binding, schemas: Schemas) -> list[Node]:
    fields, required = schemas.fields(binding), schemas.required(binding)
    placed = [("path", name) for name in binding.path] + [("query", name) for name in binding.query]
    return [
        _parameter(name, place, without_null(fields[name]), binding, required=place == "path" or name in required)
        for place, name in placed
    ]


def _parameter(name: str, place: str, schema: Node, binding: Binding, *, required: bool) -> Node:
    node: Node = {"name": name, "in": place, "required": required}
    description = schema.pop("description", "")
    if description:
        node["description"] = description
    known = {**binding.path, **binding.query}[name]
    if known.structured:
        return node | {"content": {"application/json": {"schema": schema}}}
    return node | {"schema": schema}


def _header_parameters(binding: Binding) -> list[Node]:
    wanted = {
        "IdempotencyKey": binding.operation.idempotent,
        "Position": not binding.operation.writes,
        "IfMatch": binding.guarded,
        "LastEventId": binding.operation.stream,
    }
    return [{"$ref": f"#/components/parameters/{name}"} for name, offered in wanted.items() if offered]


def _responses(binding: Binding, schemas: Schemas) -> Node:
    wanted = {
        "X-Request-Id": True,
        "Hexkeep-Position": binding.operation.writes,
        "ETag": binding.versioned,
        "Link": binding.paged,
    }
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name, sent in wanted.items() if sent}
    success: Node = {"description": "Done", "headers": headers}
    if binding.answers_body:
        content: Node = {"application/json": {"schema": schemas.output(binding)}}
        if binding.operation.stream:
            content[EVENT_STREAM] = {"schema": {"type": "string", "description": "Server-Sent Events"}}
        success |= {"description": "The answer", "content": content}
    return {str(binding.http.status): success, **error_responses(binding)}
