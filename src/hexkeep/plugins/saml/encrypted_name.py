"""Encrypted names (Core section 2.2.4): of what was verified, with the name that is in it in their place."""

from dataclasses import replace

from lxml import etree

from hexkeep.adapters.xmlsec.parsing import element_of
from hexkeep.core.saml.asks import Signer
from hexkeep.core.saml.xml import Element, saml
from hexkeep.plugins.saml.decryption import decrypted, in_its_place
from hexkeep.ports.idp import IdpMalformed

ENCRYPTED_ID, NAME_ID = saml("EncryptedID"), saml("NameID")


def place_in(holder: etree._Element | None) -> etree._Element | None:
    """Where the one encrypted name of a Subject or a LogoutRequest stands; ``None`` for none, and for several."""
    found = [] if holder is None else holder.findall(ENCRYPTED_ID)
    return found[0] if len(found) == 1 else None


def read(holder: Element, place: etree._Element | None, signers: tuple[Signer, ...]) -> tuple[Element, Element | None]:
    """A Subject or LogoutRequest in which the name is readable, and that name if it was encrypted.

    ``holder`` was verified, so nobody learns by our answers what they have put there: this is the only one of the two
    that is decrypted. ``place`` tells nothing but the prefixes that hold there. Raises ``IdpMalformed``.
    """
    sealed = tuple(holder.all(ENCRYPTED_ID))
    if not sealed:
        return holder, None
    if len(sealed) != 1 or place is None or any(holder.all(NAME_ID)):
        raise IdpMalformed("encrypted_name")
    content, _ = decrypted(sealed[0], signers, covered=True)
    node = in_its_place(content, place)
    if node is None or node.tag != NAME_ID or len(node):
        raise IdpMalformed("encrypted_name")
    name = element_of(node)
    return replace(holder, children=tuple(name if one is sealed[0] else one for one in holder.children)), name
