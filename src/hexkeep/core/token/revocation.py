"""The revocation endpoint (RFC 7009): a client gives back a token of its own.

A refresh token takes its whole family along, an access token only itself. Who does not hold a token any more, or never
did, has nothing to give back and is told the same as everybody: that the token does not hold.
"""

from hexkeep.core.kernel.ask import VerifyKeyedHash
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc import discovery
from hexkeep.core.oidc.access_tokens import resolve_access_token
from hexkeep.core.oidc.errors import InvalidToken, UnsupportedTokenType
from hexkeep.core.oidc.refresh_tokens import FAMILY_PURPOSE, parse
from hexkeep.core.oidc.rfc6749 import present, required
from hexkeep.core.token.callers import calling_client
from hexkeep.core.token.events import AccessTokenRevoked, TokenFamilyRevoked
from hexkeep.core.token.messages import RevokeToken
from hexkeep.core.token.state import TOKEN_FAMILY

UNREVOCABLE = {"id_token"}
"""A hint at a kind that rests on nothing which could be taken away. Others are not needed: tokens tell their kind."""


def revoke_token(request: RevokeToken, ctx: Context) -> Decision[Empty]:
    """End a token that was issued to the calling client; for any other the answer is the same, and nothing happens.

    Raises ``InvalidClient``, and ``UnsupportedTokenType`` for a hint at what can never be revoked.
    """
    client_id = calling_client(ctx, request, discovery.REVOCATION)
    params = present(request.params)
    text = required(params, "token")
    if params.get("token_type_hint", "") in UNREVOCABLE:
        raise UnsupportedTokenType
    return Decision(Empty(), *(_access_token(ctx, text, client_id) or _refresh_token(ctx, text, client_id)))


def _refresh_token(ctx: Context, text: str, client_id: str) -> tuple[Change, ...]:
    """Section 2.1: with a refresh token end all tokens based on the same grant; one that was replaced counts too."""
    token = parse(text)
    if token is None:
        return ()
    family = ctx.load(TOKEN_FAMILY, token.family_id, lapses=True)
    if family.client_id != client_id or family.revoked:
        return ()
    if not ctx.ask(VerifyKeyedHash(FAMILY_PURPOSE, token.family_secret, family.family_hash)):
        return ()
    return (TOKEN_FAMILY.append(token.family_id, TokenFamilyRevoked(reason="revoked_by_client")),)


def _access_token(ctx: Context, text: str, client_id: str) -> tuple[Change, ...]:
    try:
        token = resolve_access_token(ctx, text)
    except InvalidToken:
        return ()
    if token.client_id != client_id or not ctx.load(TOKEN_FAMILY, token.stream, lapses=True).holds(token.token_id):
        return ()
    revoked = AccessTokenRevoked(token_id=token.token_id, expires_at=token.expires_at, revoked_at=ctx.now)
    return (TOKEN_FAMILY.append(token.stream, revoked),)
