"""What a client is held to: the one place that turns registered metadata and profiles into rules.

Protocol code asks ``rules_of`` and never looks at a profile by itself, so a profile is one line of a table.
"""

from dataclasses import dataclass

from hexkeep.core.application.client_metadata import ClientProfile, ResponseType
from hexkeep.core.application.state import Application, AuthMethod, GrantType
from hexkeep.core.kernel.memo import once_per_value
from hexkeep.core.oidc.algorithms import FAPI, SIGNING, SYMMETRIC, SigningAlgorithm

ASYMMETRIC = SIGNING - SYMMETRIC
FAPI_PROFILES = frozenset({ClientProfile.FAPI_2_SECURITY, ClientProfile.FAPI_2_MESSAGE_SIGNING})
MAY_BE_UNSIGNED = frozenset({SigningAlgorithm.NONE, SigningAlgorithm.UNSPECIFIED})
NOT_IN_FAPI = frozenset({GrantType.DEVICE_CODE})
"""FAPI 2.0 Security Profile section 5.3.2.2 is about the code alone; who enters a device's code cannot tell whose it is
(RFC 8628 section 5.4). What is asked elsewhere (CIBA) comes from an authenticated client, and names who is asked."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one client.

    All switches make things stricter, but ``unsigned_requests`` and ``token_endpoint_audience``.
    """

    grants: frozenset[GrantType]
    """What it may use: the grants that it registered, without those that its profile does not have."""
    response_types: frozenset[ResponseType]
    """What it may ask for at the authorization endpoint."""
    pkce: bool
    """Every authorization request needs a code challenge (RFC 7636)."""
    pushed: bool
    """Authorization requests are pushed (RFC 9126), or refused."""
    signed_requests: bool
    """Authorization requests are signed (RFC 9101), or refused."""
    unsigned_requests: bool
    """Nobody need sign its request objects; they are no better than a query. So for who registered ``none`` and for who
    registered no algorithm, which leaves all that both sides have (OpenID Connect Dynamic Client Registration 1.0
    section 2), but where the client is held to more: OAuth's own objects are always signed (RFC 9101 section 10.1), so
    they are under OAuth 2.1 and FAPI, and what is pushed or signed is that for a reason (section 10.5)."""
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
    signed_elsewhere: bool
    """What it asks people elsewhere (CIBA Core 1.0 section 7.1.1) is signed, or refused."""
    algorithms: frozenset[SigningAlgorithm]
    """With which it may sign, and which are used for it where it registered none."""
    token_endpoint_audience: bool
    """Its assertions may name the token endpoint as audience instead of the issuer."""


@once_per_value
def rules_of(application: Application) -> Rules:
    """The rules for an application, as it is registered now."""
    metadata, public = application.client_metadata, application.auth_method is AuthMethod.NONE
    fapi = metadata.profile in FAPI_PROFILES
    strict = fapi or metadata.profile is ClientProfile.OAUTH_2_1
    only_code = strict or not metadata.response_types
    bound = metadata.dpop_bound_access_tokens or metadata.tls_client_certificate_bound_access_tokens or fapi
    pushed = fapi or metadata.require_pushed_authorization_requests
    signs = metadata.profile is ClientProfile.FAPI_2_MESSAGE_SIGNING or metadata.require_signed_request_object
    responses = {ResponseType.CODE} if only_code else set(metadata.response_types)
    return Rules(
        grants=frozenset(application.grant_types) - (NOT_IN_FAPI if fapi else frozenset()),
        # A browser shows no proof and no certificate of the client's: a token that it brings could not be bound.
        response_types=frozenset(one for one in responses if not bound or "token" not in one.value.split()),
        pkce=public or strict,
        pushed=pushed,
        signed_requests=signs,
        unsigned_requests=metadata.request_object_signing_alg in MAY_BE_UNSIGNED and not (strict or pushed or signs),
        timed_requests=fapi,
        dpop=metadata.dpop_bound_access_tokens,
        dpop_nonce=metadata.dpop_nonce_required or fapi,
        certificate=metadata.tls_client_certificate_bound_access_tokens,
        sender_constrained=bound,
        rotates=public or not bound,
        strong_authentication=fapi,
        signed_elsewhere=fapi
        or signs
        or metadata.backchannel_authentication_request_signing_alg is not SigningAlgorithm.UNSPECIFIED,
        algorithms=FAPI if fapi else ASYMMETRIC,
        token_endpoint_audience=metadata.token_endpoint_audience and not fapi,
    )
