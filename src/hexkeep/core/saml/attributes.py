"""What assertions tell of users (Core section 2.7.3), as the application's mapping has it."""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.metadata.state import USER_METADATA
from hexkeep.core.oidc.claims import metadata_texts
from hexkeep.core.oidc.grants import roles_in
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.saml.settings import SamlAttribute, SamlAttributeSource
from hexkeep.core.saml.xml import Element, element, saml, writable
from hexkeep.core.user.state import User

URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
Source = SamlAttributeSource

DEFAULTS = tuple(
    SamlAttribute(source=source, name=f"urn:oid:{oid}", friendly_name=known)
    for source, oid, known in (
        (Source.USER_NAME, "0.9.2342.19200300.100.1.1", "uid"),
        (Source.EMAIL, "0.9.2342.19200300.100.1.3", "mail"),
        (Source.GIVEN_NAME, "2.5.4.42", "givenName"),
        (Source.FAMILY_NAME, "2.5.4.4", "sn"),
        (Source.DISPLAY_NAME, "2.16.840.1.113730.3.1.241", "displayName"),
    )
)
"""X.500/LDAP Attribute Profile 2.0: the names that directories have for these, which all service providers know."""


def statement(
    ctx: Context, mapping: tuple[SamlAttribute, ...], user_id: str, user: User, project_id: str
) -> Element | None:
    """The AttributeStatement, ``None`` where there is nothing to tell: it may not be empty."""
    told = []
    for one in mapping or DEFAULTS:
        values = tuple(value for value in _values(ctx, one, user_id, user, project_id) if value and writable(value))
        if values:
            told.append(_attribute(one, values))
    return element(saml("AttributeStatement"), *told) if told else None


def _attribute(one: SamlAttribute, values: tuple[str, ...]) -> Element:
    form = URI if ":" in one.name else BASIC
    children = (element(saml("AttributeValue"), text=value) for value in values)
    return element(saml("Attribute"), *children, Name=one.name, NameFormat=form, FriendlyName=one.friendly_name)


def _values(ctx: Context, one: SamlAttribute, user_id: str, user: User, project_id: str) -> tuple[str, ...]:
    match one.source:
        case Source.ROLES:
            return roles_in(ctx, user_id, project_id)
        case Source.METADATA:
            entries = metadata_texts(ctx.load(USER_METADATA, user_id).entries)
            return tuple(value for key, value in entries if key == one.metadata_key)
        case Source.ORGANIZATION_NAME:
            return (ctx.load(ORGANIZATION, user.organization_id).name,)
        case Source.EMAIL:
            return (user.email,) if user.email_verified else ()
        case Source.PHONE:
            return (user.phone,) if user.phone_verified else ()
    return (_plain(one.source, user_id, user),)


def _plain(source: SamlAttributeSource, user_id: str, user: User) -> str:
    return {
        Source.USER_ID: user_id,
        Source.USER_NAME: user.user_name,
        Source.GIVEN_NAME: user.given_name,
        Source.FAMILY_NAME: user.family_name,
        Source.DISPLAY_NAME: user.display_name,
        Source.PREFERRED_LANGUAGE: user.preferred_language,
        Source.ORGANIZATION_ID: user.organization_id,
    }.get(source, "")
