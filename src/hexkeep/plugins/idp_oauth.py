"""Sign-in by an authorization server of OAuth 2.0 (RFC 6749) with an endpoint that tells whose an access token is.

There is no ID token, so what counts is told over a connection of our own, for the code that PKCE binds to the attempt.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import JsonValue

from hexkeep.core.idp.catalog import OAUTH
from hexkeep.core.idp.settings import OAuthSettings
from hexkeep.plugins import oauth_client
from hexkeep.plugins.oauth_client import BASIC, POST, Claims, Client, TokenEndpoint, offered
from hexkeep.ports.hooks import hookimpl
from hexkeep.ports.idp import (
    Begun,
    Identity,
    IdpMalformed,
    IdpOffer,
    RedirectProvider,
    SignInAsked,
    SignInReturned,
    Surroundings,
)

NAMES: Mapping[str, tuple[str, ...]] = {
    "user_name": ("preferred_username", "username", "user_name", "login"),
    "display_name": ("name", "display_name", "displayName", "full_name"),
    "given_name": ("given_name", "first_name", "firstName"),
    "family_name": ("family_name", "last_name", "lastName"),
    "nickname": ("nickname",),
    "email": ("email", "mail"),
    "phone": ("phone_number",),
    "preferred_language": ("locale", "language"),
    "picture": ("picture", "avatar_url", "avatar"),
    "groups": ("groups",),
}
"""What is known of somebody, and how servers call it: the first that is there counts."""


class OAuthProvider:
    """An authorization server, as it is called once."""

    def __init__(self, settings: OAuthSettings, around: Surroundings) -> None:
        self._settings = settings
        self._around = around
        self._client = Client(settings.client_id, settings.client_secret, settings.scopes, settings.pkce)

    async def begin(self, asked: SignInAsked) -> Begun:
        """RFC 6749 section 4.1.1: the authorization request."""
        oauth_client.insist_on_no_age(asked)
        return oauth_client.begun(self._client, self._settings.authorization_endpoint, asked, self._around)

    async def finish(self, returned: SignInReturned) -> Identity:
        """RFC 6749 sections 4.1.2 to 4.1.4, RFC 6750: the response, the token, and whose it is."""
        settings = self._settings
        if settings.issuer and returned.parameters.get("iss") != settings.issuer:
            raise IdpMalformed("response_iss")  # RFC 9207 section 2.4, for errors as well
        code = oauth_client.code_of(returned.parameters)
        endpoint = TokenEndpoint(settings.token_endpoint, POST if settings.posts_secret else BASIC)
        tokens = await oauth_client.redeemed(self._client, endpoint, returned, code, self._around)
        response = await oauth_client.told(settings.userinfo_endpoint, tokens, self._around)
        return identity_of(oauth_client.json_object(response, "userinfo"), settings.id_attribute)


def identity_of(told: Claims, id_attribute: str) -> Identity:
    """Whose account it is; raises ``IdpMalformed`` where its id is neither a text nor a whole number."""
    fields: dict[str, Any] = {
        field: value for field, names in NAMES.items() if (value := _first(told, names)) is not None
    }
    try:
        return Identity(
            external_id=external_id(told.get(id_attribute)),
            email_verified=told.get("email_verified") is True,
            phone_verified=told.get("phone_number_verified") is True,
            claims=dict(told),
            **fields,
        )
    except ValueError:
        raise IdpMalformed("external_id") from None


def external_id(value: JsonValue) -> str:
    """An id as text; empty for what cannot be one, such as a number with a fraction, which servers round."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    return str(value)


def _first(told: Claims, names: tuple[str, ...]) -> JsonValue:
    return next((value for name in names if (value := told.get(name)) is not None), None)


class OAuthIdentityProviders:
    """The plugin."""

    name = "idp_oauth"

    @hookimpl
    def hexkeep_identity_providers(self) -> Iterable[IdpOffer[Any]]:
        """Any authorization server with a userinfo endpoint."""
        return offered(IdpOffer(OAUTH, OAuthSettings, OAuthProvider, frozenset({RedirectProvider})))
