"""Sign-in by an OpenID provider that is known by its issuer (OpenID Connect Core 1.0 and Discovery 1.0).

The code flow with PKCE (RFC 7636), a nonce, and the issuer in the response (RFC 9207).
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from hexkeep.core.idp.catalog import OIDC
from hexkeep.core.idp.settings import OidcSettings
from hexkeep.core.kernel.urls import is_local, server_url
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpCancelled,
    IdpMalformed,
    IdpOffer,
    IdpRefused,
    IdpUnreachable,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse

DISCOVERY = "/.well-known/openid-configuration"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""With which ID tokens may be signed: never ``none``, and with no key that is ours as well (RFC 8725 section 3.1)."""
SKEW = 60
"""Seconds that clocks may differ."""
LONGEST = 600
"""How many seconds ago an ID token of a code that was just redeemed may have been issued."""
MAX_BODY = 131_072
TIMEOUT = 5.0
MAX_SUBJECT = 255
"""OIDC Core section 2."""
NOT_ABOUT_PEOPLE = frozenset(
    {"iss", "aud", "azp", "exp", "iat", "nbf", "jti", "nonce", "at_hash", "c_hash", "s_hash", "sid", "auth_time"}
)
"""What stands in an ID token and tells nothing of its subject."""

Claims = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a discovery document says (OIDC Discovery section 3), as far as it matters here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    posts_secret: bool
    names_issuer: bool


