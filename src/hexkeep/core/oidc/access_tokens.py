"""Access tokens: made as the application has them, and found again by their text, whichever kind they are.

A JWT (RFC 9068) says by itself what it stands for. An opaque token is 256 random bits that say nothing; what it stands
for, the same claims, is kept for all nodes until it expires, under its keyed hash. Both are the same from here on.
"""

import json
from collections.abc import Mapping
from datetime import timedelta

from pydantic import JsonValue

from hexkeep.core.application.client_metadata import AccessTokenType
from hexkeep.core.kernel.ask import Keep, Kept, VerifyJwt
from hexkeep.core.kernel.decision import Context
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc import rfc9068
from hexkeep.core.oidc.errors import InvalidToken
from hexkeep.core.oidc.parties import Client
from hexkeep.core.oidc.signing import sign_access_token

SCOPE = "access_token"
"""Under which the expiring store keeps what opaque tokens stand for."""
PREFIX = "hexkeep_at_"
"""What every opaque token begins with, so that it is told from other tokens, and found by secret scanners."""


def made_access_token(
    ctx: Context,
    client: Client | None,
    token: rfc9068.AccessToken,
    asked: Mapping[str, JsonValue],
    lifetime: timedelta,
) -> str:
    """The text of a new token, with the claims that were asked for besides its own.

    ``client`` is ``None`` for a machine user, whose tokens are JWTs.
    """
    if client is None or client.application.client_metadata.access_token_type is not AccessTokenType.OPAQUE:
        return sign_access_token(ctx, client, token, asked, lifetime)
    text = PREFIX + ctx.new_secret()
    claims = {**asked, **rfc9068.claims_of(token, ctx.request.issuer, ctx.now, lifetime)}
    ctx.ask(Keep(SCOPE, text, json.dumps(claims, separators=(",", ":")).encode(), ctx.now + lifetime))
    return text


def resolve_access_token(ctx: Context, text: str) -> rfc9068.AccessToken:
    """RFC 9068 section 4: the token that we issued under this text and that has not expired; raises ``InvalidToken``.

    Whether what it rests on still stands is for ``hexkeep.core.token.standing`` to see.
    """
    claims = _kept(ctx, text) if text.startswith(PREFIX) else _verified(ctx, text)
    token = None if claims is None else rfc9068.read(claims, ctx.request.issuer, ctx.now)
    if token is None:
        raise InvalidToken
    return token


def _verified(ctx: Context, text: str) -> Mapping[str, JsonValue] | None:
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).published()
    return ctx.ask(VerifyJwt(text, keys, rfc9068.TYPE))


def _kept(ctx: Context, text: str) -> Mapping[str, JsonValue] | None:
    kept = ctx.ask(Kept(SCOPE, text))
    if kept is None:
        return None
    claims: dict[str, JsonValue] = json.loads(kept)
    return claims
