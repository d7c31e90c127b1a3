"""Signatures over whole documents: what is returned is what was signed, so nothing can be wrapped around it."""

from functools import lru_cache

import xmlsec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from xmlsec import constants

from hexkeep.adapters.xmlsec.keys import ALGORITHMS, ENVELOPED, EXCLUSIVE, public_key
from hexkeep.adapters.xmlsec.parsing import element_of, parsed
from hexkeep.core.saml.asks import VerifyXml
from hexkeep.core.saml.xml import Element, ds

DIGESTS = frozenset(
    {
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2001/04/xmldsig-more#sha384",
        "http://www.w3.org/2001/04/xmlenc#sha512",
    }
)


def verified(ask: VerifyXml) -> Element | None:
    """The root without its signature if one of the keys signed it as a whole, else ``None``."""
    root = _within(parsed(ask.content), ask.around)
    signatures = [] if root is None else root.findall(ds("Signature"))
    if root is None or len(signatures) != 1 or not _covers(signatures[0], root):
        return None
    if not any(_fits(signatures[0], root, one) for one in ask.certificates):
        return None
    root.remove(signatures[0])
    return element_of(root)


def _within(root: etree._Element | None, around: tuple[str, ...]) -> etree._Element | None:
    """The only element in those around it, as a document of its own; the root itself where nothing is around it."""
    if root is None or not around:
        return root
    outermost, *inner = around
    node = root if root.tag == outermost else None
    for name in inner:
        found = [] if node is None else node.findall(name)
        node = found[0] if len(found) == 1 else None
    if node is None or len(node) != 1:
        return None
    return parsed(etree.tostring(node[0], with_tail=False))


def _covers(signature: etree._Element, root: etree._Element) -> bool:
    """Whether the signature is over the root and nothing else, by what we allow."""
    info = signature.findall(ds("SignedInfo"))
    references = info[0].findall(ds("Reference")) if len(info) == 1 else []
    if len(references) != 1 or not root.get("ID") or references[0].get("URI") != f"#{root.get('ID')}":
        return False
    transforms = [_algorithm(one) for one in references[0].iterfind(f"{ds('Transforms')}/{ds('Transform')}")]
    methods = {name: [_algorithm(one) for one in signature.iter(ds(name))] for name in _ALLOWED}
    allowed = all(len(found) == 1 and found[0] in _ALLOWED[name] for name, found in methods.items())
    return allowed and transforms[:1] == [ENVELOPED] and transforms[1:] in ([], [EXCLUSIVE])


_ALLOWED = {
    "CanonicalizationMethod": frozenset({EXCLUSIVE}),
    "SignatureMethod": frozenset(ALGORITHMS),
    "DigestMethod": DIGESTS,
}


def _algorithm(node: etree._Element) -> str:
    return str(node.get("Algorithm", ""))


def _fits(signature: etree._Element, root: etree._Element, certificate: str) -> bool:
    key = _key(certificate)
    if key is None:
        return False
    context = xmlsec.SignatureContext()
    context.key = key
    context.register_id(root, "ID")
    try:
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


@lru_cache(1024)
def _key(certificate: str) -> xmlsec.Key | None:
    """The key of a certificate as xmlsec has it, which copies it for each use."""
    key = public_key(certificate)
    if key is None:
        return None
    return xmlsec.Key.from_memory(
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), constants.KeyDataFormatDer
    )
