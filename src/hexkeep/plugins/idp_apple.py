"""Sign-in by Apple: OpenID Connect, where the client's secret is a JWT that it signs, and the answer is posted.

https://developer.apple.com/documentation/signinwithapplerestapi. Apple's endpoints stand here as its documentation has
them, and are not discovered: its discovery document has named another issuer than its ID tokens before.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import JsonValue

from hexkeep.core.idp.catalog import APPLE
from hexkeep.core.idp.templates import AppleSettings
from hexkeep.plugins.oauth_client import POST, Claims, Client, offered
from hexkeep.plugins.oidc_flow import Metadata, OpenIdFlow, identity_of
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpCancelled,
    IdpMalformed,
    IdpOffer,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)

ISSUER = "https://appleid.apple.com"
METADATA = Metadata(
    ISSUER,
    f"{ISSUER}/auth/authorize",
    f"{ISSUER}/auth/token",
    f"{ISSUER}/auth/keys",
    token_endpoint_auth_method=POST,
)
SECRET_SECONDS = 300
"""How long a secret is good: it is used at once."""
CANCELLED = "user_cancelled_authorize"
MAX_USER = 4000


class AppleProvider(OpenIdFlow):
    """Apple, as it is called once. It cannot be asked to have somebody sign in again."""

    PROMPTS_LOGIN: ClassVar[bool] = False

    def __init__(self, settings: AppleSettings, around: Surroundings) -> None:
        super().__init__(Client(settings.client_id, "", settings.scopes, pkce=False), ISSUER, around)
        self._settings = settings

    async def begin(self, asked: SignInAsked) -> Begun:
        """Who asks for name or address gets the answer by a form, and not otherwise."""
        return replace(await super().begin(asked), posts=True)

    async def finish(self, returned: SignInReturned) -> Identity:
        """Apple has a word of its own for who does not want to go on."""
        if returned.parameters.get("error") == CANCELLED:
            raise IdpCancelled(CANCELLED)
        return await super().finish(returned)

    def _parameters(self, asked: SignInAsked) -> Mapping[str, str]:
        return {"response_mode": "form_post"}

    async def _metadata(self) -> Metadata:
        return METADATA

    async def _as_client(self) -> Client:
        """With a fresh secret: a JWT by the key that the team has registered."""
        settings, now = self._settings, int(self._around.clock.now().timestamp())
        key = json.loads(self._around.jose.private_jwk(settings.private_key) or "{}")
        if key.get("crv") != "P-256":
            raise IdpMalformed("private_key")
        claims: Claims = {
            "iss": settings.team_id,
            "iat": now,
            "exp": now + SECRET_SECONDS,
            "aud": ISSUER,
            "sub": settings.client_id,
        }
        private = json.dumps({**key, "alg": "ES256", "kid": settings.key_id})
        return replace(self._client, secret=await self._around.jose.sign(private, "", claims))

    def _identity(self, told: Claims, returned: SignInReturned) -> Identity:
        """``email_verified`` is a boolean or a text. The name comes beside the first code, and never again."""
        verified = str(told.get("email_verified")).lower() == "true"
        return identity_of({**told, **_name(returned.parameters)}, str(told["sub"]), email_verified=verified)


def _name(parameters: Mapping[str, str]) -> Claims:
    """The name in the field ``user``, which nobody has signed: it is what the person says, and nothing else counts."""
    try:
        user: JsonValue = json.loads(parameters.get("user", "")[:MAX_USER])
    except (ValueError, RecursionError):
        return {}
    name = user.get("name") if isinstance(user, dict) else None
    if not isinstance(name, dict):
        return {}
    return {"given_name": name.get("firstName"), "family_name": name.get("lastName")}


class AppleIdentityProviders:
    """The plugin."""

    name = "idp_apple"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Apple."""
        return offered(IdpOffer(APPLE, AppleSettings, AppleProvider, frozenset({RedirectProvider})))
