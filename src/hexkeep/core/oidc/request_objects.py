"""Request objects (RFC 9101): fetched from where the client registered them, decrypted, and verified by its keys."""

import base64
import json
from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.network import network
from hexkeep.core.kernel.outside import FetchText
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import rfc9101
from hexkeep.core.oidc.algorithms import KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.asks import DecryptJwt
from hexkeep.core.oidc.client_jwks import verify_by_client
from hexkeep.core.oidc.errors import (
    InvalidRequestObject,
    InvalidRequestUri,
    RequestNotSupported,
    RequestUriNotSupported,
)
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.oidc.rfc9101 import Contained

ENCRYPTED_PARTS = 5
"""A compact JWE has five parts (RFC 7516 section 9), a compact JWS three."""
MAX_FETCHED = 32_768
FETCHES, WINDOW_SECONDS = 120, 60
"""How many objects are fetched within a minute, for one address that asks: nobody has to prove anything for that."""
FOUND = 200


def referenced(ctx: Context, client: Client, uri: str) -> str:
    """RFC 9101 section 5.2: the object at a URI that the client registered (OIDC Registration 1.0, ``request_uris``).

    Raises ``RequestUriNotSupported`` for a client without any, ``InvalidRequestUri`` for another URI, and where there
    is nothing, and ``ResourceExhausted`` for an address that has us fetch without end. A fragment tells the hash of the
    content, so that it may be cached (OIDC Core section 6.2); nothing is cached here, so it counts for nothing.
    """
    registered = client.application.client_metadata.request_uris
    if not registered:
        raise RequestUriNotSupported
    address = uri.partition("#")[0]
    if address not in {one.partition("#")[0] for one in registered}:
        raise InvalidRequestUri("The request_uri is not registered for this application")
    if ctx.ask(CountUp(f"request_uri/{network(ctx.request.address)}", WINDOW_SECONDS)) > FETCHES:
        raise ResourceExhausted("Too many request objects were fetched", retry_after=WINDOW_SECONDS)
    fetched = ctx.ask(FetchText(address, MAX_FETCHED))
    if fetched.status != FOUND or not fetched.text.strip():
        raise InvalidRequestUri("There is no request object at the request_uri")
    return fetched.text.strip()


def opened(ctx: Context, client: Client, text: str) -> Contained:
    """Sections 6.1 to 6.3: what an object says that this client signed and perhaps encrypted to us.

    Of a client that need not sign (``Rules.unsigned_requests``) it may be one that nobody signed. Raises
    ``InvalidRequestObject``, and ``RequestNotSupported`` for such a one of another client.
    """
    metadata, rules = client.application.client_metadata, rules_of(client.application)
    inner = _decrypted(ctx, metadata, text)
    unsigned = _unsigned(text, inner) if rules.unsigned_requests else None
    claims = _signed(ctx, client, inner) if unsigned is None else unsigned
    strict, signed = rules.timed_requests, unsigned is None
    return rfc9101.contained(claims, client.id, ctx.request.issuer, ctx.now, strict=strict, signed=signed)


def _unsigned(text: str, decrypted: str) -> Mapping[str, JsonValue] | None:
    """OIDC Core section 6.1: the claims of an unsecured JWT, or those that stand in a JWE themselves, or ``None``."""
    bare = decrypted != text and decrypted.startswith("{")
    return rfc9101.claims_in(decrypted) if bare else rfc9101.unsecured(decrypted)


def _signed(ctx: Context, client: Client, signed: str) -> Mapping[str, JsonValue]:
    """Section 6.2: the claims that the client signed, with the algorithm that it registered, if it did."""
    header, rules = _header(signed), rules_of(client.application)
    if header.get("alg") == rfc9101.UNSIGNED and not (rules.signed_requests or rules.unsigned_requests):
        raise RequestNotSupported("Request objects of this application have to be signed")
    type_ = rfc9101.TYPE if str(header.get("typ", "")).lower().removeprefix("application/") == rfc9101.TYPE else ""
    only = client.application.client_metadata.request_object_signing_alg
    claims = verify_by_client(ctx, client, signed, type_, () if only is SigningAlgorithm.UNSPECIFIED else (only,))
    if claims is None:
        raise InvalidRequestObject("The request object is not signed by this client, or not as it registered")
    return claims


def _decrypted(ctx: Context, metadata: ClientMetadata, text: str) -> str:
    """Section 6.1: the signed object, which may be in an encrypted one; as the client registered, if it did."""
    wanted, content = metadata.request_object_encryption_alg, metadata.request_object_encryption_enc
    if text.count(".") != ENCRYPTED_PARTS - 1:
        if wanted is not KeyAlgorithm.UNSPECIFIED:
            raise InvalidRequestObject("The request object is not encrypted")
        return text
    opened_ = ctx.ask(DecryptJwt(text, ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).decrypting()))
    if opened_ is None:
        raise InvalidRequestObject("The request object cannot be decrypted")
    other = wanted is not KeyAlgorithm.UNSPECIFIED and opened_.algorithm != wanted
    if other or content.value not in {"unspecified", opened_.encryption}:
        raise InvalidRequestObject("The request object is encrypted by another algorithm than the registered one")
    return opened_.content


def _header(text: str) -> dict[str, JsonValue]:
    """What the *unverified* header says; nothing where there is none."""
    encoded = text.partition(".")[0].encode()
    try:
        found: JsonValue = json.loads(base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
