"""What decisions about SAML ask for: XML read, verified, written, signed and encrypted."""

from dataclasses import dataclass, field
from datetime import datetime

from hexkeep.core.kernel.ask import Ask, KeyPair
from hexkeep.core.saml.xml import Element


@dataclass(frozen=True, slots=True)
class ReadXml(Ask[Element | None]):
    """The root of an XML document in UTF-8, with nobody's word for it; ``None`` for what is none within our bounds.

    Refused are document types, entities, processing instructions, and what is too large, too deep or has an ``ID``
    twice. ``deflated`` tells that it is compressed (RFC 1951), in which case what it would inflate to is bounded.
    """

    content: bytes = field(repr=False)
    deflated: bool = False


@dataclass(frozen=True, slots=True)
class VerifyXml(Ask[Element | None]):
    """The root of a document of which one of ``certificates`` (base64 of DER) has signed the whole, or ``None``.

    The signature is a child of the root and refers to the root alone, by algorithms that hold (see the port). With
    ``around`` it is not about the root but about the only element in elements of these names, which stand one in the
    other, the outermost first: that one is taken out, and is the root from then on.
    """

    content: bytes = field(repr=False)
    certificates: tuple[str, ...]
    around: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifyOctets(Ask[bool]):
    """Whether the key of one of ``certificates`` signed ``octets`` by ``algorithm``, a URI of XML Signature.

    ``signature`` is as XML Signature has it: that of ECDSA is two integers of one length, and no DER.
    """

    octets: str = field(repr=False)
    signature: bytes = field(repr=False)
    algorithm: str
    certificates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: a private JWK as JSON text, a secret, and the certificate of its key in base64 of DER."""

    private: str = field(repr=False)
    certificate: str


@dataclass(frozen=True, slots=True)
class WriteXml(Ask[str | None]):
    """A document as XML in UTF-8.

    Where ``xml.SIGN_HERE`` stands, its parent is signed under its attribute ``ID`` (RSA-SHA256, exclusive
    canonicalisation), the innermost first. With a ``recipient`` (base64 of DER) what is in the element named
    ``encrypted`` becomes readable for the owner of that certificate alone, after it was signed and before what is
    around it is. ``None`` where the certificate cannot be encrypted to.
    """

    document: Element = field(repr=False)
    signer: Signer
    encrypted: str = ""
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class WriteQuery(Ask[str]):
    """A message as the query of a URL (Bindings section 3.4.4): deflated, in base64, and signed over the characters.

    ``parameter`` is the one that holds it; a document that travels so has no signature in it.
    """

    parameter: str
    document: Element = field(repr=False)
    relay_state: str = field(repr=False)
    signer: Signer


@dataclass(frozen=True, slots=True)
class NewCertifiedKey(Ask[KeyPair]):
    """A fresh key pair for an ``algorithm`` of XML Signature (``rsa-sha256``).

    ``x5c`` of its public JWK (RFC 7517 section 4.7) has a certificate by itself, which ``begins`` then.
    """

    algorithm: str
    begins: datetime
