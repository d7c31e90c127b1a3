"""What the attributes of an assertion tell of somebody, whatever they are called."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.saml.name_id import FORMATS
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.plugins.saml.rules import Told
from hexkeep.ports.idp import Answered, Identity, IdpMalformed

CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
MICROSOFT = "http://schemas.microsoft.com/identity/claims/"
NAMES: Mapping[str, tuple[str, ...]] = {
    "user_name": ("urn:oid:0.9.2342.19200300.100.1.1", "uid", "username", "userName", f"{CLAIMS}name"),
    "email": ("urn:oid:0.9.2342.19200300.100.1.3", "mail", "email", "emailAddress", f"{CLAIMS}emailaddress"),
    "given_name": ("urn:oid:2.5.4.42", "givenName", "given_name", "firstName", f"{CLAIMS}givenname"),
    "family_name": ("urn:oid:2.5.4.4", "sn", "surname", "family_name", "lastName", f"{CLAIMS}surname"),
    "display_name": ("urn:oid:2.16.840.1.113730.3.1.241", "displayName", "display_name", f"{MICROSOFT}displayname"),
    "nickname": ("nickname",),
    "phone": ("urn:oid:2.5.4.20", "telephoneNumber", "phone_number"),
    "preferred_language": ("urn:oid:2.16.840.1.113730.3.1.39", "preferredLanguage", "locale"),
    "picture": ("picture",),
}
"""The X.500/LDAP attribute profile's names, those without a profile, and those of ADFS and Entra ID."""
GROUPS = (
    "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
    "isMemberOf",
    "groups",
    "memberOf",
    "http://schemas.xmlsoap.org/claims/Group",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
)
VERIFIED = {"email_verified": ("email_verified", "emailVerified"), "phone_verified": ("phone_number_verified",)}
TRUE = {"true", "1"}
TRANSIENT, PERSISTENT = FORMATS[SamlNameFormat.TRANSIENT], FORMATS[SamlNameFormat.PERSISTENT]
EMAIL = FORMATS[SamlNameFormat.EMAIL_ADDRESS]


def identity(told: Told, settings: SamlSettings) -> Identity:
    """Who has signed in; raises ``IdpMalformed`` where nothing tells that one from others the next time."""
    claims: dict[str, JsonValue] = {name: list(values) for name, values in told.attributes.items() if values}
    verified = {name: _first(told, known) in TRUE for name, known in VERIFIED.items()}
    verified["email_verified"] |= settings.email_verified
    fields: dict[str, Any] = {**dict(_fields(told)), **verified}
    try:
        return Identity(
            external_id=_external_id(told, settings),
            groups=next((told.attributes[one] for one in _known(told, GROUPS)), ()),
            claims=claims,
            session=_session(told),
            session_name=told.name.value,
            session_index=told.session_index,
            answered=Answered(id=told.assertion_id, until=told.until),
            authenticated_at=told.authenticated_at,
            session_ends_at=told.session_ends_at,
            **fields,
        )
    except ValueError:
        raise IdpMalformed("identity") from None


def _session(told: Told) -> str:
    """What a logout has to name (Core section 3.7.1)."""
    name = told.name
    named = (name.value, name.format, name.name_qualifier, name.sp_name_qualifier)
    return json.dumps([*named, told.session_index])


def _external_id(told: Told, settings: SamlSettings) -> str:
    """Core section 8.3.8: a transient name is another each time, so that an attribute has to tell."""
    if told.name.format != TRANSIENT:
        return told.name.value
    wanted = settings.transient_mapping_attribute
    values = next((told.attributes[one] for one in _known(told, (wanted,))), ()) if wanted else ()
    if len(values) != 1:
        raise IdpMalformed("transient_name")
    return values[0]


def _fields(told: Told) -> Iterator[tuple[str, str]]:
    for field, names in NAMES.items():
        value = _first(told, names)
        if not value and field == "email" and told.name.format == EMAIL:
            value = told.name.value
        if not value and field == "user_name" and told.name.format not in {TRANSIENT, PERSISTENT}:
            value = told.name.value
        yield field, value


def _first(told: Told, names: tuple[str, ...]) -> str:
    return next((value for one in _known(told, names) for value in told.attributes[one]), "")


def _known(told: Told, names: tuple[str, ...]) -> Iterator[str]:
    """The attributes of these names, or of these friendly names."""
    for name in names:
        if name in told.attributes:
            yield name
        elif name in told.friendly:
            yield told.friendly[name]
