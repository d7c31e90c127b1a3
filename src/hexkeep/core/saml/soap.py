"""Messages in envelopes of SOAP 1.1 (Bindings section 3.2)."""

from hexkeep.core.saml.errors import SoapInvalid
from hexkeep.core.saml.xml import SOAP, Element, element

ENVELOPE, HEADER, BODY, FAULT = (f"{{{SOAP}}}{local}" for local in ("Envelope", "Header", "Body", "Fault"))
AROUND = (ENVELOPE, BODY)
"""What a message stands in (section 3.2.2)."""
_HAS_TO_BE_KNOWN = f"{{{SOAP}}}mustUnderstand"


def within(message: Element) -> Element:
    """A message in an envelope."""
    return element(ENVELOPE, element(BODY, message))


def message_in(root: Element | None) -> Element | None:
    """The one message in an envelope; ``None`` where there is none, or a header that whoever reads it has to know."""
    try:
        return opened(root)
    except SoapInvalid:
        return None


def opened(root: Element | None) -> Element:
    """The one message in an envelope; raises ``SoapInvalid``.

    A header that whoever reads it has to know is one too many, for we know none (SOAP 1.1 section 4.2.3).
    """
    if root is None or root.name != ENVELOPE:
        other = root is not None and root.name.endswith("}Envelope")
        raise SoapInvalid(fault="VersionMismatch" if other else "Client")
    headers = (block for header in root.all(HEADER) for block in header.children)
    if any(block.get(_HAS_TO_BE_KNOWN) not in {"", "0"} for block in headers):
        raise SoapInvalid("There is a header that is not known here", fault="MustUnderstand")
    body = root.one(BODY)
    if body is None or len(body.children) != 1:
        raise SoapInvalid
    return body.children[0]
