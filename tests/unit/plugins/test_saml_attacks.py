"""What attackers do with answers of SAML. Each is tried, and nobody is signed in."""

import zlib
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
import xmlsec
from lxml import etree
from xmlsec import constants

from hexkeep.adapters.xmlsec.parsing import inflated
from hexkeep.plugins.saml import idp_metadata
from hexkeep.plugins.saml.answer import Answer
from hexkeep.plugins.saml.rules import Expected
from hexkeep.plugins.saml.validation import validated
from hexkeep.ports.idp import IdpCancelled, IdpMalformed, IdpRefused
from hexkeep.ports.xml import MAX_BYTES
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import (
    DENIED,
    ENTITY_ID,
    NAMESPACES,
    PERSISTENT,
    Pair,
    assertion_text,
    metadata_text,
    pair,
    response_text,
    signed,
)
from tests.unit.plugins.saml_judge import WAYS, by_assertion, by_response, judged, parts, refused

MALLORY = "mallory"
OTHER = "https://other.example.net/metadata"
HOUR = timedelta(hours=1)
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


@pytest.mark.parametrize("way", WAYS)
def test_answer_that_is_right_is_believed(way: str) -> None:
    """Signed as a whole, in its assertion, or both: what follows is refused for what is wrong with it alone."""
    told = judged(WAYS[way]())
    assert (told.name.value, told.attributes["mail"]) == ("account-1", ("ada@example.net",))


# Signature wrapping: what is signed is still there and still holds, and something else is read.


def tree(text: str) -> Any:
    """A document to be changed."""
    return etree.fromstring(text)


def found(root: Any, name: str) -> Any:
    """The first element of that name."""
    prefix, _, local = name.partition(":")
    return next(root.iter(f"{{{NAMESPACES[prefix]}}}{local}"))


def evil(node: Any) -> Any:
    """A copy that says that somebody else has signed in, without a signature, under another id."""
    copy = deepcopy(node)
    for one in [node for node in copy.iter() if node.get("ID")]:
        one.set("ID", f"_evil{one.get('ID')}")
    found(copy, "saml:NameID").text = MALLORY
    for one in list(copy.iter(f"{{{NAMESPACES['ds']}}}Signature")):
        one.getparent().remove(one)
    return copy


def bare(node: Any) -> Any:
    """A copy without its signature, over which that still holds."""
    copy = deepcopy(node)
    copy.remove(copy.find("ds:Signature", NAMESPACES))
    return copy


def xsw1() -> Any:
    """The evil response has the signature, and in that the original one."""
    original = tree(by_response())
    wrapped, signature = evil(original), deepcopy(found(original, "ds:Signature"))
    signature.append(bare(original))
    wrapped.insert(1, signature)
    return wrapped


def xsw2() -> Any:
    """The evil response has the original one beside the signature."""
    original = tree(by_response())
    wrapped = evil(original)
    wrapped.insert(1, bare(original))
    wrapped.insert(2, deepcopy(found(original, "ds:Signature")))
    return wrapped


def xsw3() -> Any:
    """The evil assertion stands before the original one."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    assertion.addprevious(evil(assertion))
    return root


def xsw4() -> Any:
    """The evil assertion has the original one in it."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    wrapped = evil(assertion)
    root.replace(assertion, wrapped)
    wrapped.append(assertion)
    return root


def xsw5() -> Any:
    """The evil assertion has the signature, and the original one follows."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    wrapped = evil(assertion)
    wrapped.insert(1, deepcopy(assertion.find("ds:Signature", NAMESPACES)))
    root.replace(assertion, wrapped)
    root.append(bare(assertion))
    return root


def xsw6() -> Any:
    """The evil assertion has the signature, and that the original one."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    wrapped, signature = evil(assertion), deepcopy(assertion.find("ds:Signature", NAMESPACES))
    signature.append(bare(assertion))
    wrapped.insert(1, signature)
    root.replace(assertion, wrapped)
    return root


