"""Which registered metadata go together: each rule tells what is wrong, in the words of the field at fault.

Rules look at values alone; what they name elsewhere is looked at in ``sectors``.
"""

import ipaddress
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from hexkeep.core.application.client_metadata import (
    ClientMetadata,
    ClientProfile,
    ResponseType,
    SubjectType,
    TokenDelivery,
)
from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.redirects import redirect_problem
from hexkeep.core.application.state import ApplicationType, AuthMethod, GrantType
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.oidc import rfc7517
from hexkeep.core.oidc.algorithms import FAPI, SYMMETRIC, ContentAlgorithm, KeyAlgorithm, SigningAlgorithm

FIELD = "client_metadata"
SIGNED = (
    *("id_token_signed_response_alg", "userinfo_signed_response_alg", "request_object_signing_alg"),
    *("authorization_signed_response_alg", "introspection_signed_response_alg"),
    *("backchannel_authentication_request_signing_alg", "access_token_signed_response_alg"),
)
"""What is signed by us or by a client, with keys whose public part the other side has."""
UNSIGNED, NONE = "request_object_signing_alg", SigningAlgorithm.NONE
"""What may be left unsigned (OIDC Core section 6.1): an object says no more than a query may."""
ENCRYPTED = ("id_token_encrypted_response", "userinfo_encrypted_response", "request_object_encryption")
ENCRYPTED_BY_KEY = ("authorization_encrypted_response", "introspection_encrypted_response")
ALL_ENCRYPTED = (*ENCRYPTED, *ENCRYPTED_BY_KEY)
TO_CLIENTS = tuple(name for name in ALL_ENCRYPTED if name.endswith("response"))
"""What is encrypted to the client, so that it needs a key of its own."""
SUBJECT_NAMES = (
    "tls_client_auth_subject_dn",
    *("tls_client_auth_san_dns", "tls_client_auth_san_uri", "tls_client_auth_san_ip", "tls_client_auth_san_email"),
)
"""RFC 8705 section 2.1.2."""
STRONG = frozenset({AuthMethod.PRIVATE_KEY_JWT, AuthMethod.TLS_CLIENT_AUTH, AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH})
"""FAPI 2.0 Security Profile section 5.3.2.1, point 6, and what RFC 8252 section 8.4 lets single installations have."""
FAPI_PROFILES = frozenset({ClientProfile.FAPI_2_SECURITY, ClientProfile.FAPI_2_MESSAGE_SIGNING})


def normal(metadata: ClientMetadata) -> ClientMetadata:
    """``metadata`` with what the registries say to assume, and nothing twice."""
    assumed = {
        f"{name}_enc": ContentAlgorithm.A128CBC_HS256
        for name in ALL_ENCRYPTED
        if _key_algorithm(metadata, name) and not _content_algorithm(metadata, name)
    }
    twice = ("response_types", "contacts", "default_acr_values", "request_uris", "authorization_details_types")
    once = {name: tuple(dict.fromkeys(getattr(metadata, name))) for name in (*twice, "resources")}
    return metadata.model_copy(update={**once, **assumed})


def violations(kind: ApplicationType, settings: OidcApplicationChanged) -> Iterator[Violation]:
    """Everything that does not hold about the metadata in ``settings``, judged together with its other settings."""
    metadata = settings.client_metadata
    for rule in RULES:
        yield from (Violation(f"{FIELD}.{name}", problem) for name, problem in rule(metadata, settings))
    for name in ("backchannel_logout_uri", "frontchannel_logout_uri"):
        uri = str(getattr(metadata, name))
        if uri and (problem := redirect_problem(uri, kind)):
            yield Violation(f"{FIELD}.{name}", problem)


Problems = Iterator[tuple[str, str]]
Rule = Callable[[ClientMetadata, OidcApplicationChanged], Problems]


