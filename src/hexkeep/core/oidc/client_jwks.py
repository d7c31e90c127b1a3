"""The public keys of a client: what it signs is verified with them, and what it alone may read is encrypted to them.

They are its application keys, the set that it registered (``jwks``), and the set at its URL (``jwks_uri``), of which
RFC 7591 section 2 allows one of the last two.
"""

import json
from collections.abc import Collection, Mapping

from pydantic import JsonValue

from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.ask import VerifyJwt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import rfc7517, rfc7523
from hexkeep.core.oidc.algorithms import SYMMETRIC, KeyAlgorithm, SigningAlgorithm
from hexkeep.core.oidc.asks import ClientJwks
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.profiles import rules_of

Jwk = Mapping[str, JsonValue]
NOBODYS: Jwk = {
    "kid": "nobody's",
    "kty": "EC",
    "crv": "P-256",
    "x": "I1KH99xLRcmNpDfvWd5my2hDb4MCIdyS2KkJiHNwQ_I",
    "y": "Hkn3r1VWXrRoZruU7vdAuIpZ3hhXOFUS_hygu6PXqIc",
}
"""A key whose private part was never kept. Its ``kid`` is one that a token would have to know, as with a client's."""


def verification_keys(ctx: Context, client: Client, key_id: str = "", *, fresh: bool = False) -> tuple[Jwk, ...]:
    """The keys that a client may have signed with; ``key_id`` is the one that it names, of its application keys.

    ``fresh`` looks at its URL anew, at most once a minute.
    """
    metadata, keys = client.application.client_metadata, _own(ctx, client, key_id)
    if metadata.jwks:
        return (*keys, *_registered(metadata.jwks))
    return (*keys, *ctx.ask(ClientJwks(metadata.jwks_uri, fresh))) if metadata.jwks_uri else keys


def encryption_key(ctx: Context, client: Client, algorithm: KeyAlgorithm) -> Jwk | None:
    """The first key that a client published to encrypt to by ``algorithm``, or ``None``.

    A key that says nothing of its use or algorithm will do if its type does (OIDC Core section 10.2).
    """
    return next((key for key in verification_keys(ctx, client) if rfc7517.encrypts(key, algorithm.value)), None)


def verify_by_client(
    ctx: Context, client: Client, token: str, type_: str, algorithms: Collection[SigningAlgorithm] = ()
) -> Mapping[str, JsonValue] | None:
    """The claims of a JWT that the client signed with a key of its own, or ``None``.

    ``algorithms`` are those that it registered for this use; those of its profile apart from that, and never a MAC.
    Where no key fits, its URL is looked at anew, once: it may have changed its keys (OIDC Core section 10.1.1).
    """
    allowed = rules_of(client.application).algorithms - SYMMETRIC
    allowed = allowed & frozenset(algorithms) if algorithms else allowed
    names, key_id = tuple(sorted(one.value for one in allowed)), rfc7523.key_id_of(token)
    keys = verification_keys(ctx, client, key_id)
    claims = ctx.ask(VerifyJwt(token, keys, type_, names)) if names else None
    if claims is not None or not names or not client.application.client_metadata.jwks_uri:
        return claims
    renewed = verification_keys(ctx, client, key_id, fresh=True)
    return None if renewed == keys else ctx.ask(VerifyJwt(token, renewed, type_, names))


def verify_by_nobody(ctx: Context, token: str) -> None:
    """The steps of ``verify_by_client`` where there is no such client, so that the time they take tells nobody that."""
    if key_id := rfc7523.key_id_of(token):
        ctx.load(APPLICATION_KEY, key_id)
    ctx.ask(VerifyJwt(token, (NOBODYS,), "", (SigningAlgorithm.ES256.value,)))


def _own(ctx: Context, client: Client, key_id: str) -> tuple[Jwk, ...]:
    key = ctx.load(APPLICATION_KEY, key_id) if key_id else None
    if key is None or key.client_id != client.id or not key.active(ctx.now):
        return ()
    return ({**key.public, "kid": key_id},)


def _registered(jwks: str) -> tuple[Jwk, ...]:
    keys: JsonValue = json.loads(jwks).get("keys", [])
    return tuple(key for key in keys if isinstance(key, dict)) if isinstance(keys, list) else ()
