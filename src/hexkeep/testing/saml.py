"""Deterministic answers to what decisions about SAML ask, without any XML.

A document is what ``Documents`` knows by its bytes; what was written is found there by the text that it became, and
reads as it was before anything of it was encrypted.
"""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from hexkeep.core.kernel.ask import Ask, KeyPair
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, VerifyOctets, VerifyXml, WriteQuery, WriteXml
from hexkeep.core.saml.xml import Element
from hexkeep.testing.jose import signing_key


@dataclass(slots=True)
class Documents:
    """Documents by their bytes, the certificate that each is signed by, and all that was written, by its text."""

    read: dict[bytes, Element] = field(default_factory=dict)
    signed: dict[bytes, str] = field(default_factory=dict)
    written: dict[str, WriteXml] = field(default_factory=dict)

    def answer(self, ask: Ask[object], number: int) -> object:
        """The answer to an ask; ``number`` tells keys apart."""
        match ask:
            case ReadXml(content=content):
                written = self.written.get(content.decode(errors="replace"))
                return written.document if written is not None else self.read.get(content)
            case VerifyXml(content=content, certificates=certificates, around=around):
                signed = self.read.get(content) if self.signed.get(content) in certificates else None
                return _within(signed, around)
            case VerifyOctets(octets=octets, signature=signature, certificates=certificates):
                return signature in {octets_signed(octets, one) for one in certificates}
            case WriteXml():
                text = f"document {len(self.written) + 1}"
                self.written[text] = ask
                return text
            case WriteQuery():
                text = f"document {len(self.written) + 1}"
                self.written[text] = WriteXml(ask.document, ask.signer)
                return urlencode({ask.parameter: text, "RelayState": ask.relay_state, "Signature": "ours"})
            case NewCertifiedKey(algorithm=algorithm):
                pair = signing_key(algorithm, number)
                return KeyPair(pair.key_id, algorithm, pair.private, {**pair.public, "x5c": [f"certificate {number}"]})
        raise AssertionError(f"the kit has no answer to {type(ask).__name__}")


def _within(root: Element | None, around: tuple[str, ...]) -> Element | None:
    for name in around:
        fits = root is not None and root.name == name and len(root.children) == 1
        root = root.children[0] if root is not None and fits else None
    return root


def octets_signed(octets: str, certificate: str) -> bytes:
    """What the kit takes for a signature by the key of a certificate."""
    return f"{octets} by {certificate}".encode()