def _keys(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """RFC 7591 section 2: keys are here or there; what is encrypted to a client, or shown by it, needs one."""
    if metadata.jwks and metadata.jwks_uri:
        yield "jwks_uri", "must not be given together with jwks (RFC 7591 section 2)"
    if metadata.jwks or metadata.jwks_uri:
        return
    if settings.auth_method == AuthMethod.SELF_SIGNED_TLS_CLIENT_AUTH:
        yield "jwks", "must hold the client's certificate or key for self_signed_tls_client_auth (RFC 8705 section 2.2)"
    for name in TO_CLIENTS:
        if _key_algorithm(metadata, name):
            yield f"{name}_alg", "needs a key to encrypt to: register jwks or jwks_uri"


def _responses(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: the table of response types and grant types."""
    granted, types = set(settings.grant_types), metadata.response_types
    if ResponseType.UNSPECIFIED in types:
        yield "response_types", "must name known response types only"
        return
    needed = {grant for one in types for grant in grants_of(one)}
    for grant in sorted(needed - granted):
        yield "response_types", f"need the grant type {grant}"
    if GrantType.IMPLICIT in granted and GrantType.IMPLICIT not in needed:
        yield "response_types", "must name one with id_token or token for the grant type implicit"
    if types and GrantType.AUTHORIZATION_CODE in granted and GrantType.AUTHORIZATION_CODE not in needed:
        yield "response_types", "must name one with code for the grant type authorization_code"


def grants_of(response_type: ResponseType) -> tuple[GrantType, ...]:
    """The grant types that a response type needs."""
    words = response_type.value.split()
    code = (GrantType.AUTHORIZATION_CODE,) if "code" in words else ()
    return (*code, GrantType.IMPLICIT) if set(words) - {"code"} else code


def _algorithms(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """Which algorithms may sign and encrypt. A secret signs a client's own assertion and nothing else."""
    for name in SIGNED:
        if getattr(metadata, name) in SYMMETRIC or (name != UNSIGNED and getattr(metadata, name) is NONE):
            yield name, "must be an algorithm with public keys"
    for name in ALL_ENCRYPTED:
        if _content_algorithm(metadata, name) and not _key_algorithm(metadata, name):
            yield f"{name}_enc", f"goes together with {name}_alg"
    asserted = metadata.token_endpoint_auth_signing_alg
    if asserted is SigningAlgorithm.UNSPECIFIED:
        return
    if settings.auth_method not in {AuthMethod.PRIVATE_KEY_JWT, AuthMethod.CLIENT_SECRET_JWT}:
        yield "token_endpoint_auth_signing_alg", "goes with private_key_jwt and client_secret_jwt alone"
    elif asserted is NONE or (asserted in SYMMETRIC) != (settings.auth_method == AuthMethod.CLIENT_SECRET_JWT):
        yield "token_endpoint_auth_signing_alg", "must be HS256, HS384 or HS512 for client_secret_jwt, and only there"


def _unsigned(metadata: ClientMetadata, _: OidcApplicationChanged) -> Problems:
    """Whoever is held to more than a query says cannot leave its requests unsigned (RFC 9101 section 10.5)."""
    held = metadata.require_pushed_authorization_requests or metadata.require_signed_request_object
    if metadata.request_object_signing_alg is NONE and (held or metadata.profile is not ClientProfile.UNSPECIFIED):
        yield UNSIGNED, "must not be none under a profile, or where requests have to be pushed or signed"


def _sector(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """OIDC Core section 8.1: where pairwise subjects could depend on several hosts, a sector has to be named."""
    hosts = {urlsplit(uri).hostname for uri in settings.redirect_uris}
    if metadata.subject_type is SubjectType.PAIRWISE and len(hosts) > 1 and not metadata.sector_identifier_uri:
        yield "sector_identifier_uri", "is needed for pairwise subjects with redirect URIs on several hosts"
    if metadata.sector_identifier_uri and not metadata.sector_identifier_uri.startswith("https://"):
        yield "sector_identifier_uri", "must begin with https://"


def _certificates(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """RFC 8705 section 2.1.2: exactly one subject is registered for tls_client_auth."""
    named = [name for name in SUBJECT_NAMES if getattr(metadata, name)]
    if settings.auth_method != AuthMethod.TLS_CLIENT_AUTH:
        return
    if len(named) != 1:
        yield (named or SUBJECT_NAMES)[0], f"exactly one of {', '.join(SUBJECT_NAMES)} is needed for tls_client_auth"
    if metadata.tls_client_auth_san_ip and not _is_address(metadata.tls_client_auth_san_ip):
        yield "tls_client_auth_san_ip", "must be an IP address in its shortest form"


def _is_address(text: str) -> bool:
    try:
        return str(ipaddress.ip_address(text)) == text
    except ValueError:
        return False


def _ciba(metadata: ClientMetadata, _: OidcApplicationChanged) -> Problems:
    """CIBA Core 1.0 section 4."""
    endpoint = metadata.backchannel_client_notification_endpoint
    if metadata.backchannel_token_delivery_mode is TokenDelivery.PING and not endpoint.startswith("https://"):
        yield "backchannel_client_notification_endpoint", "must be an https:// URL for the delivery mode ping"


def _others(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """Front-Channel Logout 1.0 section 2, and times that are none."""
    uri = metadata.frontchannel_logout_uri
    if uri and _origin(uri) not in {_origin(one) for one in settings.redirect_uris}:
        yield "frontchannel_logout_uri", "must have the scheme, host and port of a redirect URI"
    if metadata.default_max_age is not None and metadata.default_max_age < timedelta(0):
        yield "default_max_age", "must not be negative"


def _origin(uri: str) -> tuple[str, str]:
    parts = urlsplit(uri)
    return parts.scheme, parts.netloc.lower()


def _profile(metadata: ClientMetadata, settings: OidcApplicationChanged) -> Problems:
    """OAuth 2.1 section 10, FAPI 2.0 Security Profile section 5.3.2. What a profile implies need not be registered.

    Of flows that people take part in FAPI has the authorization code alone (section 5.3.2.2), which begins and ends in
    one browser: who enters a code that a device shows cannot tell whose device it is (RFC 8628 section 5.4).
    """
    if metadata.profile is ClientProfile.UNSPECIFIED:
        return
    if set(metadata.response_types) - {ResponseType.CODE} or GrantType.IMPLICIT in settings.grant_types:
        yield "profile", "allows the response type code alone, and no implicit grant"
    if metadata.profile not in FAPI_PROFILES:
        return
    if settings.auth_method not in STRONG:
        yield "profile", f"needs one of the authentication methods {', '.join(sorted(STRONG))}"
    if metadata.token_endpoint_audience:
        yield "token_endpoint_audience", "goes against the profile: assertions name the issuer"
    for name in (*SIGNED, "token_endpoint_auth_signing_alg"):
        if getattr(metadata, name) not in FAPI | {SigningAlgorithm.UNSPECIFIED}:
            yield name, f"must be one of {', '.join(sorted(FAPI))} under the profile"
    if any(uri.startswith("http://") for uri in settings.redirect_uris):
        yield "profile", "allows no redirect URIs with http://"
    if GrantType.DEVICE_CODE in settings.grant_types:
        yield "profile", "allows no device authorization"


RULES: tuple[Rule, ...] = (_keys, _responses, _algorithms, _unsigned, _sector, _certificates, _ciba, _others, _profile)


def _key_algorithm(metadata: ClientMetadata, name: str) -> bool:
    return getattr(metadata, f"{name}_alg") is not KeyAlgorithm.UNSPECIFIED


def _content_algorithm(metadata: ClientMetadata, name: str) -> bool:
    return getattr(metadata, f"{name}_enc") is not ContentAlgorithm.UNSPECIFIED


def refuse(wrong: Iterable[Violation]) -> None:
    """Raise ``InvalidInput`` for settings that do not go together, if there is anything wrong."""
    found = tuple(wrong)
    if found:
        raise InvalidInput("These settings do not go together", *found)


def refuse_keys(metadata: ClientMetadata) -> None:
    """Raise ``InvalidInput`` for a key set that may not be registered, or has no key for what is to be encrypted."""
    if not metadata.jwks:
        return
    keys = rfc7517.public_keys(metadata.jwks, f"{FIELD}.jwks")
    wanted = {name: getattr(metadata, f"{name}_alg") for name in TO_CLIENTS if _key_algorithm(metadata, name)}
    refuse(
        Violation(f"{FIELD}.{name}_alg", "needs a key in jwks to encrypt to")
        for name, algorithm in wanted.items()
        if not any(rfc7517.encrypts(key, algorithm.value) for key in keys)
    )
