"""Answers of identity providers, judged: one function, which does not wait and belongs beside the event loop.

What is read is what was verified, and nothing else: the elements that the rules see are those over which a signature
held. Then python3-saml judges the whole once more, in its strict mode, and has to have read the same.
"""

import base64
import binascii
import re
from dataclasses import replace

from lxml import etree

from hexkeep.adapters.xmlsec.parsing import element_of, parsed
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.core.saml.asks import VerifyXml
from hexkeep.core.saml.errors import SUCCESS
from hexkeep.core.saml.response import ENCRYPTED
from hexkeep.core.saml.xml import Element, ds, saml, samlp
from hexkeep.plugins.saml import encrypted_name
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.decryption import XENC, XENC11, decrypted, in_its_place
from hexkeep.plugins.saml.rules import Told, insist_on_response, told
from hexkeep.plugins.saml.second_opinion import Signed, insist_on_the_same
from hexkeep.ports.idp import IdpMalformed
from hexkeep.ports.xml import MAX_BYTES

ASSERTION, SUBJECT = saml("Assertion"), saml("Subject")
_SPACE = re.compile(r"\s+")


class SignatureUnknown(IdpMalformed):
    """A signature does not hold by any key of the provider that is known: it may have another by now."""


def validated(answer: Answer) -> Told:
    """What an answer tells of who has signed in. Raises ``IdpMalformed``, ``IdpRefused`` or ``IdpCancelled``."""
    root = _root(answer.response)
    signed = _signature_of(root) is not None
    certificates = answer.provider.certificates
    response = _verified(etree.tostring(root), certificates) if signed else element_of(root)
    _insist_on_shape(root, response)
    insist_on_response(response, answer.expected, signed=signed)
    assertion, covered = _assertion(root, response, answer, signed=signed)
    said = told(assertion, answer.expected)
    insist_on_the_same(etree.tostring(root), answer, said, covered)
    return said


def _root(response: str) -> etree._Element:
    if len(response) > MAX_BYTES * 2:
        raise IdpMalformed("response_size")
    try:
        content = base64.b64decode(_SPACE.sub("", response), validate=True)
    except (binascii.Error, ValueError):
        raise IdpMalformed("response_base64") from None
    root = parsed(content)
    if root is None or root.tag != samlp("Response"):
        raise IdpMalformed("response")
    return root


def _signature_of(node: etree._Element) -> etree._Element | None:
    """The signature of an element, ``None`` where there is none; more than one is too many."""
    found = node.findall(ds("Signature"))
    if len(found) > 1:
        raise IdpMalformed("signatures")
    return found[0] if found else None


def _verified(content: bytes, certificates: tuple[str, ...]) -> Element:
    found = verified(VerifyXml(content, certificates))
    if found is None:
        raise SignatureUnknown("signature")
    return found


def _insist_on_shape(root: etree._Element, response: Element) -> None:
    """Nothing is wrapped around, beside or into anything: one assertion, in its place, and signatures in theirs."""
    assertions = [*root.iter(ASSERTION, ENCRYPTED)]
    status = response.one(samlp("Status"))
    code = status.one(samlp("StatusCode")) if status is not None else None
    succeeded = code is not None and code.get("Value") == SUCCESS.code
    if len(assertions) != (1 if succeeded else 0) or any(one.getparent() is not root for one in assertions):
        raise IdpMalformed("assertions")
    places = (root, *assertions)
    if any(one.getparent() not in places for one in root.iter(ds("Signature"))):
        raise IdpMalformed("signatures")
    if any(one is not root for one in root.iter(samlp("Response"))):
        raise IdpMalformed("responses")


def _assertion(root: etree._Element, response: Element, answer: Answer, *, signed: bool) -> tuple[Element, Signed]:
    """The one assertion, and what is signed: its own signature has to hold if it has one, else the response's."""
    recipient, node = None, root.find(ASSERTION)
    encrypted, place = response.one(ENCRYPTED), root.find(ENCRYPTED)
    if encrypted is not None and place is not None:
        content, recipient = decrypted(encrypted, answer.party.signers, covered=signed)
        node = in_its_place(content, place)
    if node is None or node.tag != ASSERTION or any(one is not node for one in node.iter(ASSERTION, ENCRYPTED)):
        raise IdpMalformed("assertion")
    hidden = encrypted_name.place_in(node.find(SUBJECT))
    if any(hidden is None or hidden not in one.iterancestors() for one in node.iter(f"{{{XENC}}}*", f"{{{XENC11}}}*")):
        raise IdpMalformed("encrypted")  # but for a name we read nothing of that, and nor shall a library
    own = _signature_of(node)
    if any(one is not own for one in node.iter(ds("Signature"))):
        raise IdpMalformed("signatures")
    elements = {samlp("Response"): signed, ASSERTION: own is not None}
    inner = element_of(node) if encrypted is not None else response.one(ASSERTION)
    if own is not None:
        inner = _verified(etree.tostring(node, with_tail=False), answer.provider.certificates)
    elif not signed:
        raise IdpMalformed("unsigned")
    named, name = _named(inner, hidden, answer)
    decrypted_one = node if encrypted is not None else None
    return named, Signed(frozenset(name for name, is_so in elements.items() if is_so), recipient, decrypted_one, name)


def _named(assertion: Element | None, hidden: etree._Element | None, answer: Answer) -> tuple[Element, Element | None]:
    """An assertion that was verified, with its name readable; and that name, if it was encrypted."""
    if assertion is None:
        raise IdpMalformed("assertion")
    subject = assertion.one(SUBJECT)
    if subject is None:
        return assertion, None
    named, name = encrypted_name.read(subject, hidden, answer.party.signers)
    children = tuple(named if one is subject else one for one in assertion.children)
    return replace(assertion, children=children), name
