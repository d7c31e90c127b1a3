"""What goes in and out of discovery, the endpoints for tokens, userinfo and logout."""

import enum
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc import discovery, grant_management
from hexkeep.core.oidc.discovery import DELIVERY_MODES
from hexkeep.core.oidc.messages import ClientRequest, Parameters, Repeated


class ExchangeToken(ClientRequest):
    """A token request (RFC 6749 section 3.2) as it came in by POST."""


class TokenResponse(Message):
    """A token response (RFC 6749 section 5.1, OIDC Core section 3.1.3.3); leave out what is ``None``.

    ``expires_in`` is the access token's lifetime in seconds.
    """

    access_token: str = Field(repr=False)
    token_type: str = "Bearer"
    expires_in: int
    refresh_token: str | None = Field(None, repr=False)
    id_token: str | None = Field(None, repr=False)
    scope: str
    authorization_details: str = Field(
        "", exclude=True, description="What was granted in detail (RFC 9396 section 7), JSON or empty"
    )
    grant_id: str | None = Field(None, description="Of the grant that the client manages (Grant Management 5.4)")
    issued_token_type: str | None = Field(None, description="What kind of token it is (RFC 8693 section 2.2.1)")
    dpop_nonce: str = Field("", exclude=True, description="What the header DPoP-Nonce says, or empty (RFC 9449)")


class RevokeToken(ClientRequest):
    """A revocation request (RFC 7009 section 2.1) as it came in by POST."""


class IntrospectToken(ClientRequest):
    """An introspection request (RFC 7662 section 2.1) as it came in by POST.

    ``signed`` asks for the answer as a JWT (RFC 9701 section 4).
    """

    signed: bool = False


class Introspection(Message):
    """An introspection response: ``document`` is the JSON of RFC 7662 section 2.2, or the JWT of RFC 9701 section 5."""

    document: str = Field(repr=False)


class Presentation(Message):
    """A request with the access token that it presented, and what it showed with that."""

    access_token: str = Field(max_length=16384, repr=False)
    bound: bool = Field(False, description="Whether the token came by the scheme DPoP (RFC 9449 section 7.1)")
    proof: str = Field("", max_length=8192, repr=False, description="The DPoP header, or empty")
    method: str = Field("", max_length=16, description="What a proof has to be for")
    url: str = Field("", max_length=4096, description="Where the client believes to have sent it")
    certificate: str = Field("", max_length=16_384, description="That of its TLS connection, DER in base64, or empty")


class GetUserInfo(Presentation):
    """A userinfo request (OIDC Core section 5.3.1)."""


class GetGrant(Presentation):
    """A client asks what a grant of its own is (Grant Management for OAuth 2.0 section 6.4)."""

    grant_id: str = Field(max_length=200)


class GrantStatus(Message):
    """What a grant is: ``document`` is its JSON text, to be sent as it is."""

    document: str
    dpop_nonce: str = Field("", description="What the header DPoP-Nonce says, or empty (RFC 9449 section 8.2)")


class RevokeGrant(Presentation):
    """A client ends a grant of its own (Grant Management for OAuth 2.0 section 6.5)."""

    grant_id: str = Field(max_length=200)


class UserInfo(Message):
    """The userinfo response (OIDC Core section 5.3.2): ``document`` is what is sent, as ``media_type``."""

    document: str
    media_type: str = "application/json"
    dpop_nonce: str = Field("", description="What the header DPoP-Nonce says, or empty (RFC 9449 section 8.2)")


class EndOidcSession(Message):
    """A logout request (OIDC RP-Initiated Logout 1.0 section 2).

    ``confirmed`` is set when the person pressed a button on our own confirmation page, ``everybody`` when it was the
    one that ends all sessions of this browser; ``waiting_tokens`` are those of the sessions beside its present one.
    """

    params: Parameters = Field(max_length=64, repr=False)
    repeated: Repeated = Field((), max_length=64)
    session_token: str = Field("", max_length=1024, repr=False)
    waiting_tokens: tuple[Annotated[str, Field(max_length=1024)], ...] = Field((), max_length=8, repr=False)
    confirmed: bool = False
    everybody: bool = False


class LogoutKind(enum.StrEnum):
    """What the browser has to do next."""

    UNSPECIFIED = "unspecified"
    CONFIRM = "confirm"
    """Ask the person; nothing has ended yet. Send the same parameters again with ``confirmed``."""
    DONE = "done"
    """Signed out; show our own page and forget the cookie."""
    REDIRECT = "redirect"
    """Signed out; forget the cookie and go to ``redirect_to``."""


