"""Hexkeep's own claims, and the rule that nothing added from outside may pose as a claim with a meaning."""

import base64
from collections.abc import Iterable, Mapping

from pydantic import JsonValue

ROLES = "urn:hexkeep:roles"
"""An object: project id to the list of the user's role keys there."""
ORGANIZATION_ID = "urn:hexkeep:organization:id"
ORGANIZATION_NAME = "urn:hexkeep:organization:name"
ORGANIZATION_DOMAIN = "urn:hexkeep:organization:primary_domain"
"""Left out where no domain of the organization's has been verified."""
GROUPS = "groups"
"""A list of names (RFC 9068 section 2.2.3.1, RFC 7643 section 4.1.2)."""
METADATA = "urn:hexkeep:metadata"
"""An object: key to value, of those values that are text."""

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


def organization_claims(organization_id: str, name: str, primary_domain: str = "") -> dict[str, JsonValue]:
    """The organization that a subject belongs to."""
    domain: dict[str, JsonValue] = {ORGANIZATION_DOMAIN: primary_domain} if primary_domain else {}
    return {ORGANIZATION_ID: organization_id, ORGANIZATION_NAME: name, **domain}


def role_claims(held: Mapping[str, Iterable[str]]) -> dict[str, JsonValue]:
    """The roles of a user by project; an empty list says that there are none."""
    return {ROLES: {project_id: list(roles) for project_id, roles in held.items()}}


def group_claims(names: Iterable[str]) -> dict[str, JsonValue]:
    """The groups of a user, in the order of their names; those of two organizations may have the same."""
    return {GROUPS: list[JsonValue](sorted(set(names)))}


def metadata_claims(entries: Iterable[tuple[str, str]]) -> dict[str, JsonValue]:
    """The metadata of a user, out of entries with values in base64."""
    return {METADATA: dict[str, JsonValue](metadata_texts(entries))}


def metadata_texts(entries: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Keys and values of metadata, out of values in base64. A value that is no text has no place in JSON."""
    texts: list[tuple[str, str]] = []
    for key, value in entries:
        try:
            texts.append((key, base64.b64decode(value).decode()))
        except ValueError:
            continue
    return tuple(texts)


def additional(claims: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """``claims`` that plugins add, without those that mean something already."""
    return {name: value for name, value in claims.items() if name not in RESERVED and not name.startswith(PREFIX)}
