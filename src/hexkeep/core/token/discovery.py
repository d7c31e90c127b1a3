"""The provider's metadata and keys."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from hexkeep.core.detailstype.state import details_types
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.memo import once_per_value
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, SigningKeys
from hexkeep.core.oidc import discovery, instance_keys, possession, rfc7636, scopes, session_state
from hexkeep.core.oidc.oidc_core import Prompt
from hexkeep.core.registration.state import CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID, RegistrationMode
from hexkeep.core.token.messages import DiscoveryDocument, JsonWebKey, JsonWebKeySet
from hexkeep.core.userregistration.state import open_organization


class Authentication(TypedDict):
    """How clients authenticate at each endpoint (RFC 8414 section 2)."""

    token_endpoint_auth_methods_supported: tuple[str, ...]
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    revocation_endpoint_auth_methods_supported: tuple[str, ...]
    revocation_endpoint_auth_signing_alg_values_supported: tuple[str, ...]
    introspection_endpoint_auth_methods_supported: tuple[str, ...]
    introspection_endpoint_auth_signing_alg_values_supported: tuple[str, ...]


INSTANCES = 256
"""Of how many instances the metadata are kept; they are public, and change with what they depend on."""
AUTHENTICATION: Authentication = {
    "token_endpoint_auth_methods_supported": discovery.AUTH_METHODS,
    "token_endpoint_auth_signing_alg_values_supported": discovery.ASSERTION_ALGORITHMS,
    "revocation_endpoint_auth_methods_supported": discovery.AUTH_METHODS,
    "revocation_endpoint_auth_signing_alg_values_supported": discovery.ASSERTION_ALGORITHMS,
    "introspection_endpoint_auth_methods_supported": discovery.PROVING_METHODS,
    "introspection_endpoint_auth_signing_alg_values_supported": discovery.ASSERTION_ALGORITHMS,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the metadata of one instance depends on; the rest is the same for all."""

    issuer: str
    registers: bool
    """RFC 7591 section 3: whether there is an endpoint for it."""
    reads_documents: bool
    """draft-ietf-oauth-client-id-metadata-document section 5."""
    prompts: tuple[str, ...]
    details_types: tuple[str, ...]
    shows_session_state: bool


def get_discovery(_: Empty, ctx: Context) -> Decision[DiscoveryDocument]:
    """Tell where this provider's endpoints are and what it can do, under the instance's primary origin."""
    rules = ctx.load(CLIENT_REGISTRATION, CLIENT_REGISTRATION_ID)
    facts = Facts(
        ctx.request.issuer,
        registers=rules.mode is not RegistrationMode.CLOSED,
        reads_documents=rules.metadata_documents,
        prompts=_prompts(ctx),
        details_types=tuple(details_types(ctx)),
        shows_session_state=session_state.is_offered(ctx),
    )
    return Decision(_described(facts))


@lru_cache(INSTANCES)
def _described(facts: Facts) -> DiscoveryDocument:
    issuer = facts.issuer
    return DiscoveryDocument(
        issuer=issuer,
        authorization_endpoint=issuer + discovery.AUTHORIZATION,
        pushed_authorization_request_endpoint=issuer + discovery.PUSHED_AUTHORIZATION,
        token_endpoint=issuer + discovery.TOKEN,
        device_authorization_endpoint=issuer + discovery.DEVICE_AUTHORIZATION,
        backchannel_authentication_endpoint=issuer + discovery.BACKCHANNEL_AUTHENTICATION,
        backchannel_authentication_request_signing_alg_values_supported=discovery.CLIENT_ALGORITHMS,
        userinfo_endpoint=issuer + discovery.USERINFO,
        registration_endpoint=issuer + discovery.REGISTRATION if facts.registers else None,
        client_id_metadata_document_supported=facts.reads_documents or None,
        jwks_uri=issuer + discovery.JWKS,
        revocation_endpoint=issuer + discovery.REVOCATION,
        introspection_endpoint=issuer + discovery.INTROSPECTION,
        grant_management_endpoint=issuer + discovery.GRANTS,
        end_session_endpoint=issuer + discovery.END_SESSION,
        scopes_supported=scopes.SUPPORTED,
        response_types_supported=discovery.RESPONSE_TYPES,
        response_modes_supported=discovery.RESPONSE_MODES,
        grant_types_supported=discovery.GRANT_TYPES,
        subject_types_supported=("public", "pairwise"),
        id_token_signing_alg_values_supported=instance_keys.SIGNING,
        id_token_encryption_alg_values_supported=discovery.KEY_ALGORITHMS,
        id_token_encryption_enc_values_supported=discovery.CONTENT_ALGORITHMS,
        userinfo_signing_alg_values_supported=instance_keys.SIGNING,
        userinfo_encryption_alg_values_supported=discovery.KEY_ALGORITHMS,
        userinfo_encryption_enc_values_supported=discovery.CONTENT_ALGORITHMS,
        **AUTHENTICATION,
        introspection_signing_alg_values_supported=instance_keys.SIGNING,
        introspection_encryption_alg_values_supported=discovery.KEY_ALGORITHMS,
        introspection_encryption_enc_values_supported=discovery.CONTENT_ALGORITHMS,
        dpop_signing_alg_values_supported=possession.ALGORITHMS,
        code_challenge_methods_supported=(rfc7636.S256,),
        prompt_values_supported=facts.prompts,
        claims_supported=discovery.CLAIMS,
        claims_parameter_supported=True,
        request_parameter_supported=True,
        request_uri_parameter_supported=True,
        require_request_uri_registration=True,
        request_object_signing_alg_values_supported=discovery.REQUEST_ALGORITHMS,
        request_object_encryption_alg_values_supported=discovery.KEY_ALGORITHMS,
        request_object_encryption_enc_values_supported=discovery.CONTENT_ALGORITHMS,
        authorization_signing_alg_values_supported=instance_keys.SIGNING,
        authorization_encryption_alg_values_supported=discovery.KEY_ALGORITHMS,
        authorization_encryption_enc_values_supported=discovery.CONTENT_ALGORITHMS,
        authorization_details_types_supported=facts.details_types,
        check_session_iframe=issuer + discovery.CHECK_SESSION if facts.shows_session_state else None,
    )


def _prompts(ctx: Context) -> tuple[str, ...]:
    """Prompt Create 1.0 section 4.2: ``create`` is told where it is supported."""
    return (*discovery.PROMPTS, Prompt.CREATE.value) if open_organization(ctx) else discovery.PROMPTS


def get_jwks(_: Empty, ctx: Context) -> Decision[JsonWebKeySet]:
    """Tell the public keys that tokens of ours are, were and will be signed with, and those to encrypt to."""
    return Decision(_key_set(ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)))


@once_per_value
def _key_set(state: SigningKeys) -> JsonWebKeySet:
    known = JsonWebKey.model_fields.keys()
    keys = ({name: value for name, value in jwk.items() if name in known} for jwk in state.published())
    return JsonWebKeySet(keys=tuple(JsonWebKey.model_validate(jwk) for jwk in keys))
