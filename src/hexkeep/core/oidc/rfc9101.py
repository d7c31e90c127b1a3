"""JWT-Secured Authorization Requests (RFC 9101): what a request object says, and whether it may be believed.

What is outside of a request object counts for nothing, but the client's id and the object itself (section 5), whether
it is signed or, of who need not sign, is not: nothing is merged with it, as OIDC Core section 6.1 once had it.
"""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.oidc import json_text, rfc7523
from hexkeep.core.oidc.errors import InvalidRequestObject

TYPE = "oauth-authz-req+jwt"
"""Section 10.8: the explicit ``typ`` of a request object; ``JWT`` and none will do as well."""
LONGEST = timedelta(hours=1)
"""FAPI 2.0 Message Signing section 5.3.1: how long an object holds, and how long ago it may have begun to."""
MAX_OBJECT = 16_384
UNSIGNED, JWS_DOTS = "none", 2
"""RFC 7518 section 3.6: the ``alg`` of what nobody signed. A compact JWS has three parts, the last one empty there."""
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")
JTI = re.compile(r"[\x20-\x7e]{1,200}")
ENVELOPE = frozenset({"iss", "aud", "exp", "nbf", "iat", "jti", "sub"})
"""Claims about the object itself, which are no parameters."""
RESOURCE = "resource"
"""RFC 8707 section 2: the one parameter that there may be more than one of."""
NESTED = frozenset({"request", "request_uri"})
"""Section 4: what must not be in an object."""
CREDENTIALS = frozenset({"client_secret", "client_assertion", "client_assertion_type"})


@dataclass(frozen=True, slots=True)
class Contained:
    """The parameters in a request object; ``resources`` has every value of ``resource`` (RFC 8707 section 2).

    ``signed`` tells whether the client signed it.
    """

    params: dict[str, str] = field(repr=False)
    resources: tuple[str, ...] = ()
    signed: bool = False


def unsecured(text: str) -> dict[str, JsonValue] | None:
    """RFC 7519 section 6: what a JWT says that nobody signed; ``None`` for any other text, a signed one among them."""
    header, payload, signature = text.split(".") if text.count(".") == JWS_DOTS else ("", "", text)
    said = {} if signature else _read(header)
    return _read(payload) if said and said.get("alg") == UNSIGNED and "crit" not in said else None


def _read(encoded: str) -> dict[str, JsonValue] | None:
    if not BASE64URL.fullmatch(encoded):
        return None
    try:
        return claims_in(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode())
    except ValueError:
        return None


def claims_in(text: str) -> dict[str, JsonValue] | None:
    """The JSON object that a text is, or ``None``."""
    try:
        found = json_text.read(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def contained(
    claims: Mapping[str, JsonValue], client_id: str, issuer: str, now: datetime, *, strict: bool, signed: bool = True
) -> Contained:
    """Sections 4 and 6.3: the parameters behind claims; raises ``InvalidRequestObject``.

    The claims are *verified*, or, where they are not ``signed``, of no more weight than a query.

    ``strict`` are the rules of FAPI 2.0 Message Signing section 5.3.1: audience and both times have to be there.
    """
    _insist_on_parties(claims, client_id, issuer, strict=strict)
    _insist_on_time(claims, now.timestamp(), strict=strict)
    if NESTED & claims.keys():
        raise InvalidRequestObject("The request object contains another one")
    found = {_plain(name): _plain(value) for name, value in _parameters(claims) if value}
    return Contained(found, tuple(_resources(claims)), signed)


def _insist_on_parties(claims: Mapping[str, JsonValue], client_id: str, issuer: str, *, strict: bool) -> None:
    """Sections 4 and 10.8: by this client, for us; nothing that it has signed for another purpose."""
    if claims.get("client_id") != client_id or claims.get("iss", client_id) != client_id:
        raise InvalidRequestObject("The request object is not of this client")
    if claims.get("sub") == client_id:
        raise InvalidRequestObject("The request object may be an assertion of the client")
    audience = claims.get("aud", None if strict else issuer)
    if issuer not in (audience if isinstance(audience, list) else [audience]):
        raise InvalidRequestObject("The aud of the request object is not the issuer")
    token_id = claims.get("jti", "-")
    if not isinstance(token_id, str) or not JTI.fullmatch(token_id):
        raise InvalidRequestObject("The jti of the request object is malformed")


def _insist_on_time(claims: Mapping[str, JsonValue], now: float, *, strict: bool) -> None:
    """RFC 7519 sections 4.1.4 to 4.1.6. The client's clock may be ahead of ours, and an object is never kept long."""
    expires, begins, issued = (_time(claims, name) for name in ("exp", "nbf", "iat"))
    if strict and (expires is None or begins is None):
        raise InvalidRequestObject("The request object lacks exp or nbf")
    if expires is not None and expires <= now:
        raise InvalidRequestObject("The request object has expired")
    if max(begins or now, issued or now) > now + rfc7523.LEEWAY_SECONDS:
        raise InvalidRequestObject("The request object is not valid yet")
    longest = LONGEST.total_seconds()
    # In this order: a `begins` that is near can be added to, while `expires` may be any number at all.
    if strict and begins is not None and expires is not None and (begins < now - longest or expires > begins + longest):
        raise InvalidRequestObject("The request object holds for longer than an hour")


def _time(claims: Mapping[str, JsonValue], name: str) -> float | None:
    if name not in claims:
        return None
    value = claims[name]
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidRequestObject(f"The {name} of the request object is not a time")
    return value


def _parameters(claims: Mapping[str, JsonValue]) -> Iterator[tuple[str, str]]:
    """Section 4: texts as they are; whatever else as JSON, which is what numbers and JSON parameters are outside.

    Where a parameter should have been a text this makes one of it that is refused, or that means nothing.
    """
    for name, value in claims.items():
        if name not in ENVELOPE and name not in CREDENTIALS and name != RESOURCE and value is not None:
            yield name, value if isinstance(value, str) else _json(value)


def _json(value: JsonValue) -> str:
    try:
        json_text.insist_on_plain(value)
        return json_text.write(value)
    except ValueError:
        raise InvalidRequestObject("JSON in the request object cannot be kept") from None


def _resources(claims: Mapping[str, JsonValue]) -> Iterator[str]:
    value = claims.get(RESOURCE, [])
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, str):
            raise InvalidRequestObject("A resource in the request object is not a text")
        yield _plain(one)


def _plain(text: str) -> str:
    """A text that can be kept; raises ``InvalidRequestObject``."""
    try:
        json_text.insist_on_plain(text)
    except ValueError:
        raise InvalidRequestObject("A text in the request object cannot be kept") from None
    if len(text) > MAX_OBJECT:
        raise InvalidRequestObject("A parameter in the request object is too long")
    return text
