"""What a server tells of its operations (OpenAPI 3.1), for those that this program has not been generated from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from hexkeep.core.kernel.errors import Internal
from hexkeep.core.kernel.operation import Http, Method

METHODS = frozenset(method.value.lower() for method in Method)
KEY_PARAMETER = "#/components/parameters/IdempotencyKey"
POSITION_PARAMETER = "#/components/parameters/Position"


@dataclass(frozen=True, slots=True)
class Documented:
    """An operation as the document has it. ``reads``: it changes nothing, so it takes a position."""

    http: Http
    idempotent: bool
    reads: bool

    def answer(self, body: bytes) -> JsonValue:
        """The output as plain values."""
        try:
            parsed: JsonValue = json.loads(body) if body else {}
        except ValueError as error:
            raise Internal("The server's answer is not JSON") from error
        return parsed


def documented(document: bytes) -> Mapping[str, Documented]:
    """The operations of a document by name; raises ``Internal`` for what is none."""
    try:
        paths = json.loads(document)["paths"]
        return {
            node["operationId"]: _operation(Http(Method(method.upper()), path), node)
            for path, methods in paths.items()
            for method, node in methods.items()
            if method in METHODS and "operationId" in node
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Internal("The server does not describe itself in OpenAPI") from error


def _operation(http: Http, node: Mapping[str, list[Mapping[str, str]]]) -> Documented:
    shared = {one.get("$ref") for one in node.get("parameters", [])}
    return Documented(http, KEY_PARAMETER in shared, POSITION_PARAMETER in shared)
