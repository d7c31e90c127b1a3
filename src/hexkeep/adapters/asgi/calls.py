"""What the headers of a call say besides its input: who calls, how new the answer must be, whether it may repeat.

The same on every surface: REST and RPC over HTTP have them as header fields, gRPC as metadata of the same names.
"""

import re
from collections.abc import Iterator
from typing import Any

from hexkeep.adapters.asgi.certificates import CLIENT_CERTIFICATE, certificate
from hexkeep.adapters.asgi.headers import Headers, single
from hexkeep.core.kernel.errors import InvalidInput, Unauthenticated
from hexkeep.core.kernel.operation import AnyOperation
from hexkeep.core.oidc.errors import InvalidDpopProof, ProofRefused
from hexkeep.ports.api import Anonymous, Answer, Bearer, Credentials, Dpop, Meta, PositionToken

POSITION = "hexkeep-position"
DPOP_NONCE = "dpop-nonce"
IDEMPOTENCY_KEY = "idempotency-key"

IF_MATCH = "if-match"
USER_AGENT = "user-agent"

_ETAG = re.compile(r'"([0-9]{1,18})"')
_MAX_USER_AGENT = 512
_CREDENTIALS = re.compile(r"(bearer|dpop) +([A-Za-z0-9._~+/-]+=*) *", re.IGNORECASE)
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_MAX_CREDENTIALS = 8192
_MAX_POSITIONS = 16


def credentials(headers: Headers, method: str, url: str) -> Credentials:
    """The bearer token (RFC 6750 section 2.1), the bound one (RFC 9449 section 7.1), or nobody.

    ``method`` and ``url`` are those that a proof has to be for. Raises ``Unauthenticated`` for anything malformed.
    """
    values = headers.get("authorization", ())
    if not values:
        return Anonymous()
    found = _CREDENTIALS.fullmatch(values[0]) if len(values[0]) <= _MAX_CREDENTIALS else None
    if len(values) > 1 or found is None:
        raise Unauthenticated("The Authorization header must hold one bearer token, or one with a DPoP proof")
    shown = certificate(single(headers, CLIENT_CERTIFICATE)) if CLIENT_CERTIFICATE in headers else ""
    if found[1].lower() == "bearer":
        return Bearer(found[2], shown)
    return Dpop(found[2], _proof(headers), method, url, shown)


def _proof(headers: Headers) -> str:
    """RFC 9449 section 4.3 point 1: there is one; raises ``ProofRefused``."""
    values = headers.get("dpop", ())
    if len(values) != 1 or len(values[0]) > _MAX_CREDENTIALS:
        raise ProofRefused("There must be one DPoP header", error=InvalidDpopProof.error)
    return values[0]


def idempotency_key(headers: Headers) -> str:
    """The ``Idempotency-Key``, empty when absent: up to 255 visible ASCII characters."""
    key = single(headers, IDEMPOTENCY_KEY)
    if key and not _KEY.fullmatch(key):
        raise InvalidInput("The header Idempotency-Key must be 1 to 255 visible ASCII characters")
    return key


def positions(headers: Headers) -> tuple[PositionToken, ...]:
    """The tokens of ``Hexkeep-Position``: comma separated, repeated, or both."""
    texts = [text.strip() for value in headers.get(POSITION, ()) for text in value.split(",") if text.strip()]
    if len(texts) > _MAX_POSITIONS:
        raise InvalidInput(f"The header Hexkeep-Position holds more than {_MAX_POSITIONS} tokens")
    return tuple(PositionToken.parse(text) for text in texts)


def told(answer: Answer[Any]) -> Iterator[tuple[str, str]]:
    """The headers of an answer: where it was written, and what the caller's next DPoP proof has to repeat."""
    if answer.position is not None:
        yield POSITION, str(answer.position)
    if answer.dpop_nonce:
        yield DPOP_NONCE, answer.dpop_nonce


def expected_version(if_match: str) -> int | None:
    """The version in ``If-Match`` (RFC 9110 section 13.1.1), ``None`` if it asks nothing; raises ``InvalidInput``."""
    if not if_match or if_match == "*":
        return None
    tag = _ETAG.fullmatch(if_match)
    if tag is None:
        raise InvalidInput("The header If-Match must hold one entity tag as this server sent it")
    return int(tag[1])


def precondition(if_match: str, operation: AnyOperation, *, guarded: bool) -> int | None:
    """The same for a call of an operation, which is ``guarded`` where its caller may insist on a version.

    Reads ask nothing. One that writes and looks at no version is refused, before it overwrites what its caller wants
    kept: ``InvalidInput``.
    """
    version = expected_version(if_match) if guarded or operation.writes else None
    if version is not None and not guarded:
        raise InvalidInput(f"{operation.name} takes no If-Match")
    return version


def meta(
    headers: Headers, *, host: str, address: str, surface: str, timeout: float, longest: float, correlation_id: str
) -> Meta:
    """The facts of a call; raises ``InvalidInput`` for a header that is malformed."""
    return Meta(
        host=host,
        min_positions=positions(headers),
        idempotency_key=idempotency_key(headers),
        timeout=timeout,
        longest=longest,
        surface=surface,
        address=address,
        user_agent=next(iter(headers.get(USER_AGENT, ())), "")[:_MAX_USER_AGENT],
        correlation_id=correlation_id,
    )
