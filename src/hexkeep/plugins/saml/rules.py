"""What an answer has to say to count (Core sections 2 and 3.2, Profiles section 4.1.4.3, Bindings section 3.5.5.2).

All is judged on elements that were verified. Each rule fails with ``IdpMalformed`` and a word of ours, or, where the
provider itself says no, with what it says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hexkeep.core.idpintent.identity import MAX_EXTERNAL_ID
from hexkeep.core.saml import moments
from hexkeep.core.saml.errors import SUCCESS
from hexkeep.core.saml.moments import SKEW
from hexkeep.core.saml.response import BEARER, VERSION
from hexkeep.core.saml.xml import Element, saml, samlp, trimmed
from hexkeep.ports.idp import IdpCancelled, IdpFailed, IdpMalformed, IdpRefused

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
KNOWN_CONDITIONS = frozenset(map(saml, ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")))
MAX_ATTRIBUTES = 500
REMEMBERED = timedelta(days=1)
"""No assertion may be good for longer than it is remembered to have been used."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer to one request of ours is. ``issuer`` is the provider's entity id, ``audience`` our own."""

    issuer: str
    audience: str
    consumer: str
    request_id: str
    asked_at: datetime
    now: datetime
    name_format: str = ""
    """The form of name that the request has asked for, empty for any."""


