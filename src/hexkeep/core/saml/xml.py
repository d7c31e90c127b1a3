"""XML as the rules of SAML see it: elements, no library's objects, no entities, no comments, no prefixes.

Names are ``{namespace}local``. What lies between child elements is not kept: no element of SAML that we read has both.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
METADATA = "urn:oasis:names:tc:SAML:2.0:metadata"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class Element:
    """An element. ``text`` is all its own text, in one piece whatever comments stood in it."""

    name: str
    attributes: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    text: str = field(default="", repr=False)
    children: tuple["Element", ...] = field(default=(), repr=False)

    def get(self, name: str) -> str:
        """The value of an attribute, empty when absent."""
        return next((value for known, value in self.attributes if known == name), "")

    def all(self, name: str) -> Iterator["Element"]:
        """The child elements of that name, in order."""
        return (child for child in self.children if child.name == name)

    def one(self, name: str) -> "Element | None":
        """The only child element of that name; ``None`` for none, and for more than one."""
        found = tuple(self.all(name))
        return found[0] if len(found) == 1 else None

    def words(self, name: str) -> str:
        """The text of the only child element of that name, without what is around it; empty for none."""
        found = self.one(name)
        return found.text.strip() if found is not None else ""


def trimmed(text: str) -> str:
    """A text without the white space of XML around it (XML 1.0 section 2.3).

    Other spaces are part of it: of two names that differ in one, neither is the other.
    """
    return text.strip(" \t\r\n")


def samlp(local: str) -> str:
    """A name of SAML's protocols."""
    return f"{{{PROTOCOL}}}{local}"


def saml(local: str) -> str:
    """A name of SAML's assertions."""
    return f"{{{ASSERTION}}}{local}"


def md(local: str) -> str:
    """A name of SAML's metadata."""
    return f"{{{METADATA}}}{local}"


def ds(local: str) -> str:
    """A name of XML signatures."""
    return f"{{{SIGNATURE}}}{local}"


def element(name: str, *children: Element, text: str = "", **attributes: str) -> Element:
    """An element; attributes without a value are left out, and a trailing underscore of their names is."""
    given = tuple((known.rstrip("_"), value) for known, value in attributes.items() if value)
    return Element(name, given, text, children)


SIGN_HERE = Element(ds("Signature"))
"""Stands where the signature over its parent is to be; see ``asks.WriteXml``."""


def writable(text: str) -> bool:
    """Whether XML 1.0 can hold a text (section 2.2): controls and a few other code points it cannot."""
    return not any(char in _UNWRITABLE or (char < " " and char not in "\t\n\r") for char in text)


_UNWRITABLE = frozenset("\ufffe\uffff") | {chr(code) for code in range(0xD800, 0xE000)}