class OidcProvider:
    """An OpenID provider, as it is called once."""

    def __init__(self, settings: OidcSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around

    async def begin(self, asked: SignInAsked) -> Begun:
        """OIDC Core section 3.1.2.1: the authentication request."""
        found = await self._metadata()
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        parameters = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": asked.callback,
            "scope": " ".join(self._settings.scopes),
            "state": asked.state,
            "nonce": nonce,
            "login_hint": asked.login_hint,
            "ui_locales": " ".join(asked.ui_locales),
            **(_challenge(verifier) if self._settings.pkce else {}),
        }
        given = {name: value for name, value in parameters.items() if value}
        joint = "&" if "?" in found.authorization_endpoint else "?"
        return Begun(f"{found.authorization_endpoint}{joint}{urlencode(given)}", {"nonce": nonce, "verifier": verifier})

    async def finish(self, returned: SignInReturned) -> Identity:
        """OIDC Core sections 3.1.2.5 to 3.1.3.7 and 5.3: the response, the tokens, and what they tell."""
        found = await self._metadata()
        code = _code(found, returned.parameters)
        tokens = await self._tokens(found, returned, code)
        claims = await self._verified(found, tokens, returned.kept.get("nonce", ""))
        told = {**claims, **await self._userinfo(found, tokens, str(claims["sub"]))}
        return _identity(told)

    async def _metadata(self) -> Metadata:
        issuer = self._settings.issuer
        document = await self._around.documents.at(f"{issuer.removesuffix('/')}{DISCOVERY}")
        if document is None:
            raise IdpUnreachable("discovery")
        if document.get("issuer") != issuer:
            raise IdpMalformed("discovery_issuer")
        supported = _texts(document.get("id_token_signing_alg_values_supported")) or ("RS256",)
        methods = _texts(document.get("token_endpoint_auth_methods_supported")) or ("client_secret_basic",)
        return Metadata(
            issuer,
            _endpoint(document, "authorization_endpoint"),
            _endpoint(document, "token_endpoint"),
            _endpoint(document, "jwks_uri"),
            _endpoint(document, "userinfo_endpoint") if "userinfo_endpoint" in document else "",
            tuple(one for one in ALGORITHMS if one in supported),
            "client_secret_basic" not in methods and "client_secret_post" in methods,
            document.get("authorization_response_iss_parameter_supported") is True,
        )

    async def _tokens(self, found: Metadata, returned: SignInReturned, code: str) -> Claims:
        """RFC 6749 section 4.1.3: the code for tokens, as the client that we are there."""
        settings = self._settings
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": returned.callback}
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        if settings.pkce:
            fields["code_verifier"] = returned.kept.get("verifier", "")
        if settings.client_secret and not found.posts_secret:
            headers["authorization"] = _basic(settings.client_id, settings.client_secret)
        else:
            fields |= {"client_id": settings.client_id}
            fields |= {"client_secret": settings.client_secret} if settings.client_secret else {}
        response = await self._sent(found.token_endpoint, "POST", headers, urlencode(fields).encode())
        if response.status != HTTPStatus.OK:
            raise IdpRefused(f"token_{response.status}")
        return _object(response, "token_response")

    async def _verified(self, found: Metadata, tokens: Claims, nonce: str) -> Claims:
        """OIDC Core section 3.1.3.7: the claims of the ID token, once everything about it is right."""
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

    async def _signed(self, found: Metadata, token: str, *, fresh: bool) -> Claims | None:
        """The claims if a key of the provider signed them; ``fresh``: a key that it may have only now."""
        document = await self._around.documents.at(found.jwks_uri, fresh=fresh)
        if document is None:
            raise IdpUnreachable("jwks")
        listed = document.get("keys")
        keys = [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else []
        return await self._around.jose.verify(token, keys, "", found.algorithms)

    def _judge(self, found: Metadata, claims: Claims, nonce: str) -> None:
        client_id, now = self._settings.client_id, self._around.clock.now().timestamp()
        audience = claims.get("aud")
        audiences = _texts(audience) if isinstance(audience, list) else (audience,)
        subject = claims.get("sub")
        if claims.get("iss") != found.issuer:
            raise IdpMalformed("id_token_iss")
        if client_id not in audiences:
            raise IdpMalformed("id_token_aud")
        if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
            raise IdpMalformed("id_token_azp")
        if _time(claims, "exp") + SKEW <= now:
            raise IdpMalformed("id_token_exp")
        if not now - LONGEST <= _time(claims, "iat") <= now + SKEW:
            raise IdpMalformed("id_token_iat")
        if "nbf" in claims and _time(claims, "nbf") > now + SKEW:
            raise IdpMalformed("id_token_nbf")
        if not nonce or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise IdpMalformed("id_token_nonce")
        if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
            raise IdpMalformed("id_token_sub")

    async def _userinfo(self, found: Metadata, tokens: Claims, subject: str) -> Claims:
        """OIDC Core section 5.3: what more is told of the same subject, where there is somebody to ask."""
        access_token = tokens.get("access_token")
        if self._settings.id_token_mapping or not found.userinfo_endpoint or not isinstance(access_token, str):
            return {}
        if not access_token.isascii() or not access_token.isprintable():
            raise IdpMalformed("access_token")
        headers = {"authorization": f"Bearer {access_token}", "accept": "application/json"}
        response = await self._sent(found.userinfo_endpoint, "GET", headers)
        if response.status != HTTPStatus.OK:
            raise IdpRefused(f"userinfo_{response.status}")
        told = _object(response, "userinfo")
        if told.get("sub") != subject:
            raise IdpMalformed("userinfo_sub")
        return told

    async def _sent(self, url: str, method: str, headers: Mapping[str, str], body: bytes = b"") -> WebResponse:
        request = WebRequest(url, method, headers, body, TIMEOUT, MAX_BODY, plain=is_local(url))
        try:
            response = await self._around.outbound.send(request)
        except OutboundFailed as error:
            raise IdpUnreachable(error.code) from None
        if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise IdpUnreachable(f"status_{response.status}")
        return response


def _challenge(verifier: str) -> dict[str, str]:
    """RFC 7636 section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return {"code_challenge": challenge, "code_challenge_method": "S256"}


def _code(found: Metadata, parameters: Mapping[str, str]) -> str:
    """The code of an authorization response, or what its error means.

    RFC 9207 section 2.4: whose response it is comes first, for errors as well.
    """
    issuer = parameters.get("iss")
    if issuer != found.issuer and (issuer is not None or found.names_issuer):
        raise IdpMalformed("response_iss")
    match parameters.get("error"):
        case None:
            pass
        case "access_denied":
            raise IdpCancelled("access_denied")
        case "server_error" | "temporarily_unavailable":
            raise IdpUnreachable("authorization")
        case _:
            raise IdpRefused("authorization")
    code = parameters.get("code", "")
    if not code:
        raise IdpMalformed("code")
    return code


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749 section 2.3.1: both are form-encoded first."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _endpoint(document: Claims, name: str) -> str:
    url = document.get(name)
    try:
        return server_url(url if isinstance(url, str) else "")
    except ValueError:
        raise IdpMalformed(f"discovery_{name}") from None


def _object(response: WebResponse, reason: str) -> Claims:
    try:
        found: JsonValue = json.loads(response.body)
    except (ValueError, RecursionError):
        raise IdpMalformed(reason) from None
    if not isinstance(found, dict):
        raise IdpMalformed(reason)
    return found


def _texts(values: JsonValue) -> tuple[str, ...]:
    return tuple(one for one in values if isinstance(one, str)) if isinstance(values, list) else ()


def _time(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdpMalformed(f"id_token_{name}")
    return float(value)


def _identity(told: Claims) -> Identity:
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
            external_id=str(told["sub"]),
            email_verified=told.get("email_verified") is True,
            phone_verified=told.get("phone_number_verified") is True,
            claims=about,
            **fields,
        )
    except ValueError:
        raise IdpMalformed("id_token_sub") from None


class OidcIdentityProviders:
    """The plugin."""

    name = "idp_oidc"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any OpenID provider."""
        return (IdpOffer(OIDC, OidcSettings, OidcProvider, frozenset({RedirectProvider})),)
