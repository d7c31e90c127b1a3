"""What a client is held to: the one place that turns registered metadata and profiles into rules.

Protocol code asks ``rules_of`` and never looks at a profile by itself, so a profile is one line of a table.
"""

from dataclasses import dataclass

from hexkeep.core.application.client_metadata import ClientProfile, ResponseType
from hexkeep.core.application.state import Application, AuthMethod
from hexkeep.core.oidc.algorithms import FAPI, SigningAlgorithm

ASYMMETRIC = frozenset(SigningAlgorithm) - {
    SigningAlgorithm.UNSPECIFIED,
    SigningAlgorithm.HS256,
    SigningAlgorithm.HS384,
    SigningAlgorithm.HS512,
}
FAPI_PROFILES = frozenset({ClientProfile.FAPI_2_SECURITY, ClientProfile.FAPI_2_MESSAGE_SIGNING})


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one client. All are switches that make things stricter, but ``token_endpoint_audience``."""

    response_types: frozenset[ResponseType]
    """What it may ask for at the authorization endpoint."""
    pkce: bool
    """Every authorization request needs a code challenge (RFC 7636)."""
    pushed: bool
    """Authorization requests are pushed (RFC 9126), or refused."""
    signed_requests: bool
    """Authorization requests are signed (RFC 9101), or refused."""
    timed_requests: bool
    """Request objects tell for whom they are and when (FAPI 2.0 Message Signing section 5.3.1)."""
    dpop: bool
    """Every access token is bound to a DPoP key (RFC 9449)."""
    dpop_nonce: bool
    """Proofs have to repeat a nonce of ours (RFC 9449 sections 8 and 9)."""
    certificate: bool
    """Every access token is bound to the client's certificate (RFC 8705 section 3)."""
    sender_constrained: bool
    """Every access token is bound one way or the other (FAPI 2.0 Security Profile section 5.3.2.1)."""
    rotates: bool
    """Refresh tokens are replaced at each use. Not so where they are bound to who uses them (RFC 9700 4.14.2)."""
    strong_authentication: bool
    """It authenticates by keys or certificates."""
    algorithms: frozenset[SigningAlgorithm]
    """With which it may sign, and which are used for it where it registered none."""
    token_endpoint_audience: bool
    """Its assertions may name the token endpoint as audience instead of the issuer."""


def rules_of(application: Application) -> Rules:
    """The rules for an application, as it is registered now."""
    metadata, public = application.client_metadata, application.auth_method is AuthMethod.NONE
    fapi = metadata.profile in FAPI_PROFILES
    strict = fapi or metadata.profile is ClientProfile.OAUTH_2_1
    only_code = strict or not metadata.response_types
    bound = metadata.dpop_bound_access_tokens or metadata.tls_client_certificate_bound_access_tokens or fapi
    responses = {ResponseType.CODE} if only_code else set(metadata.response_types)
    return Rules(
        # A browser shows no proof and no certificate of the client's: a token that it brings could not be bound.
        response_types=frozenset(one for one in responses if not bound or "token" not in one.value.split()),
        pkce=public or strict,
        pushed=fapi or metadata.require_pushed_authorization_requests,
        signed_requests=metadata.profile is ClientProfile.FAPI_2_MESSAGE_SIGNING
        or metadata.require_signed_request_object,
        timed_requests=fapi,
        dpop=metadata.dpop_bound_access_tokens,
        dpop_nonce=metadata.dpop_nonce_required or fapi,
        certificate=metadata.tls_client_certificate_bound_access_tokens,
        sender_constrained=bound,
        rotates=public or not bound,
        strong_authentication=fapi,
        algorithms=FAPI if fapi else ASYMMETRIC,
        token_endpoint_audience=metadata.token_endpoint_audience and not fapi,
    )
