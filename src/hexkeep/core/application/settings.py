"""What an OIDC client can be set to, and which settings go together."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.application import metadata_rules
from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.origins import accept_origins
from hexkeep.core.application.redirects import accept_redirect_uris
from hexkeep.core.application.sectors import insist_on_name, insist_on_sector
from hexkeep.core.application.state import Application, ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import Violation

MAX_URIS = 50

Uris = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=2000)], ...],
    Field(max_length=MAX_URIS, examples=[["https://app.example.com/callback"]]),
]
Origins = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=300)], ...],
    Field(max_length=MAX_URIS, examples=[["https://app.example.com"]]),
]
METHODS = tuple(one.value for one in AuthMethod if one is not AuthMethod.UNSPECIFIED)
CONFIDENTIAL_GRANTS = frozenset({GrantType.CLIENT_CREDENTIALS, GrantType.TOKEN_EXCHANGE, GrantType.CIBA})
"""Grants without a person at hand, which only who authenticates may use (RFC 6749 section 4.4, CIBA Core section 4)."""
REFRESHABLE = frozenset({GrantType.AUTHORIZATION_CODE, GrantType.DEVICE_CODE, GrantType.CIBA})
"""Grants by which refresh tokens are issued."""
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


def accept_settings(
    ctx: Context,
    kind: ApplicationType,
    settings: OidcApplicationChanged,
    present: OidcApplicationChanged | None = None,
    *,
    registered: bool = False,
) -> OidcApplicationChanged:
    """``settings`` in normal form; raises ``InvalidInput`` for what does not go together or is not safe.

    ``present`` is what they are to replace. ``registered`` tells that the client has registered itself.
    """
    accepted = checked(kind, settings, registered=registered)
    insist_on_name(ctx, accepted)
    insist_on_sector(ctx, accepted, present)
    return accepted


def checked(kind: ApplicationType, settings: OidcApplicationChanged, *, registered: bool) -> OidcApplicationChanged:
    """The same as far as it can be told from the settings alone."""
    metadata = settings.client_metadata
    own = (_method(kind, settings, registered=registered), _grants(settings), _redirects(kind, settings))
    metadata_rules.refuse((*(one for one in own if one), *metadata_rules.violations(kind, settings)))
    metadata_rules.refuse_keys(metadata)
    return settings.model_copy(
        update={
            "redirect_uris": accept_redirect_uris("redirect_uris", settings.redirect_uris, kind),
            "post_logout_redirect_uris": accept_redirect_uris(
                "post_logout_redirect_uris", settings.post_logout_redirect_uris, kind
            ),
            "grant_types": tuple(sorted(set(settings.grant_types))),
            "additional_origins": accept_origins(settings.additional_origins),
            "client_metadata": metadata_rules.normal(metadata),
        }
    )


def _method(kind: ApplicationType, settings: OidcApplicationChanged, *, registered: bool) -> Violation | None:
    """A browser or a device cannot keep a secret from its user (RFC 8252 section 8.5, RFC 9700 section 2.1.1).

    A native application that has registered itself has credentials of its own in each installation, so it may
    authenticate (RFC 8252 section 8.4).
    """
    if settings.auth_method == AuthMethod.UNSPECIFIED:
        return Violation("auth_method", f"must be one of {', '.join(METHODS)}")
    if kind is ApplicationType.NATIVE and registered:
        return None
    if kind is not ApplicationType.WEB and settings.auth_method != AuthMethod.NONE:
        return Violation("auth_method", f"must be none for an application of type {kind}")
    return None


def _grants(settings: OidcApplicationChanged) -> Violation | None:
    granted = set(settings.grant_types)
    if not granted or GrantType.UNSPECIFIED in granted:
        return Violation("grant_types", "must name at least one grant type, and only known ones")
    if settings.auth_method == AuthMethod.NONE and (alone := sorted(granted & CONFIDENTIAL_GRANTS)):
        return Violation("grant_types", f"{alone[0]} needs a client that authenticates")
    if GrantType.REFRESH_TOKEN in granted and not granted & REFRESHABLE:
        return Violation("grant_types", "refresh_token needs a grant type that issues refresh tokens")
    return None


def _redirects(kind: ApplicationType, settings: OidcApplicationChanged) -> Violation | None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2, at application_type: tokens themselves go to https."""
    granted = set(settings.grant_types)
    if granted & {GrantType.AUTHORIZATION_CODE, GrantType.IMPLICIT} and not settings.redirect_uris:
        return Violation("redirect_uris", "must name at least one for authorization_code and implicit")
    plain = (number for number, uri in enumerate(settings.redirect_uris) if uri.startswith("http://"))
    first = next(plain, None)
    if GrantType.IMPLICIT in granted and kind is not ApplicationType.NATIVE and first is not None:
        return Violation(f"redirect_uris.{first}", "must begin with https:// for the grant type implicit")
    return None