def xsw7() -> Any:
    """The evil assertion stands in an element for extensions."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    extensions = etree.Element(f"{{{NAMESPACES['samlp']}}}Extensions")
    extensions.append(evil(assertion))
    root.insert(1, extensions)
    return root


def xsw8() -> Any:
    """The evil assertion has the signature, and that the original one in an object."""
    root = tree(by_assertion())
    assertion = found(root, "saml:Assertion")
    wrapped, signature = evil(assertion), deepcopy(assertion.find("ds:Signature", NAMESPACES))
    etree.SubElement(signature, f"{{{NAMESPACES['ds']}}}Object").append(bare(assertion))
    wrapped.insert(1, signature)
    root.replace(assertion, wrapped)
    return root


WITHIN = {xsw1, xsw6, xsw8}
"""What is signed stands within its signature, where xmlsec does not find it; others do."""


@pytest.mark.parametrize("shape", [xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8], ids=lambda one: one.__name__)
def test_wrapped_signature_is_refused(shape: Callable[[], Any]) -> None:
    """The eight shapes: whoever only asks whether the signature holds would believe them."""
    root = shape()
    assert _holds_somewhere(root) == (shape not in WITHIN)
    assert MALLORY in etree.tostring(root, encoding="unicode")
    refused(etree.tostring(root), "assertions", "signatures", "signature", "responses")


def _holds_somewhere(root: Any) -> bool:
    """Whether the signature holds over an element of the document, whichever that is."""
    copy = etree.fromstring(etree.tostring(root))
    xmlsec.tree.add_ids(copy, ["ID"])
    context = xmlsec.SignatureContext()
    certificate = f"-----BEGIN CERTIFICATE-----\n{pair('idp').certificate}\n-----END CERTIFICATE-----\n"
    context.key = xmlsec.Key.from_memory(certificate, constants.KeyDataFormatCertPem)
    try:
        context.verify(found(copy, "ds:Signature"))
    except xmlsec.Error:
        return False
    return True


@pytest.mark.parametrize("way", WAYS)
def test_assertion_beside_or_within_another_is_refused(way: str) -> None:
    """One assertion, in its place: neither two, nor one somewhere else."""
    root = tree(WAYS[way]())
    root.append(evil(found(root, "saml:Assertion")))
    refused(etree.tostring(root), "assertions", "signature")
    root = tree(WAYS[way]())
    extensions = etree.Element(f"{{{NAMESPACES['samlp']}}}Extensions")
    extensions.append(found(root, "saml:Assertion"))
    root.insert(1, extensions)
    refused(etree.tostring(root), "assertions", "signature")


def test_signature_over_another_part_is_none() -> None:
    """The reference names the element that the signature stands in, and there is one of it."""
    said = parts()
    root = tree(response_text(said, assertion_text(said)))
    other = etree.fromstring(signed(assertion_text(parts(assertion_id="_other")), pair("idp")))
    found(root, "saml:Assertion").insert(1, found(other, "ds:Signature"))
    refused(etree.tostring(root), "signature")
    root = tree(by_assertion())
    reference = found(root, "ds:Reference")
    reference.addnext(deepcopy(reference))
    refused(etree.tostring(root), "signature")


@pytest.mark.parametrize("where", ["", "#xpointer(/)", "#_response", "https://idp.example.net/x"])
def test_reference_to_something_else_is_none(where: str) -> None:
    """Not to the document as a whole, not to another element, and to nothing outside."""
    root = tree(by_assertion())
    found(root, "ds:Reference").set("URI", where)
    refused(etree.tostring(root), "signature")


def test_transform_that_leaves_something_out_is_refused() -> None:
    """Nobody may say what of an element is signed (XML Signature Best Practices section 2.1)."""
    root = tree(by_assertion())
    transform = etree.SubElement(
        found(root, "ds:Transforms"),
        f"{{{NAMESPACES['ds']}}}Transform",
        Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116",
    )
    etree.SubElement(transform, f"{{{NAMESPACES['ds']}}}XPath").text = "false()"
    refused(etree.tostring(root), "signature")


# Comments, entities and size: what one parser reads and another does not.


@pytest.mark.parametrize("way", WAYS)
def test_comment_in_a_name_cuts_nothing_off(way: str) -> None:
    """``mallory@example.com<!---->.evil.example`` is a single name: canonicalisation leaves comments out."""
    said = parts(name="ada@example.com<!---->.evil.example")
    text = WAYS[way](said)
    assert "<!---->" in text
    assert judged(text).name.value == "ada@example.com.evil.example"


def test_comment_that_is_put_in_changes_nothing() -> None:
    """The signature still holds, and so does the name as it was signed."""
    text = by_assertion(parts(name="ada@example.com.evil.example"))
    commented = text.replace("ada@example.com.evil", "ada@example.com<!---->.evil")
    assert judged(commented).name.value == "ada@example.com.evil.example"
    value = text.replace(">ada@example.net<", "><!--x-->ada@exam<!-- -->ple.net<")
    assert judged(value).attributes["mail"] == ("ada@example.net",)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY who "mallory">]>',
        '<!DOCTYPE r [<!ENTITY who SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/r.dtd">',
        '<!DOCTYPE r [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        "<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #REQUIRED>]>",
    ],
    ids=["internal", "file", "network", "billion_laughs", "attlist"],
)
def test_document_type_is_refused(doctype: str) -> None:
    """No entity is expanded, no file and no address is opened."""
    refused(doctype + by_assertion().replace("account-1", "&who;"), "response")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-7", "utf-32"])
def test_document_type_in_another_encoding_is_refused(encoding: str) -> None:
    """What is not UTF-8 is not read, whatever it would be."""
    refused(('<!DOCTYPE r [<!ENTITY who "x">]>' + by_assertion()).encode(encoding), "response")


def test_large_and_deep_documents_are_refused() -> None:
    """Before anything is looked for in them."""
    refused(by_assertion().replace("</samlp:Response>", f"<x>{'y' * MAX_BYTES}</x></samlp:Response>"), "response")
    refused(b"A" * (MAX_BYTES * 2), "response_size")
    refused(by_assertion().replace("</samlp:Response>", "<x>" * 40 + "</x>" * 40 + "</samlp:Response>"), "response")
    refused(by_assertion().replace("</samlp:Response>", "<x/>" * 6000 + "</samlp:Response>"), "response")


def test_what_inflates_to_too_much_is_refused() -> None:
    """A message in a query is never inflated beyond what would be read."""
    pressed = zlib.compressobj(wbits=-15)
    bomb = pressed.compress(b"x" * (MAX_BYTES * 40)) + pressed.flush()
    assert len(bomb) < MAX_BYTES / 10
    assert inflated(bomb) is None or len(inflated(bomb) or b"") <= MAX_BYTES + 1


def test_processing_instruction_is_refused() -> None:
    """Nobody needs one, and some stop reading at it."""
    refused(by_assertion().replace("account-1", "account<?x y?>-1"), "response")


# Signatures by the wrong means, and by the wrong people.


def test_unsigned_answer_is_refused() -> None:
    """Whoever brings the answer could have written it."""
    said = parts()
    refused(response_text(said, assertion_text(said)), "unsigned")


@pytest.mark.parametrize("by", [by_assertion, by_response])
def test_key_of_somebody_else_is_none(by: Callable[..., str]) -> None:
    """Also where the message brings its certificate along."""
    refused(by(key=pair("stranger")), "signature")


@pytest.mark.parametrize("by", [by_assertion, by_response])
def test_changed_answer_is_refused(by: Callable[..., str]) -> None:
    """Anything that is signed, by one character."""
    refused(by().replace("account-1", "account-2"), "signature")
    refused(by().replace("ada@example.net", "eve@example.net"), "signature")


@pytest.mark.parametrize("by", [by_assertion, by_response])
def test_sha1_is_refused(by: Callable[..., str]) -> None:
    """Neither in the signature nor in the digest."""
    refused(by(method=constants.TransformRsaSha1), "signature")
    refused(by(digest=constants.TransformSha1), "signature")


@pytest.mark.parametrize("by", [by_assertion, by_response])
def test_mac_with_the_public_key_is_no_signature(by: Callable[..., str]) -> None:
    """A key that everybody knows signs nothing."""
    refused(by(method=constants.TransformHmacSha256), "signature")


def test_signature_that_does_not_hold_is_not_made_up_for_by_another() -> None:
    """Two signatures are there, and both have to hold."""
    refused(signed(by_assertion(key=pair("stranger")), pair("idp")), "signature")
    refused(signed(by_assertion(), pair("stranger")), "signature")


def test_removed_signature_of_the_assertion_is_missed() -> None:
    """Whoever takes the only signature away has an answer without any."""
    root = tree(by_assertion())
    signature = found(root, "ds:Signature")
    signature.getparent().remove(signature)
    refused(etree.tostring(root), "unsigned")


# Answers that are somebody else's, to something else, or over.

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "audience": ({"audience": OTHER}, "assertion_audience"),
    "audience_within": ({"audience": f"{OTHER}?https://id.example.com/saml/sp/login/metadata"}, "assertion_audience"),
    "no_audience": ({"audience": ""}, "assertion_audience"),
    "recipient": ({"recipient": OTHER}, "confirmation_recipient"),
    "recipient_around": (
        {"recipient": "https://evil.example/?https://id.example.com/ui/idp/callback"},
        "confirmation_recipient",
    ),
    "no_recipient": ({"recipient": ""}, "confirmation_recipient"),
    "destination": ({"destination": OTHER}, "response_destination"),
    "destination_beyond": ({"destination": "https://id.example.com/ui/idp/callback.evil"}, "response_destination"),
    "in_response_to": ({"in_response_to": "_another"}, "response_in_response_to"),
    "unsolicited": ({"in_response_to": ""}, "response_in_response_to"),
    "confirms_another": ({"confirmed_for": "_another"}, "confirmation_in_response_to"),
    "confirms_none": ({"confirmed_for": ""}, "confirmation_in_response_to"),
    "issuer": ({"issuer": OTHER}, "assertion_issuer"),
    "response_issuer": ({"response_issuer": OTHER}, "response_issuer"),
    "early": ({"begins": HOUR, "ends": 2 * HOUR}, "assertion_not_before"),
    "over": ({"begins": -2 * HOUR, "ends": -HOUR}, "assertion_not_on_or_after"),
    "confirmation_over": ({"confirmed_until": -HOUR}, "confirmation_not_on_or_after"),
    "confirmation_forever": ({"confirmed_until": 48 * HOUR}, "confirmation_not_on_or_after"),
    "session_over": ({"session_ends": -HOUR}, "session_not_on_or_after"),
    "nobody": ({"name": ""}, "name_id"),
    "blank": ({"name": "  "}, "name_id"),
    "line": ({"name": "ada&#10;root"}, "name_id"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", WRONG)
def test_wrong_answer_is_refused(what: str, way: str) -> None:
    """Signed as it should be, by who should, and not for us, not to this request, or not now."""
    changes, reason = WRONG[what]
    refused(WAYS[way](parts(**changes)), reason)


def test_signed_answer_names_its_destination() -> None:
    """Bindings section 3.5.5.2: else it might have been signed for somebody else."""
    refused(by_response(parts(destination="")), "response_destination")


def test_answer_from_before_the_request_is_refused() -> None:
    """And one from the future: whoever could foresee an id cannot have foreseen when."""
    refused(
        by_assertion(parts(now=parts().now - HOUR, ends=2 * HOUR, confirmed_until=2 * HOUR)), "response_issue_instant"
    )
    refused(by_assertion(parts(now=parts().now + HOUR, begins=-2 * HOUR)), "response_issue_instant")


def test_clocks_may_differ_by_minutes() -> None:
    """Three, and no more."""
    assert judged(by_assertion(parts(begins=timedelta(seconds=150)))).assertion_id
    refused(by_assertion(parts(begins=timedelta(seconds=200), ends=HOUR)), "assertion_not_before")


def test_condition_that_is_not_known_does_not_hold() -> None:
    """Core section 2.5.1: what nobody here understands, nobody here can meet."""
    said = parts()
    odd = '<saml:Condition xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xsi:odd"/></saml:Conditions>'
    text = signed(assertion_text(said).replace("</saml:Conditions>", odd), pair("idp"))
    refused(response_text(said, text), "assertion_conditions")


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u3000", "\u0085"])
def test_name_with_a_strange_space_is_not_the_name_without(space: str) -> None:
    """Whoever may choose a name at the provider would choose that; what XML itself puts around a name is none of it."""
    assert judged(by_assertion(parts(name="\n    account-1\t"))).name.value == "account-1"
    for name in (f"{space}account-1", f"account-1{space}"):
        refused(by_assertion(parts(name=name)), "name_id")


def test_attribute_that_tells_users_apart_keeps_strange_spaces() -> None:
    """Likewise where an attribute stands for the name."""
    told = judged(by_assertion(parts(attributes={"uid": ("\u00a0ada",), "mail": (" \n ada@example.net ",)})))
    assert told.attributes == {"uid": ("\u00a0ada",), "mail": ("ada@example.net",)}


def test_name_of_another_domain_is_refused() -> None:
    """Core section 2.2.2: a name is qualified by the provider that calls somebody so, and by nobody else."""

    def qualified(by: str) -> str:
        said = parts()
        text = assertion_text(said).replace("<saml:NameID", f'<saml:NameID NameQualifier="{by}"')
        return response_text(said, signed(text, pair("idp")))

    assert judged(qualified(ENTITY_ID)).name.name_qualifier == ENTITY_ID
    refused(qualified(OTHER), "name_id_name_qualifier")


def test_name_of_another_form_than_asked_for_is_refused() -> None:
    """Core section 3.4.1.1: the person brings the request there, and may ask for a form of their choice on the way."""
    text, email = by_assertion(), "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    assert judged(text, name_format=PERSISTENT).name.value == "account-1"
    refused(text, "name_id_format", name_format=email)
    refused(by_assertion(parts(name_format="")), "name_id_format", name_format=PERSISTENT)


def test_holder_of_key_is_no_bearer() -> None:
    """Profiles section 3: other methods of confirmation need a proof that nobody has asked for."""
    said = parts()
    text = assertion_text(said).replace("cm:bearer", "cm:holder-of-key")
    refused(response_text(said, signed(text, pair("idp"))), "confirmation")


@pytest.mark.parametrize(
    ("detail", "kind", "reason"),
    [
        (DENIED, IdpCancelled, "request_denied"),
        (f"{STATUS}AuthnFailed", IdpRefused, "authn_failed"),
        (f"{STATUS}<script>", IdpRefused, "status"),
        ("", IdpRefused, "status"),
    ],
)
def test_status_says_why_nobody_is_signed_in(detail: str, kind: Any, reason: str) -> None:
    """In words of ours; an assertion beside it counts for nothing."""
    said, status = parts(), f"{STATUS}Responder"
    told = detail.replace("<", "&lt;")
    refused(signed(response_text(said, "", status, told), pair("idp")), reason, kind=kind)
    both = response_text(said, signed(assertion_text(said), pair("idp")), status, told)
    refused(both, "assertions")


def test_key_that_is_too_short_is_none() -> None:
    """RSA of 1024 bits holds no more."""
    short = Pair.new("short", 1024)
    refused(by_assertion(key=short), "signature")


@pytest.mark.parametrize("response", ["", "no XML", "<a/>", "<samlp:Response/>", "<a", "\ufffe"])
def test_what_is_no_response_is_malformed(response: str) -> None:
    """Nothing of it raises anything else."""
    refused(response, "response")


@pytest.mark.parametrize("response", ["%%%", "====", "a", "\u00e4", "PGEv"])
def test_what_is_not_in_base64_is_malformed(response: str) -> None:
    """Likewise."""
    provider, now = idp_metadata.read(metadata_text((pair("idp").certificate,)).encode()), parts().now
    expected = Expected(ENTITY_ID, party().entity_id, party().consumer, "_request", now, now)
    with pytest.raises(IdpMalformed):
        validated(Answer(response, provider, party(), expected))
