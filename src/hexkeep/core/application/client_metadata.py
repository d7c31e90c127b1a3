"""What a client registers beyond the settings that every application has, under the names of the registries.

Names and meanings are those of RFC 7591, OpenID Connect Dynamic Client Registration 1.0 and the specifications named at
each group; values left out mean what those say. Clients that register themselves and administrators set the same.
"""

import enum
from datetime import timedelta
from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.kernel.fields import Line
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.urls import OptionalServerUrl, ServerUrlWithFragment
from hexkeep.core.oidc.algorithms import ContentAlgorithm, KeyAlgorithm, SigningAlgorithm

MAX_JWKS = 32_768
MAX_VALUES = 50

RequestUris = Annotated[tuple[ServerUrlWithFragment, ...], Field(max_length=MAX_VALUES)]
"""OIDC Core section 6.2: a fragment tells the hash of what is there."""
Words = Annotated[tuple[Annotated[str, StringConstraints(min_length=1, max_length=300)], ...], Field(max_length=50)]


class ClientProfile(enum.StrEnum):
    """A set of rules that a client is held to as a whole; unspecified is OpenID Connect as it is usually used."""

    UNSPECIFIED = "unspecified"
    OAUTH_2_1 = "oauth_2_1"
    """OAuth 2.1: PKCE always, code alone, refresh tokens of public clients bound or rotated."""
    FAPI_2_SECURITY = "fapi_2_security"
    """FAPI 2.0 Security Profile: pushed requests, sender-constrained tokens, keys instead of secrets."""
    FAPI_2_MESSAGE_SIGNING = "fapi_2_message_signing"
    """FAPI 2.0 Message Signing: the security profile, with signed authorization requests."""


class ResponseType(enum.StrEnum):
    """OAuth 2.0 Multiple Response Type Encoding Practices section 3 and 5. The order of the words does not count."""

    UNSPECIFIED = "unspecified"
    CODE = "code"
    ID_TOKEN = "id_token"
    ID_TOKEN_TOKEN = "id_token token"
    CODE_ID_TOKEN = "code id_token"
    CODE_TOKEN = "code token"
    CODE_ID_TOKEN_TOKEN = "code id_token token"


class SubjectType(enum.StrEnum):
    """OIDC Core section 8."""

    UNSPECIFIED = "unspecified"
    PUBLIC = "public"
    PAIRWISE = "pairwise"


class AccessTokenType(enum.StrEnum):
    """What an access token is: readable for APIs, or a reference that is introspected."""

    UNSPECIFIED = "unspecified"
    JWT = "jwt"
    """RFC 9068."""
    OPAQUE = "opaque"


class TokenDelivery(enum.StrEnum):
    """CIBA Core 1.0 section 5: how the client learns that the person has answered."""

    UNSPECIFIED = "unspecified"
    POLL = "poll"
    PING = "ping"


