"""Errors as problem details (RFC 9457), the same on every surface that has HTTP statuses."""

import json

from pydantic import JsonValue

from hexkeep.adapters.asgi.calls import DPOP_NONCE, IF_MATCH
from hexkeep.adapters.asgi.headers import Headers
from hexkeep.adapters.asgi.response import NO_STORE, Header, Response, retry_after
from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, Unauthenticated, VersionConflict
from hexkeep.core.oidc.errors import ProofRefused
from hexkeep.core.oidc.possession import ALGORITHMS

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:hexkeep:error:"
PRECONDITION_FAILED = 412
REALM = 'Bearer realm="hexkeep"'
ALGS = f'algs="{" ".join(ALGORITHMS)}"'
EITHER = f"{REALM}, DPoP {ALGS}"
"""RFC 9449 section 7.2: for who presented nothing, both schemes by which tokens are taken."""


def judged(error: HexkeepError, asked: Headers) -> HexkeepError:
    """An error as it is answered to a request with these headers.

    A version conflict has the status 412 where ``If-Match`` asked for the version (RFC 9110 section 15.5.13), in the
    problem as in the answer (RFC 9457 section 3.1.2).
    """
    if isinstance(error, VersionConflict) and IF_MATCH in asked:
        error.status = PRECONDITION_FAILED  # type: ignore[misc]  # this answer differs from those of its class
    return error


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
    if isinstance(error, ProofRefused):
        challenge = proof_challenge(error)
    elif isinstance(error, Unauthenticated):
        challenge = (("www-authenticate", f'{REALM}, error="invalid_token"' if presented else EITHER),)
    return (NO_STORE, *challenge, *retry_after(error))


def proof_challenge(error: ProofRefused) -> tuple[Header, ...]:
    """RFC 9449 sections 7.1 and 9: what was wrong, with which algorithms proofs are signed, and the nonce to repeat."""
    said = f'DPoP realm="hexkeep", error="{error.error}", {ALGS}'
    nonce: tuple[Header, ...] = ((DPOP_NONCE, error.nonce),) if error.nonce else ()
    return (("www-authenticate", said), *nonce)


def response(error: HexkeepError, request_id: str, *, presented: bool = False) -> Response:
    """The whole answer."""
    fields = (("content-type", MEDIA_TYPE), *headers(error, presented=presented))
    return Response(error.status, fields, problem_body(error, request_id))
