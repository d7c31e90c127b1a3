"""Hexkeep's own claims, and the rule that nothing added from outside may pose as a claim with a meaning."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

ROLES = "urn:hexkeep:roles"
"""An object: project id to the list of the user's role keys there."""
ORGANIZATION_ID = "urn:hexkeep:organization:id"
ORGANIZATION_NAME = "urn:hexkeep:organization:name"

RESERVED = frozenset(
    {
        # RFC 7519 section 4.1, RFC 8693 section 4, RFC 9068 section 2.2, RFC 7800 section 3.1, RFC 9396 section 9
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "client_id", "scope", "act", "may_act", "cnf"),
        *("roles", "groups", "entitlements", "authorization_details", "active", "token_type", "events"),
        # OIDC Core sections 2, 3.3.2.11 and 5.1, the logout specifications
        *("nonce", "auth_time", "acr", "amr", "azp", "at_hash", "c_hash", "s_hash", "sid", "sub_jwk"),
        *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
        *("website", "email", "email_verified", "gender", "birthdate", "zoneinfo", "locale", "phone_number"),
        *("phone_number_verified", "address", "updated_at"),
    }
)
PREFIX = "urn:hexkeep:"


def organization_claims(organization_id: str, name: str) -> dict[str, JsonValue]:
    """The organization that a subject belongs to."""
    return {ORGANIZATION_ID: organization_id, ORGANIZATION_NAME: name}


def role_claims(project_id: str, roles: Iterable[str]) -> dict[str, JsonValue]:
    """The roles of a user in a project; an empty list says that there are none."""
    return {ROLES: {project_id: list(roles)}}


def additional(claims: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """``claims`` that plugins add, without those that mean something already."""
    return {name: value for name, value in claims.items() if name not in RESERVED and not name.startswith(PREFIX)}
