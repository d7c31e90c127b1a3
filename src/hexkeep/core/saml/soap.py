"""Messages in envelopes of SOAP 1.1 (Bindings section 3.2)."""

from hexkeep.core.saml.xml import SOAP, Element, element

ENVELOPE, HEADER, BODY, FAULT = (f"{{{SOAP}}}{local}" for local in ("Envelope", "Header", "Body", "Fault"))
AROUND = (ENVELOPE, BODY)
"""What a message stands in (section 3.2.2)."""
_HAS_TO_BE_KNOWN = f"{{{SOAP}}}mustUnderstand"


def within(message: Element) -> Element:
    """A message in an envelope."""
    return element(ENVELOPE, element(BODY, message))


def message_in(root: Element | None) -> Element | None:
    """The one message in an envelope; ``None`` where there is none, or a header that whoever reads it has to know.

    We know none (SOAP 1.1 section 4.2.3).
    """
    if root is None or root.name != ENVELOPE:
        return None
    headers = (block for header in root.all(HEADER) for block in header.children)
    if any(block.get(_HAS_TO_BE_KNOWN) not in {"", "0"} for block in headers):
        return None
    body = root.one(BODY)
    return body.children[0] if body is not None and len(body.children) == 1 else None
