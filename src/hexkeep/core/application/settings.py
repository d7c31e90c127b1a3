"""What an OIDC client can be set to, and which settings go together."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.origins import accept_origins
from hexkeep.core.application.redirects import accept_redirect_uris
from hexkeep.core.application.state import Application, ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.errors import InvalidInput, Violation

MAX_URIS = 50

Uris = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=2000)], ...],
    Field(max_length=MAX_URIS, examples=[["https://app.example.com/callback"]]),
]
Origins = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=300)], ...],
    Field(max_length=MAX_URIS, examples=[["https://app.example.com"]]),
]
GrantTypes = Annotated[tuple[GrantType, ...], Field(max_length=len(GrantType))]


def settings_of(application: Application) -> OidcApplicationChanged:
    """All that can be changed about an application, as it is now."""
    return OidcApplicationChanged(
        name=application.name,
        auth_method=application.auth_method.value,
        redirect_uris=application.redirect_uris,
        post_logout_redirect_uris=application.post_logout_redirect_uris,
        grant_types=tuple(grant.value for grant in application.grant_types),
        consent_required=application.consent_required,
        api_access=application.api_access,
        role_assertion=application.role_assertion,
        additional_origins=application.additional_origins,
        client_metadata=application.client_metadata,
    )


def accept_settings(kind: ApplicationType, settings: OidcApplicationChanged) -> OidcApplicationChanged:
    """``settings`` in normal form; raises ``InvalidInput`` for what does not go together or is not safe."""
    wrong = [violation for violation in (_method(kind, settings), _grants(settings)) if violation]
    if wrong:
        raise InvalidInput("These settings do not go together", *wrong)
    return settings.model_copy(
        update={
            "redirect_uris": accept_redirect_uris("redirect_uris", settings.redirect_uris, kind),
            "post_logout_redirect_uris": accept_redirect_uris(
                "post_logout_redirect_uris", settings.post_logout_redirect_uris, kind
            ),
            "grant_types": tuple(sorted(set(settings.grant_types))),
            "additional_origins": accept_origins(settings.additional_origins),
        }
    )


def _method(kind: ApplicationType, settings: OidcApplicationChanged) -> Violation | None:
    """A browser or a device cannot keep a secret from its user (RFC 8252 §8.5, RFC 9700 §2.1.1)."""
    if settings.auth_method == AuthMethod.UNSPECIFIED:
        return Violation("auth_method", "must be basic, post, private_key_jwt or none")
    if kind is not ApplicationType.WEB and settings.auth_method != AuthMethod.NONE:
        return Violation("auth_method", f"must be none for an application of type {kind}")
    return None


def _grants(settings: OidcApplicationChanged) -> Violation | None:
    granted = set(settings.grant_types)
    if not granted or GrantType.UNSPECIFIED in granted:
        return Violation("grant_types", "must name at least one grant type, and only known ones")
    if GrantType.CLIENT_CREDENTIALS in granted and settings.auth_method == AuthMethod.NONE:
        return Violation("grant_types", "client_credentials needs a client that authenticates (RFC 6749 §4.4)")
    if GrantType.REFRESH_TOKEN in granted and GrantType.AUTHORIZATION_CODE not in granted:
        return Violation("grant_types", "refresh_token needs authorization_code, which issues refresh tokens")
    if GrantType.AUTHORIZATION_CODE in granted and not settings.redirect_uris:
        return Violation("redirect_uris", "must name at least one for authorization_code")
    return None
