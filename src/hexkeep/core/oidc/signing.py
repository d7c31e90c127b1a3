"""Tokens signed with the instance's keys."""

from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.ask import SignJwt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import oidc_core, rfc9068

ACCESS_TOKEN_ALGORITHM = "ES256"


def sign_access_token(
    ctx: Context, token: rfc9068.AccessToken, asked: Mapping[str, JsonValue], lifetime: timedelta
) -> str:
    """RFC 9068 section 2: the access token as text, with the claims that were asked for besides its own."""
    claims = {**asked, **rfc9068.claims_of(token, ctx.request.issuer, ctx.now, lifetime)}
    return _signed(ctx, ACCESS_TOKEN_ALGORITHM, rfc9068.TYPE, claims)


def sign_id_token(
    ctx: Context,
    authentication: oidc_core.Authentication,
    beside: oidc_core.Beside,
    asked: Mapping[str, JsonValue],
    lifetime: timedelta,
) -> str:
    """OIDC Core section 2: the ID token as text, bound to what it comes with."""
    hashes = beside.hashes(oidc_core.ID_TOKEN_ALGORITHM)
    claims = oidc_core.id_token_claims(authentication, hashes, ctx.request.issuer, ctx.now, lifetime)
    return _signed(ctx, oidc_core.ID_TOKEN_ALGORITHM, oidc_core.ID_TOKEN_TYPE, {**asked, **claims})


def _signed(ctx: Context, algorithm: str, type_: str, claims: Mapping[str, JsonValue]) -> str:
    key = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).active(algorithm)
    if key is None:
        raise Unavailable(f"There is no active signing key for {algorithm}")
    return ctx.ask(SignJwt(key.private, type_, claims))
