"""Answers to authentication requests (Core sections 2.3 to 2.7 and 3.3.3, Profiles section 4.1.4.2)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hexkeep.core.saml import moments
from hexkeep.core.saml.errors import SUCCESS, Status
from hexkeep.core.saml.settings import SamlSigned
from hexkeep.core.saml.xml import SIGN_HERE, Element, element, saml, samlp

LIFETIME = timedelta(minutes=5)
"""How long an assertion may be presented; its bearer is whoever has it, so it is short."""
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
VERSION = "2.0"
ENCRYPTED = saml("EncryptedAssertion")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every answer says. ``in_response_to`` is empty where nobody has asked (Profiles section 4.1.5)."""

    id: str
    issuer: str
    destination: str
    in_response_to: str
    now: datetime

    @property
    def issued(self) -> str:
        """When it is said."""
        return moments.written(self.now)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Who signed in, when, how and in which session, and who is told of it."""

    assertion_id: str
    audience: str
    named: Element = field(repr=False)
    """A NameID or EncryptedID."""
    authenticated_at: datetime
    session_index: str
    session_ends: datetime
    context: str
    attributes: Element | None = field(repr=False)


def refusal(envelope: Envelope, status: Status) -> Element:
    """An answer without an assertion, which is signed: nobody else can say that somebody was refused."""
    detail = (element(samlp("StatusCode"), Value=status.detail),) if status.detail else ()
    return _response(envelope, element(samlp("StatusCode"), *detail, Value=status.code), signed=True)


def success(envelope: Envelope, told: SignIn, signed: SamlSigned, *, encrypted: bool) -> Element:
    """An answer with one assertion; with ``encrypted`` it is in the element ``ENCRYPTED``, for ``asks.WriteXml``."""
    assertion = _assertion(envelope, told, signed=signed is not SamlSigned.RESPONSE)
    inner = element(ENCRYPTED, assertion) if encrypted else assertion
    code = element(samlp("StatusCode"), Value=SUCCESS.code)
    return _response(envelope, code, inner, signed=signed is not SamlSigned.ASSERTION)


def _response(envelope: Envelope, code: Element, *more: Element, signed: bool) -> Element:
    return element(
        samlp("Response"),
        element(saml("Issuer"), text=envelope.issuer),
        *((SIGN_HERE,) if signed else ()),
        element(samlp("Status"), code),
        *more,
        ID=envelope.id,
        Version=VERSION,
        IssueInstant=envelope.issued,
        Destination=envelope.destination,
        InResponseTo=envelope.in_response_to,
    )


def _assertion(envelope: Envelope, told: SignIn, *, signed: bool) -> Element:
    return element(
        saml("Assertion"),
        element(saml("Issuer"), text=envelope.issuer),
        *((SIGN_HERE,) if signed else ()),
        _subject(envelope, told.named),
        _conditions(envelope, told.audience),
        _authn_statement(told),
        *((told.attributes,) if told.attributes is not None else ()),
        ID=told.assertion_id,
        Version=VERSION,
        IssueInstant=envelope.issued,
    )


def _subject(envelope: Envelope, named: Element) -> Element:
    bounds = element(
        saml("SubjectConfirmationData"),
        NotOnOrAfter=moments.written(envelope.now + LIFETIME),
        Recipient=envelope.destination,
        InResponseTo=envelope.in_response_to,
    )
    return element(saml("Subject"), named, element(saml("SubjectConfirmation"), bounds, Method=BEARER))


def _conditions(envelope: Envelope, audience: str) -> Element:
    restriction = element(saml("AudienceRestriction"), element(saml("Audience"), text=audience))
    return element(
        saml("Conditions"),
        restriction,
        NotBefore=moments.written(envelope.now - moments.SKEW),
        NotOnOrAfter=moments.written(envelope.now + LIFETIME),
    )


def _authn_statement(told: SignIn) -> Element:
    context = element(saml("AuthnContext"), element(saml("AuthnContextClassRef"), text=told.context))
    return element(
        saml("AuthnStatement"),
        context,
        AuthnInstant=moments.written(told.authenticated_at),
        SessionIndex=told.session_index,
        SessionNotOnOrAfter=moments.written(told.session_ends),
    )