@dataclass(frozen=True, slots=True)
class Name:
    """A NameID (Core section 2.2.3)."""

    value: str = field(repr=False)
    format: str = ""
    name_qualifier: str = ""
    sp_name_qualifier: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What an assertion tells. ``until`` is when it is over; ``attributes`` are those with text, by name."""

    assertion_id: str
    until: datetime
    name: Name
    session_index: str
    authenticated_at: datetime
    session_ends_at: datetime | None
    attributes: Mapping[str, tuple[str, ...]] = field(repr=False)
    friendly: Mapping[str, str] = field(repr=False)
    """The names of attributes by their friendly names."""


def insist_on_response(root: Element, expected: Expected, *, signed: bool) -> None:
    """Core section 3.2.2: an answer to our request, to us, by the provider. A status other than success ends here."""
    issuer = root.one(saml("Issuer"))
    if root.name != samlp("Response") or root.get("Version") != VERSION or not root.get("ID"):
        raise IdpMalformed("response")
    if root.get("InResponseTo") != expected.request_id:
        raise IdpMalformed("response_in_response_to")
    if root.get("Destination") != expected.consumer and (signed or root.get("Destination")):
        raise IdpMalformed("response_destination")
    if len(tuple(root.all(saml("Issuer")))) > 1 or (signed and issuer is None):
        raise IdpMalformed("response_issuer")
    if issuer is not None and issuer.text.strip() != expected.issuer:
        raise IdpMalformed("response_issuer")
    _insist_on_time(root.get("IssueInstant"), expected, "response_issue_instant")
    status = root.one(samlp("Status"))
    code = status.one(samlp("StatusCode")) if status is not None else None
    if code is None:
        raise IdpMalformed("response_status")
    if code.get("Value") != SUCCESS.code:
        raise _refusal(code)


def _refusal(code: Element) -> IdpFailed:
    """Core section 3.2.2.2. Who does not want to go on there is told from nobody but who is denied."""
    inner = code.one(samlp("StatusCode"))
    detail = inner.get("Value").removeprefix(STATUS) if inner is not None else ""
    known = {"AuthnFailed": "authn_failed", "NoAuthnContext": "no_authn_context", "NoPassive": "no_passive"}
    known |= {"InvalidNameIDPolicy": "invalid_name_id_policy", "UnknownPrincipal": "unknown_principal"}
    if detail == "RequestDenied":
        return IdpCancelled("request_denied")
    return IdpRefused(known.get(detail, "status"))


def told(assertion: Element, expected: Expected) -> Told:
    """What an assertion tells if it is for us, now, and the answer to our request."""
    issuer = assertion.one(saml("Issuer"))
    subject = assertion.one(saml("Subject"))
    id_ = assertion.get("ID")
    if assertion.name != saml("Assertion") or assertion.get("Version") != VERSION or not id_:
        raise IdpMalformed("assertion")
    if len(id_) > MAX_EXTERNAL_ID:
        raise IdpMalformed("assertion_id")
    if issuer is None or issuer.text.strip() != expected.issuer:
        raise IdpMalformed("assertion_issuer")
    if subject is None:
        raise IdpMalformed("assertion_subject")
    _insist_on_time(assertion.get("IssueInstant"), expected, "assertion_issue_instant")
    _insist_on_conditions(assertion, expected)
    until = _confirmed_until(subject, expected)
    session = _session(assertion, expected)
    attributes, friendly = _attributes(assertion)
    return Told(id_, until, _name(subject, expected), *session, attributes, friendly)


def _insist_on_time(text: str, expected: Expected, reason: str) -> None:
    """What answers a request was made after it, and not in the future."""
    moment = moments.read(text)
    if moment is None or not expected.asked_at - SKEW <= moment <= expected.now + SKEW:
        raise IdpMalformed(reason)


def _ends(text: str, reason: str) -> datetime:
    moment = moments.read(text)
    if moment is None:
        raise IdpMalformed(reason)
    return moment


def _insist_on_conditions(assertion: Element, expected: Expected) -> None:
    """Core section 2.5: all of them hold, and one that is not known does not."""
    conditions = assertion.one(saml("Conditions"))
    if conditions is None or any(one.name not in KNOWN_CONDITIONS for one in conditions.children):
        raise IdpMalformed("assertion_conditions")
    begins, ends = conditions.get("NotBefore"), conditions.get("NotOnOrAfter")
    if begins and _ends(begins, "assertion_not_before") > expected.now + SKEW:
        raise IdpMalformed("assertion_not_before")
    if ends and _ends(ends, "assertion_not_on_or_after") <= expected.now - SKEW:
        raise IdpMalformed("assertion_not_on_or_after")
    restrictions = tuple(conditions.all(saml("AudienceRestriction")))
    if not restrictions or not all(_names(one, expected.audience) for one in restrictions):
        raise IdpMalformed("assertion_audience")


def _names(restriction: Element, audience: str) -> bool:
    return any(one.text.strip() == audience for one in restriction.all(saml("Audience")))


def _confirmed_until(subject: Element, expected: Expected) -> datetime:
    """Profiles section 4.1.4.2: until when its bearer may bring it; raises where it is not ours, or over."""
    reasons = []
    for one in subject.all(saml("SubjectConfirmation")):
        data = one.one(saml("SubjectConfirmationData"))
        if one.get("Method") != BEARER or data is None:
            continue
        reason = _unconfirmed(data, expected)
        if not reason:
            return _ends(data.get("NotOnOrAfter"), "") + SKEW
        reasons.append(reason)
    raise IdpMalformed(reasons[0] if reasons else "confirmation")


def _unconfirmed(data: Element, expected: Expected) -> str:
    """What is wrong with a confirmation, empty for nothing."""
    ends, begins = moments.read(data.get("NotOnOrAfter")), data.get("NotBefore")
    if data.get("Recipient") != expected.consumer:
        return "confirmation_recipient"
    if data.get("InResponseTo") != expected.request_id:
        return "confirmation_in_response_to"
    if ends is None or not expected.now - SKEW < ends <= expected.now + REMEMBERED:
        return "confirmation_not_on_or_after"
    if begins and _ends(begins, "confirmation_not_before") > expected.now + SKEW:
        return "confirmation_not_before"
    return ""


def _session(assertion: Element, expected: Expected) -> tuple[str, datetime, datetime | None]:
    """Core section 2.7.2: the one statement that somebody has signed in, in a session that is not over.

    What that session is called, when somebody has signed in, and when it is over, if ever.
    """
    statement = assertion.one(saml("AuthnStatement"))
    signed_in = moments.read(statement.get("AuthnInstant")) if statement is not None else None
    if statement is None or signed_in is None or signed_in > expected.now + SKEW:
        raise IdpMalformed("authn_statement")
    text, index = statement.get("SessionNotOnOrAfter"), statement.get("SessionIndex")
    ends = _ends(text, "session_not_on_or_after") if text else None
    if ends is not None and ends <= expected.now - SKEW:
        raise IdpMalformed("session_not_on_or_after")
    if len(index) > MAX_EXTERNAL_ID:
        raise IdpMalformed("session_index")
    return index, min(signed_in, expected.now), ends


def _name(subject: Element, expected: Expected) -> Name:
    """Core sections 2.2.2 and 3.4.1.1. A name of another form, or by whom another names, may be somebody else's.

    The person brings the request to the provider, and could ask for another form on the way.
    """
    found = subject.one(saml("NameID"))
    value = trimmed(found.text) if found is not None else ""
    if found is None or not 0 < len(value) <= MAX_EXTERNAL_ID or not value.isprintable():
        raise IdpMalformed("name_id")
    qualifiers = found.get("NameQualifier"), found.get("SPNameQualifier")
    if qualifiers[0] not in {"", expected.issuer}:
        raise IdpMalformed("name_id_name_qualifier")
    if qualifiers[1] not in {"", expected.audience}:
        raise IdpMalformed("name_id_sp_name_qualifier")
    if expected.name_format and found.get("Format") != expected.name_format:
        raise IdpMalformed("name_id_format")
    return Name(value, found.get("Format"), *qualifiers)


def _attributes(assertion: Element) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    values: dict[str, tuple[str, ...]] = {}
    friendly: dict[str, str] = {}
    for statement in assertion.all(saml("AttributeStatement")):
        for one in tuple(statement.all(saml("Attribute")))[:MAX_ATTRIBUTES]:
            texts = tuple(text for value in one.all(saml("AttributeValue")) if (text := trimmed(value.text)))
            values[one.get("Name")] = (*values.get(one.get("Name"), ()), *texts)
            friendly.setdefault(one.get("FriendlyName"), one.get("Name"))
    return values, friendly
