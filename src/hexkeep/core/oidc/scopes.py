"""Scopes: the ones of OpenID Connect (OIDC Core sections 5.4 and 11) and Hexkeep's own."""

import re
from collections.abc import Iterable

OPENID = "openid"
PROFILE = "profile"
EMAIL = "email"
ADDRESS = "address"
PHONE = "phone"
OFFLINE_ACCESS = "offline_access"
"""Asks for a refresh token. Without it there is none, so that nothing outlives the session unasked."""

ROLES = "urn:hexkeep:roles"
"""Asks for the user's roles in the application's project as a claim."""
ORGANIZATION = "urn:hexkeep:organization"
"""Asks for the user's organization as claims."""
ROLE_PREFIX = "urn:hexkeep:role:"
"""Before the key of a role: asks to be told of this one alone, if the user has it, instead of all."""
ROLE = re.compile(r"urn:hexkeep:role:[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")
"""No other text than a key that there could be is granted, shown to people and kept in the log."""
ORGANIZATION_ID_PREFIX = "urn:hexkeep:organization:id:"
ORGANIZATION_DOMAIN_PREFIX = "urn:hexkeep:organization:primary_domain:"
"""Before an organization's id or primary domain: people of that one alone may sign in (``oidc.organizations``)."""
ORGANIZATION_BY_ID = re.compile(r"urn:hexkeep:organization:id:[A-Za-z0-9._~-]{1,200}")
ORGANIZATION_BY_DOMAIN = re.compile(r"urn:hexkeep:organization:primary_domain:[A-Za-z0-9.-]{1,253}")
GROUPS = "groups"
"""Asks for the names of the user's groups. The plain word is what other people's programs ask with."""
METADATA = "urn:hexkeep:metadata"
"""Asks for the user's metadata."""
API = "urn:hexkeep:api"
"""Asks for a token that Hexkeep's own API accepts."""
GRANT_QUERY = "grant_management_query"
GRANT_REVOKE = "grant_management_revoke"
GRANT_MANAGEMENT = (GRANT_QUERY, GRANT_REVOKE)
"""Ask for a token with which a client looks at its grants, or ends them (Grant Management section 6.1)."""

SUPPORTED = (
    OPENID,
    PROFILE,
    EMAIL,
    ADDRESS,
    PHONE,
    OFFLINE_ACCESS,
    ROLES,
    ORGANIZATION,
    GROUPS,
    METADATA,
    API,
    *GRANT_MANAGEMENT,
)
FOR_CLIENTS = frozenset({ORGANIZATION, *GRANT_MANAGEMENT})
"""What a client may ask for when it acts for itself (RFC 6749 section 4.4): there is no person behind it."""
FOR_MACHINES = frozenset({ORGANIZATION, API})
"""What a machine user may ask for: it is a user, so it may call Hexkeep's API, but it belongs to no project."""


def grantable(requested: Iterable[str], *, refresh: bool, api: bool) -> tuple[str, ...]:
    """The supported ones among ``requested``, without those that the application did not register for.

    Others are ignored (OIDC Core section 3.1.2.1: "scope values used that are not understood SHOULD be ignored").
    """
    refused = set(GRANT_MANAGEMENT)  # of a client for itself alone, so that nobody is asked to agree to them
    if not refresh:
        refused.add(OFFLINE_ACCESS)
    if not api:
        refused.add(API)
    return tuple(scope for scope in requested if _known(scope) and scope not in refused)


def _known(scope: str) -> bool:
    return scope in SUPPORTED or any(one.fullmatch(scope) for one in (ROLE, ORGANIZATION_BY_ID, ORGANIZATION_BY_DOMAIN))


def restricts(scope: str) -> bool:
    """Whether a scope says, well or badly, that people of one organization alone are meant."""
    return scope.startswith(f"{ORGANIZATION}:")


def role_keys(granted: Iterable[str]) -> frozenset[str]:
    """The keys of the roles that are asked for one by one."""
    return frozenset(scope.removeprefix(ROLE_PREFIX) for scope in granted if scope.startswith(ROLE_PREFIX))
