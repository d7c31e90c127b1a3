"""Sign-in by something in front that knows who it is, and says so in a signed JWT in a header (RFC 7519).

The browser is sent to ``jwt_endpoint``, which has its person sign in if need be and sends it to ``redirect_uri``, with
``state`` in the query. What is in front of us adds the header to that request. A page of somebody else's can lead a
browser here, but cannot choose the header; a JWT that was seen elsewhere counts once.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from hexkeep.core.idp.catalog import JWT
from hexkeep.core.idp.settings import JwtSettings
from hexkeep.core.kernel.urls import with_query
from hexkeep.plugins import oauth_client
from hexkeep.plugins.oauth_client import Claims
from hexkeep.plugins.oidc_flow import (
    ALGORITHMS,
    LONGEST,
    MAX_SUBJECT,
    SKEW,
    auth_time,
    identity_of,
    judge_times,
    keys_of,
    texts,
)
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Answered,
    Begun,
    Identity,
    IdpMalformed,
    IdpNotRecent,
    IdpOffer,
    IdpUnreachable,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)


class JwtProvider:
    """What is in front, as it is asked once."""

    def __init__(self, settings: JwtSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around

    async def begin(self, asked: SignInAsked) -> Begun:
        """Where people get their JWT; ``nonce`` is for who can put it there. Nobody there can be asked anything."""
        if asked.anew and asked.max_age is not None:
            raise IdpNotRecent("jwt_endpoint")
        nonce, endpoint = secrets.token_urlsafe(32), self._settings.jwt_endpoint
        query = urlencode({"redirect_uri": asked.callback, "state": asked.state, "nonce": nonce})
        return Begun(with_query(endpoint, query), {"nonce": nonce}, header=self._settings.header_name)

    async def finish(self, returned: SignInReturned) -> Identity:
        """RFC 7519 section 7.2: the JWT in the header, once everything about it is right."""
        oauth_client.insist_on_success(returned.parameters)
        if not returned.header:
            raise IdpMalformed("header")
        claims = await self._signed(returned.header, fresh=False) or await self._signed(returned.header, fresh=True)
        if claims is None:
            raise IdpMalformed("jwt_signature")
        self._judge(claims, returned.kept.get("nonce", ""))
        identity = identity_of(claims, str(claims["sub"]), email_verified=claims.get("email_verified") is True)
        now = self._around.clock.now()
        answered = Answered(id=_id(claims, returned.header), until=now + timedelta(seconds=LONGEST + 2 * SKEW))
        more = {"answered": answered, "authenticated_at": auth_time(claims, now, "jwt")}
        return identity.model_copy(update=more)

    async def _signed(self, token: str, *, fresh: bool) -> Claims | None:
        document = await self._around.documents.at(self._settings.jwks_endpoint, fresh=fresh)
        if document is None:
            raise IdpUnreachable("jwks")
        return await self._around.jose.verify(token, keys_of(document), "", ALGORITHMS)

    def _judge(self, claims: Claims, nonce: str) -> None:
        audience, wanted, subject = claims.get("aud"), self._settings.audience, claims.get("sub")
        audiences = texts(audience) if isinstance(audience, list) else (audience,)
        if claims.get("iss") != self._settings.issuer:
            raise IdpMalformed("jwt_iss")
        if ("aud" in claims or wanted) and (not wanted or wanted not in audiences):
            raise IdpMalformed("jwt_aud")  # RFC 7519 section 4.1.3: who is not among them refuses it
        judge_times(claims, self._around.clock.now().timestamp(), "jwt")
        if "nonce" in claims and not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
            raise IdpMalformed("jwt_nonce")
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
            raise IdpMalformed("jwt_sub")


def _id(claims: Claims, token: str) -> str:
    """What tells a JWT from all others: its ``jti``, or what was signed; signatures of the same can differ."""
    token_id = claims.get("jti")
    signed = f"jti {token_id}" if isinstance(token_id, str) and token_id else token.rpartition(".")[0]
    return hashlib.sha256(signed.encode()).hexdigest()


class JwtIdentityProviders:
    """The plugin."""

    name = "idp_jwt"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Whatever signs JWTs for a header."""
        return (IdpOffer(JWT, JwtSettings, JwtProvider, frozenset({RedirectProvider})),)