class ClientMetadata(Message):
    """The registered metadata of an OIDC client, in the words of the registry of RFC 7591 section 4.1."""

    profile: ClientProfile = Field(ClientProfile.UNSPECIFIED, description="Which profile it is held to.")

    # RFC 7591 section 2
    response_types: tuple[ResponseType, ...] = Field((), max_length=len(ResponseType), description="Empty: code.")
    client_uri: OptionalServerUrl = Field("", description="Its home page.")
    logo_uri: OptionalServerUrl = Field("", description="Its logo.")
    tos_uri: OptionalServerUrl = Field("", description="Its terms of service.")
    policy_uri: OptionalServerUrl = Field("", description="How it uses what it learns of people.")
    contacts: Words = Field((), description="Whom to write to about it.")
    jwks_uri: OptionalServerUrl = Field("", description="Where its public keys are. Not together with jwks.")
    jwks: str = Field("", max_length=MAX_JWKS, description="Its public keys, a JWK set in JSON.")
    software_id: Line = ""
    software_version: Line = ""

    # OpenID Connect Dynamic Client Registration 1.0 section 2
    subject_type: SubjectType = SubjectType.UNSPECIFIED
    sector_identifier_uri: OptionalServerUrl = ""
    id_token_signed_response_alg: SigningAlgorithm = Field(SigningAlgorithm.UNSPECIFIED, description="Default RS256.")
    id_token_encrypted_response_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED
    id_token_encrypted_response_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED
    userinfo_signed_response_alg: SigningAlgorithm = Field(
        SigningAlgorithm.UNSPECIFIED, description="Unspecified: plain JSON."
    )
    userinfo_encrypted_response_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED
    userinfo_encrypted_response_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED
    request_object_signing_alg: SigningAlgorithm = Field(
        SigningAlgorithm.UNSPECIFIED,
        description="Unspecified: any, or none where no profile forbids. `none`: objects that nobody signed alone.",
    )
    request_object_encryption_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED
    request_object_encryption_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED
    token_endpoint_auth_signing_alg: SigningAlgorithm = SigningAlgorithm.UNSPECIFIED
    default_max_age: timedelta | None = Field(None, description="Used where a request names no max_age.")
    require_auth_time: bool = False
    default_acr_values: Words = ()
    initiate_login_uri: OptionalServerUrl = Field("", description="Where others start a sign-in to it.")
    request_uris: RequestUris = Field((), description="Where it keeps request objects (JAR by reference).")

    # RFC 9126, RFC 9101, RFC 9449, RFC 8705, RFC 9396, JARM, RFC 9701
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False
    dpop_bound_access_tokens: bool = False
    tls_client_certificate_bound_access_tokens: bool = False
    tls_client_auth_subject_dn: Line = ""
    tls_client_auth_san_dns: Line = ""
    tls_client_auth_san_uri: Line = ""
    tls_client_auth_san_ip: Line = ""
    tls_client_auth_san_email: Line = ""
    authorization_details_types: Words = ()
    authorization_signed_response_alg: SigningAlgorithm = SigningAlgorithm.UNSPECIFIED
    authorization_encrypted_response_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED
    authorization_encrypted_response_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED
    introspection_signed_response_alg: SigningAlgorithm = SigningAlgorithm.UNSPECIFIED
    introspection_encrypted_response_alg: KeyAlgorithm = KeyAlgorithm.UNSPECIFIED
    introspection_encrypted_response_enc: ContentAlgorithm = ContentAlgorithm.UNSPECIFIED

    # Logout: Front-Channel 1.0 section 2, Back-Channel 1.0 section 2.2
    frontchannel_logout_uri: OptionalServerUrl = ""
    frontchannel_logout_session_required: bool = False
    backchannel_logout_uri: OptionalServerUrl = ""
    backchannel_logout_session_required: bool = False

    # CIBA Core 1.0 section 4
    backchannel_token_delivery_mode: TokenDelivery = TokenDelivery.UNSPECIFIED
    backchannel_client_notification_endpoint: OptionalServerUrl = ""
    backchannel_authentication_request_signing_alg: SigningAlgorithm = SigningAlgorithm.UNSPECIFIED

    # Hexkeep's own
    access_token_type: AccessTokenType = Field(AccessTokenType.UNSPECIFIED, description="Default jwt.")
    access_token_signed_response_alg: SigningAlgorithm = Field(
        SigningAlgorithm.UNSPECIFIED,
        description="With what its access tokens are signed, for APIs that know not every algorithm. Default ES256.",
    )
    dpop_nonce_required: bool = Field(
        False, description="Its DPoP proofs have to repeat a nonce of ours, so that none can be made beforehand."
    )
    resources: Words = Field((), description="Which resource indicators (RFC 8707) it may ask tokens for.")
    id_token_userinfo_assertion: bool = Field(
        False, description="The claims of its scopes stand in the ID token even if there is an access token."
    )
    group_assertion: bool = Field(False, description="The names of its users' groups are told unasked.")
    metadata_assertion: bool = Field(False, description="The metadata of its users is told unasked.")
    token_endpoint_audience: bool = Field(
        False, description="Its assertions may name the token endpoint as audience, as old libraries do."
    )


NO_METADATA = ClientMetadata()
