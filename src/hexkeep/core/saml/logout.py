"""Messages of single logout (Core section 3.7, Profiles section 4.4), read and made."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hexkeep.core.saml import moments
from hexkeep.core.saml.errors import SUCCESS, UNKNOWN_PRINCIPAL, SamlRequestInvalid, SamlRequestOver, Status
from hexkeep.core.saml.incoming import VERSION, Head, head_of
from hexkeep.core.saml.name_id import NameId, told_name
from hexkeep.core.saml.response import Envelope
from hexkeep.core.saml.xml import SIGN_HERE, Element, element, saml, samlp

REQUEST, RESPONSE = samlp("LogoutRequest"), samlp("LogoutResponse")
MAX_INDEXES = 20
GOOD_FOR = timedelta(minutes=5)
"""How long somebody may end a session on a request of ours."""
REASON = "urn:oasis:names:tc:SAML:2.0:logout:user"


@dataclass(frozen=True, slots=True)
class LogoutRequest(Head):
    """Whose session is to end, and which. Without ``name`` the user is named in a way that we cannot read."""

    name: NameId | None = field(default=None, repr=False)
    session_indexes: tuple[str, ...] = ()
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogoutResponse(Head):
    """What became of a request of ours."""

    in_response_to: str = ""
    successful: bool = False
    unknown: bool = False
    """Whether there was nobody to sign out."""


def read_request(root: Element | None) -> LogoutRequest:
    """The request that an element is; raises ``SamlRequestInvalid``."""
    head, root = head_of(root, REQUEST), root or Element("")
    named = root.one(saml("NameID"))
    ends = root.get("NotOnOrAfter")
    until = moments.read(ends) if ends else None
    indexes = tuple(one.text.strip() for one in root.all(samlp("SessionIndex")))
    if (ends and until is None) or len(indexes) > MAX_INDEXES:
        raise SamlRequestInvalid("NotOnOrAfter is malformed, or there are too many SessionIndex")
    name = None if named is None else told_name(named)
    return LogoutRequest(head.id, head.issuer, head.issued_at, head.destination, name, indexes, until)


def read_response(root: Element | None) -> LogoutResponse:
    """The response that an element is; raises ``SamlRequestInvalid``. A partial success is one."""
    head, root = head_of(root, RESPONSE), root or Element("")
    code = (root.one(samlp("Status")) or Element("")).one(samlp("StatusCode")) or Element("")
    detail = code.one(samlp("StatusCode")) or Element("")
    return LogoutResponse(
        head.id,
        head.issuer,
        head.issued_at,
        head.destination,
        root.get("InResponseTo"),
        successful=code.get("Value") == SUCCESS.code,
        unknown=detail.get("Value") == UNKNOWN_PRINCIPAL.detail,
    )


def insist_on_time(asked: LogoutRequest, now: datetime) -> None:
    """Core section 3.7.1; raises ``SamlRequestOver`` once ``NotOnOrAfter`` has come."""
    if asked.until is not None and asked.until <= now - moments.SKEW:
        raise SamlRequestOver


def request(envelope: Envelope, named: Element, session_index: str, *, signed: bool) -> Element:
    """A request for the end of a session of whom ``named`` is, a NameID or EncryptedID.

    With ``signed`` it has its signature in it (Profiles section 4.4.4.1).
    """
    return element(
        REQUEST,
        element(saml("Issuer"), text=envelope.issuer),
        *((SIGN_HERE,) if signed else ()),
        named,
        element(samlp("SessionIndex"), text=session_index),
        ID=envelope.id,
        Version=VERSION,
        IssueInstant=envelope.issued,
        Destination=envelope.destination,
        NotOnOrAfter=moments.written(envelope.now + GOOD_FOR),
        Reason=REASON,
    )


def response(envelope: Envelope, status: Status, *, signed: bool) -> Element:
    """The response to a service provider (Profiles section 4.4.4.2)."""
    detail = (element(samlp("StatusCode"), Value=status.detail),) if status.detail else ()
    return element(
        RESPONSE,
        element(saml("Issuer"), text=envelope.issuer),
        *((SIGN_HERE,) if signed else ()),
        element(samlp("Status"), element(samlp("StatusCode"), *detail, Value=status.code)),
        ID=envelope.id,
        Version=VERSION,
        IssueInstant=envelope.issued,
        Destination=envelope.destination,
        InResponseTo=envelope.in_response_to,
    )
