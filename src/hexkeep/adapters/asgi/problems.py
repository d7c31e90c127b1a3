"""Errors as problem details (RFC 9457), the same on every surface that has HTTP statuses."""

import json

from pydantic import JsonValue

from hexkeep.adapters.asgi.response import NO_STORE, Header, Response, retry_after
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, Unauthenticated

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:hexkeep:error:"
REALM = 'Bearer realm="hexkeep"'


def document(error: HexkeepError, request_id: str) -> dict[str, JsonValue]:
    """The members of the problem: those of the RFC, the stable ``code``, and what is safe to know about the cause."""
    members: dict[str, JsonValue] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.message,
        "instance": f"urn:hexkeep:request:{request_id}",
        "code": error.code,
    }
    if isinstance(error, InvalidInput) and error.violations:
        members["violations"] = [{"field": one.field, "message": one.message} for one in error.violations]
    if error.details:
        members["details"] = dict(error.details)
    return members


def problem_body(error: HexkeepError, request_id: str) -> bytes:
    """The problem as JSON."""
    text = json.dumps(document(error, request_id), ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def headers(error: HexkeepError, *, presented: bool = False) -> tuple[Header, ...]:
    """What goes with it; ``presented`` tells whether the caller showed credentials (RFC 6750 section 3)."""
    challenge: tuple[Header, ...] = ()
    if isinstance(error, Unauthenticated):
        challenge = (("www-authenticate", REALM + (', error="invalid_token"' if presented else "")),)
    return (NO_STORE, *challenge, *retry_after(error))


def response(error: HexkeepError, request_id: str, *, presented: bool = False) -> Response:
    """The whole answer."""
    fields = (("content-type", MEDIA_TYPE), *headers(error, presented=presented))
    return Response(error.status, fields, problem_body(error, request_id))
