"""Sign-in by OpenID Connect (Core 1.0, Discovery 1.0), for every plugin whose other side speaks it.

The code flow, a nonce, and ID tokens that are believed only if everything about them is right. What an OpenID provider
does in its own way is a method of ``OpenIdFlow`` to be replaced.
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import JsonValue

from hexkeep.core.kernel.urls import server_url
from hexkeep.plugins import oauth_client
from hexkeep.plugins.oauth_client import BASIC, NONE, POST, Claims, Client, TokenEndpoint
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpMalformed,
    IdpNotRecent,
    IdpUnreachable,
    SignInAsked,
    SignInReturned,
    Surroundings,
)

DISCOVERY = "/.well-known/openid-configuration"
PUSHED = "pushed_authorization_request_endpoint"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""With which ID tokens may be signed: never ``none``, and with no key that is ours as well (RFC 8725 section 3.1)."""
SKEW = 60
"""Seconds that clocks may differ."""
LAST_MOMENT = 1e12
"""No time is as late as this, in seconds; there are larger numbers in JSON."""
LONGEST = 600
"""How many seconds ago an ID token of a code that was just redeemed may have been issued."""
ANEW = "anew"
"""Under which it is kept that an application wants a new sign-in."""
AUTH_TIME = '{"id_token":{"auth_time":null}}'
"""OIDC Core section 5.5: the wish to be told when somebody has signed in."""
MAX_SUBJECT = 255
"""OIDC Core section 2."""
NOT_ABOUT_PEOPLE = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash", "sid", "auth_time"}
)
"""What stands in an ID token and tells nothing of its subject."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a discovery document says (OIDC Discovery section 3), as far as it matters here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    revocation_endpoint: str = ""
    pushed_authorization_request_endpoint: str = ""
    algorithms: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_method: str = BASIC
    names_issuer: bool = False
    """Whether it promises to name itself in its responses (RFC 9207 section 3)."""
    takes_claims: bool = False
    """Whether it can be asked for single claims (OIDC Core section 5.5)."""


class OpenIdFlow:
    """An OpenID provider with an issuer, as it is called once, and what we are there."""

    PROMPTS_LOGIN: ClassVar[bool] = True
    """Whether it knows ``prompt=login``; who does not calls the whole request wrong, or just goes on."""

    def __init__(self, client: Client, issuer: str, around: Surroundings) -> None:
        self._client = client
        self._issuer = issuer
        self._around = around

    async def begin(self, asked: SignInAsked) -> Begun:
        """OIDC Core section 3.1.2.1: the authentication request."""
        found = await self._metadata()
        nonce = secrets.token_urlsafe(32)
        wish = {"nonce": nonce, "claims": AUTH_TIME if found.takes_claims else "", **self._parameters(asked)}
        begun = await self._begun(found, asked, wish)
        wanted = {ANEW: "1"} if asked.anew and asked.max_age is not None else {}
        return replace(begun, kept={**begun.kept, "nonce": nonce, **wanted})

    async def _begun(self, found: Metadata, asked: SignInAsked, wish: Mapping[str, str]) -> Begun:
        """The request goes from here where the provider takes it so (RFC 9126), and else by the browser."""
        if not found.pushed_authorization_request_endpoint:
            return oauth_client.begun(self._client, found.authorization_endpoint, asked, self._around, **wish)
        client, endpoint = await self._at(found, found.pushed_authorization_request_endpoint)
        return await oauth_client.pushed(client, found.authorization_endpoint, endpoint, asked, self._around, **wish)

    async def finish(self, returned: SignInReturned) -> Identity:
        """OIDC Core sections 3.1.2.5 to 3.1.3.7 and 5.3: the response, the tokens, and what they tell."""
        found = await self._metadata()
        issuer = returned.parameters.get("iss")
        if (issuer is not None or found.names_issuer) and not self._is_issuer(found, issuer):
            raise IdpMalformed("response_iss")  # RFC 9207 section 2.4, for errors as well
        code = oauth_client.code_of(returned.parameters)
        tokens = await self._tokens(found, returned, code)
        claims = await self._verified(found, tokens, returned.kept.get("nonce", ""))
        authenticated_at = auth_time(claims, self._around.clock.now(), "id_token")
        if authenticated_at is None and ANEW in returned.kept and not self.PROMPTS_LOGIN:
            raise IdpNotRecent("auth_time")
        told = joined(claims, await self._userinfo(found, tokens, str(claims["sub"])))
        more = {"session": self._session(tokens), "authenticated_at": authenticated_at, **self._called(claims)}
        return self._identity(told, returned).model_copy(update=more)

    def _session(self, _tokens: Claims) -> str:
        """What of the tokens is wanted back, as ``Identity.session``: nothing, where there is no use for it."""
        return ""

    def _called(self, _claims: Claims) -> Mapping[str, str]:
        """``session_name`` and ``session_index`` of the identity, where the provider tells of logouts."""
        return {}

    def _parameters(self, asked: SignInAsked) -> Mapping[str, str]:
        """What else stands in the authentication request."""
        max_age = 0 if asked.anew else asked.max_age
        return {
            "login_hint": asked.login_hint,
            "ui_locales": " ".join(asked.ui_locales),
            "prompt": "login" if asked.anew and self.PROMPTS_LOGIN else "",
            "max_age": "" if max_age is None else str(max_age),
        }

    async def _metadata(self) -> Metadata:
        """OIDC Discovery section 4: the document of the issuer, and of nobody else."""
        document = await self._document(self._issuer)
        if document.get("issuer") != self._issuer:
            raise IdpMalformed("discovery_issuer")
        return read_metadata(document)

    async def _document(self, issuer: str) -> Claims:
        """The discovery document below a URL."""
        document = await self._around.documents.at(f"{issuer.removesuffix('/')}{DISCOVERY}")
        if document is None:
            raise IdpUnreachable("discovery")
        return document

    def _is_issuer(self, found: Metadata, issuer: JsonValue) -> bool:
        """Whether somebody who says to be ``issuer`` is this provider."""
        return issuer == found.issuer

    async def _tokens(self, found: Metadata, returned: SignInReturned, code: str) -> Claims:
        """The tokens for a code."""
        client, endpoint = await self._at(found, found.token_endpoint)
        return await oauth_client.redeemed(client, endpoint, returned, code, self._around)

    async def _at(self, found: Metadata, url: str) -> tuple[Client, TokenEndpoint]:
        """What we are at an endpoint that is for clients, and how that is proven there."""
        client = await self._as_client()
        return client, TokenEndpoint(url, found.token_endpoint_auth_method if client.secret else NONE)

    async def _as_client(self) -> Client:
        """What we are there, with the secret that proves it."""
        return self._client

    async def _verified(self, found: Metadata, tokens: Claims, nonce: str | None) -> Claims:
        """OIDC Core section 3.1.3.7: the claims of the ID token, once everything about it is right.

        With ``None`` for a nonce it answers no request of a browser (section 12.2).
        """
        token = tokens.get("id_token")
        if not isinstance(token, str):
            raise IdpMalformed("id_token")
        if not found.algorithms:
            raise IdpMalformed("id_token_algorithms")
        claims = await self._signed(found, token, fresh=False) or await self._signed(found, token, fresh=True)
        if claims is None:
            raise IdpMalformed("id_token_signature")
        self._judge(found, claims, nonce)
        return claims

    async def _signed(self, found: Metadata, token: str, type_: str = "", *, fresh: bool) -> Claims | None:
        """The claims if a key of the provider signed them; ``fresh``: a key that it may have only now.

        A token of the type (RFC 8725 section 3.11) counts, an empty one being that of ID tokens.
        """
        document = await self._around.documents.at(found.jwks_uri, fresh=fresh)
        if document is None:
            raise IdpUnreachable("jwks")
        return await self._by_a_key(token, keys_of(document), found.algorithms, type_)

    async def _by_a_key(
        self, token: str, keys: Sequence[Claims], algorithms: Sequence[str], type_: str
    ) -> Claims | None:
        """The claims if one of these keys signed them."""
        return await self._around.jose.verify(token, keys, type_, algorithms)

    def _judge(self, found: Metadata, claims: Claims, nonce: str | None) -> None:
        self._judge_parties(found, claims, "id_token")
        subject = claims.get("sub")
        if nonce is not None:
            _insist_on_nonce(claims, nonce)
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
            raise IdpMalformed("id_token_sub")

    def _judge_parties(self, found: Metadata, claims: Claims, what: str) -> None:
        """Who has issued something, for whom, and when."""
        client_id, audience = self._client.id, claims.get("aud")
        audiences = texts(audience) if isinstance(audience, list) else (audience,)
        if not self._is_issuer(found, claims.get("iss")):
            raise IdpMalformed(f"{what}_iss")
        if client_id not in audiences:
            raise IdpMalformed(f"{what}_aud")
        if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
            raise IdpMalformed(f"{what}_azp")
        judge_times(claims, self._around.clock.now().timestamp(), what)

    async def _userinfo(self, found: Metadata, tokens: Claims, subject: str) -> Claims:
        """OIDC Core section 5.3: what more is told of the same subject, where there is somebody to ask."""
        if not found.userinfo_endpoint or "access_token" not in tokens:
            return {}
        response = await oauth_client.told(found.userinfo_endpoint, tokens, self._around)
        told = oauth_client.json_object(response, "userinfo")
        if told.get("sub") != subject:
            raise IdpMalformed("userinfo_sub")
        return told

    def _identity(self, told: Claims, _returned: SignInReturned) -> Identity:
        """Who it is, by all that was told."""
        return identity_of(told, str(told["sub"]), email_verified=told.get("email_verified") is True)


def _insist_on_nonce(claims: Claims, nonce: str) -> None:
    """OIDC Core section 3.1.3.7, step 11."""
    if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise IdpMalformed("id_token_nonce")


def read_metadata(document: Claims) -> Metadata:
    """What a discovery document says; its issuer is whoever it says, and to be judged by the caller.

    One that wants requests to be pushed (RFC 9126 section 5) has to say where.
    """
    pushes = PUSHED in document or document.get("require_pushed_authorization_requests") is True
    supported = texts(document.get("id_token_signing_alg_values_supported")) or ("RS256",)
    methods = texts(document.get("token_endpoint_auth_methods_supported")) or (BASIC,)
    return Metadata(
        str(document.get("issuer")),
        _endpoint(document, "authorization_endpoint"),
        _endpoint(document, "token_endpoint"),
        _endpoint(document, "jwks_uri"),
        _endpoint(document, "userinfo_endpoint") if "userinfo_endpoint" in document else "",
        _endpoint(document, "end_session_endpoint") if "end_session_endpoint" in document else "",
        _endpoint(document, "revocation_endpoint") if "revocation_endpoint" in document else "",
        _endpoint(document, PUSHED) if pushes else "",
        tuple(one for one in ALGORITHMS if one in supported),
        POST if BASIC not in methods and POST in methods else BASIC,
        document.get("authorization_response_iss_parameter_supported") is True,
        document.get("claims_parameter_supported") is True,
    )


def keys_of(document: Claims) -> list[Claims]:
    """The keys of a JWK set (RFC 7517 section 5), as far as they may be any."""
    listed = document.get("keys")
    return [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []


def judge_times(claims: Claims, now: float, what: str) -> None:
    """RFC 7519 sections 4.1.4 to 4.1.6: neither over, nor to come, nor older than a sign-in may be."""
    if _time(claims, "exp", what) + SKEW <= now:
        raise IdpMalformed(f"{what}_exp")
    if not now - LONGEST <= _time(claims, "iat", what) <= now + SKEW:
        raise IdpMalformed(f"{what}_iat")
    if "nbf" in claims and _time(claims, "nbf", what) > now + SKEW:
        raise IdpMalformed(f"{what}_nbf")


def auth_time(claims: Claims, now: datetime, what: str) -> datetime | None:
    """OIDC Core section 2, ``auth_time``: when somebody has signed in there, if that is told."""
    if claims.get("auth_time") is None:
        return None
    at = _time(claims, "auth_time", what)
    if at > now.timestamp() + SKEW:
        raise IdpMalformed(f"{what}_auth_time")
    return min(datetime.fromtimestamp(at, UTC), now)


def identity_of(told: Claims, external_id: str, *, email_verified: bool) -> Identity:
    """OIDC Core section 5.1: the standard claims."""
    about = {name: value for name, value in told.items() if name not in NOT_ABOUT_PEOPLE}
    names = {
        "user_name": "preferred_username",
        "display_name": "name",
        "preferred_language": "locale",
        "phone": "phone_number",
        **{name: name for name in ("given_name", "family_name", "nickname", "email", "picture", "groups")},
    }
    fields: dict[str, Any] = {field: told[claim] for field, claim in names.items() if claim in told}
    try:
        return Identity(
            external_id=external_id,
            email_verified=email_verified,
            phone_verified=told.get("phone_number_verified") is True,
            claims=about,
            **fields,
        )
    except ValueError:
        raise IdpMalformed("external_id") from None


def joined(claims: Claims, more: Claims) -> Claims:
    """What both tell, userinfo before the ID token; what one calls verified is no word for an address of the other."""
    pairs = {"email": "email_verified", "phone_number": "phone_number_verified"}
    left = {verified for address, verified in pairs.items() if address in more}
    return {**{name: value for name, value in claims.items() if name not in left}, **more}


def texts(values: JsonValue) -> tuple[str, ...]:
    """The texts in a list; none of what is no list."""
    return tuple(one for one in values if isinstance(one, str)) if isinstance(values, list) else ()


def _endpoint(document: Claims, name: str) -> str:
    url = document.get(name)
    try:
        return server_url(url if isinstance(url, str) else "")
    except ValueError:
        raise IdpMalformed(f"discovery_{name}") from None


def _time(claims: Claims, name: str, what: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < LAST_MOMENT:
        raise IdpMalformed(f"{what}_{name}")
    return float(value)
