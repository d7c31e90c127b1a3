"""How users are named to service providers (Core sections 2.2.3 and 8.3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.kernel.ask import KeyedHash
from hexkeep.core.kernel.decision import Context
from hexkeep.core.saml.entity_id import ENTITY_ID
from hexkeep.core.saml.settings import SamlNameFormat
from hexkeep.core.saml.xml import Element, element, saml, trimmed, writable
from hexkeep.core.user.state import User

FORMATS: Mapping[SamlNameFormat, str] = {
    SamlNameFormat.UNSPECIFIED: "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    SamlNameFormat.EMAIL_ADDRESS: "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    SamlNameFormat.PERSISTENT: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    SamlNameFormat.TRANSIENT: "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
}
ENCRYPTED = "urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted"
"""What a request asks for that wants a name encrypted, of whatever form (section 3.4.1.1)."""
_BY_URI = {uri: known for known, uri in FORMATS.items()}
PERSISTENT_PURPOSE, TRANSIENT_PURPOSE = "saml_persistent_name", "saml_transient_name"
"""The purposes under which names are hashed."""


@dataclass(frozen=True, slots=True)
class NameId:
    """A name, its form as a URI, and within what it is one (only where that is needed)."""

    value: str = field(repr=False)
    format: str
    name_qualifier: str = ""
    sp_name_qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a name is for."""

    user_id: str
    session_id: str
    user: User


def element_of(name: NameId) -> Element:
    """How a name stands in a message of ours (section 2.2.3)."""
    return element(
        saml("NameID"),
        text=name.value,
        Format=name.format,
        NameQualifier=name.name_qualifier,
        SPNameQualifier=name.sp_name_qualifier,
    )


def told_name(named: Element) -> NameId:
    """The name in a message of somebody's (section 2.2.3)."""
    qualifiers = named.get("NameQualifier"), named.get("SPNameQualifier")
    return NameId(trimmed(named.text), named.get("Format"), *qualifiers)


def known_format(uri: str) -> SamlNameFormat | None:
    """The form that a request names, ``None`` for one that there is not here."""
    return _BY_URI.get(uri)


def name_of(ctx: Context, wanted: SamlNameFormat, provider: str, person: Named) -> NameId | None:
    """The name of a person for the service provider with that entity id; ``None`` where there is none of that form.

    Persistent names are another for each service provider (section 8.3.7); transient ones last as long as the session,
    so that a logout can name them (section 8.3.8). Both are keyed hashes: nobody can tell a user from them.
    """
    uri = FORMATS[wanted]
    match wanted:
        case SamlNameFormat.PERSISTENT:
            value = ctx.ask(KeyedHash(PERSISTENT_PURPOSE, f"{person.user_id} {provider}"))
            return NameId(value, uri, ctx.request.issuer + ENTITY_ID, provider)
        case SamlNameFormat.TRANSIENT:
            value = ctx.ask(KeyedHash(TRANSIENT_PURPOSE, f"{person.session_id} {provider}"))
            return NameId(value, uri, ctx.request.issuer + ENTITY_ID, provider)
        case SamlNameFormat.EMAIL_ADDRESS:
            usable = person.user.email if person.user.email_verified else ""
            return NameId(usable, uri) if usable and writable(usable) else None
    name = _login_name(ctx, person.user)
    return NameId(name, uri) if name and writable(name) else None


def _login_name(ctx: Context, user: User) -> str:
    """What is nobody else's: a name that is unique in the user's organization alone has its primary domain behind it.

    Empty where there is no such domain: somebody of another organization may be called the same.
    """
    if not user.name_scope:
        return user.user_name
    domain = ctx.load(DOMAINS, user.name_scope).primary
    return f"{user.user_name}@{domain}" if domain else ""


def is_possible(ctx: Context, told: NameId, provider: str) -> bool:
    """Whether anybody could be called that at that provider: its form is known, and it is within the right names."""
    here = told.name_qualifier in {"", ctx.request.issuer + ENTITY_ID} and told.sp_name_qualifier in {"", provider}
    return here and (not told.format or known_format(told.format) is not None)


def is_name_of(ctx: Context, told: NameId, provider: str, person: Named) -> bool:
    """Whether a name in a message of that provider's is a person's there.

    Where it does not say of which form it is, any will do.
    """
    if not is_possible(ctx, told, provider):
        return False
    known = known_format(told.format) if told.format else SamlNameFormat.UNSPECIFIED
    forms = tuple(FORMATS) if known is SamlNameFormat.UNSPECIFIED else (known,)
    names = (name_of(ctx, form, provider, person) for form in forms if form is not None)
    return any(name is not None and name.value == told.value for name in names)


def name_told(ctx: Context, form: SamlNameFormat, name: str, provider: str) -> NameId:
    """A name that a provider was told before, as it was."""
    if form in {SamlNameFormat.PERSISTENT, SamlNameFormat.TRANSIENT}:
        return NameId(name, FORMATS[form], ctx.request.issuer + ENTITY_ID, provider)
    return NameId(name, FORMATS[form])


def is_as_told(ctx: Context, name: NameId, provider: str, told: NameId) -> bool:
    """Whether a name in a message of that provider's is the one that it was ``told`` (section 3.7.1).

    It need not say of which form it is.
    """
    alike = name.value == told.value and name.format in {"", FORMATS[SamlNameFormat.UNSPECIFIED], told.format}
    return alike and is_possible(ctx, name, provider)