class LogoutStep(Message):
    """Where a logout stands. ``client_name`` is empty when the request named no client.

    Where the person is asked, ``user`` is how the one is called whose session would end, and ``others`` are those who
    have signed in to this browser besides.
    """

    kind: LogoutKind
    redirect_to: str = ""
    form_target: str = Field("", description="What the confirmation page's form-action lists, for an app")
    client_name: str = ""
    user: str = Field("", repr=False)
    others: tuple[str, ...] = Field((), repr=False)
    frames: tuple[str, ...] = Field(
        (), description="What the page loads unseen before it goes on (OIDC Front-Channel Logout 1.0 section 3)"
    )
    saml_logout: str = Field(
        "", repr=False, description="For `ContinueSamlLogout`, which tells service providers of SAML, if there are any"
    )
    leaves_by: str = Field(
        "", repr=False, description="Where to be signed out at an identity provider first, which leads on from there"
    )


class DiscoveryDocument(Message):
    """The provider's metadata (OIDC Discovery 1.0 section 3, RFC 8414 section 2); every member is published."""

    issuer: str
    authorization_endpoint: str
    pushed_authorization_request_endpoint: str
    token_endpoint: str
    device_authorization_endpoint: str
    backchannel_authentication_endpoint: str
    backchannel_token_delivery_modes_supported: tuple[str, ...] = DELIVERY_MODES
    backchannel_authentication_request_signing_alg_values_supported: tuple[str, ...]
    backchannel_user_code_parameter_supported: bool = False
    userinfo_endpoint: str
    registration_endpoint: str | None = None
    client_id_metadata_document_supported: bool | None = None
    jwks_uri: str
    revocation_endpoint: str
    introspection_endpoint: str
    end_session_endpoint: str
    scopes_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...]
    response_modes_supported: tuple[str, ...]
    grant_types_supported: tuple[str, ...]
    subject_types_supported: tuple[str, ...]
    id_token_signing_alg_values_supported: tuple[str, ...]
    id_token_encryption_alg_values_supported: tuple[str, ...]
    id_token_encryption_enc_values_supported: tuple[str, ...]
    userinfo_signing_alg_values_supported: tuple[str, ...]
    userinfo_encryption_alg_values_supported: tuple[str, ...]
    userinfo_encryption_enc_values_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    revocation_endpoint_auth_methods_supported: tuple[str, ...]
    revocation_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    introspection_endpoint_auth_methods_supported: tuple[str, ...]
    introspection_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    introspection_signing_alg_values_supported: tuple[str, ...]
    introspection_encryption_alg_values_supported: tuple[str, ...]
    introspection_encryption_enc_values_supported: tuple[str, ...]
    dpop_signing_alg_values_supported: tuple[str, ...]
    tls_client_certificate_bound_access_tokens: bool = True
    code_challenge_methods_supported: tuple[str, ...]
    prompt_values_supported: tuple[str, ...]
    claim_types_supported: tuple[str, ...] = ("normal",)
    claims_supported: tuple[str, ...]
    claims_parameter_supported: bool
    acr_values_supported: tuple[str, ...] = discovery.ACR_VALUES
    display_values_supported: tuple[str, ...] = discovery.DISPLAYS
    ui_locales_supported: tuple[str, ...] = discovery.LANGUAGES
    request_parameter_supported: bool
    request_uri_parameter_supported: bool
    require_request_uri_registration: bool
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    request_object_signing_alg_values_supported: tuple[str, ...]
    request_object_encryption_alg_values_supported: tuple[str, ...] | None
    request_object_encryption_enc_values_supported: tuple[str, ...] | None
    authorization_signing_alg_values_supported: tuple[str, ...]
    authorization_encryption_alg_values_supported: tuple[str, ...]
    authorization_encryption_enc_values_supported: tuple[str, ...]
    authorization_details_types_supported: tuple[str, ...]
    authorization_response_iss_parameter_supported: bool = True
    frontchannel_logout_supported: bool = True
    frontchannel_logout_session_supported: bool = True
    backchannel_logout_supported: bool = True
    backchannel_logout_session_supported: bool = True
    check_session_iframe: str | None = None
    grant_management_endpoint: str
    grant_management_actions_supported: tuple[str, ...] = grant_management.ACTIONS
    grant_management_action_required: bool = False


class JsonWebKey(Message):
    """A public key (RFC 7517 section 4); leave out what is ``None``."""

    kty: str
    kid: str
    use: str = "sig"
    alg: str | None = None
    crv: str | None = None
    x: str | None = None
    y: str | None = None
    n: str | None = None
    e: str | None = None


class JsonWebKeySet(Message):
    """The keys our tokens can be verified with, and requests to us encrypted to (RFC 7517 section 5)."""

    keys: tuple[JsonWebKey, ...]
