"""XML of strangers is read within bounds, and of a signed document only what was signed counts."""

import base64
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
import xmlsec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree
from xmlsec import constants

from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.xmlsec.port import LxmlXml
from hexkeep.core.kernel.ask import KeyPair
from hexkeep.core.saml.asks import NewCertifiedKey, ReadXml, Signer, VerifyOctets, VerifyXml, WriteXml
from hexkeep.core.saml.xml import ASSERTION, PROTOCOL, SIGN_HERE, SIGNATURE, Element, element, saml, samlp
from hexkeep.ports.xml import MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS
from tests.saml_parties import KeyAndCertificate

XML = LxmlXml(Threads())
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
LATER = "http://www.w3.org/2007/05/xmldsig-more#"
NAMESPACES = f'xmlns:p="{PROTOCOL}" xmlns:a="{ASSERTION}"'
REQUEST = f'<p:AuthnRequest {NAMESPACES} ID="_r"><a:Issuer>sp</a:Issuer></p:AuthnRequest>'
PLAIN = REQUEST.encode()
ENTITY = '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'


CURVES = (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())


@cache
def party(bits: int = 2048, curve: ec.EllipticCurve | None = None) -> KeyAndCertificate:
    """The key of a service provider: one for all tests."""
    return KeyAndCertificate.new(bits, curve)


def der(one: KeyAndCertificate) -> str:
    """A certificate as metadata has it."""
    certificate = load_pem_x509_certificate(one.certificate.encode())
    return base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()


def signed(
    xml: bytes = PLAIN,
    one: KeyAndCertificate | None = None,
    method: Any = constants.TransformRsaSha256,
    digest: Any = constants.TransformSha256,
    canonical: Any = constants.TransformExclC14N,
    by: str = "",
) -> etree._Element:
    """A request with a signature of its root by xmlsec, as others make it; ``by`` a method that has no other name."""
    root = etree.fromstring(xml)
    signature = xmlsec.template.create(root, canonical, method, ns="ds")
    root.insert(1, signature)
    reference = xmlsec.template.add_reference(signature, digest, uri="#_r")
    xmlsec.template.add_transform(reference, constants.TransformEnveloped)
    xmlsec.template.add_transform(reference, canonical)
    if by:
        root = etree.fromstring(etree.tostring(root))
        signature = root[1]
        next(signature.iter(f"{{{SIGNATURE}}}SignatureMethod")).set("Algorithm", by)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory((one or party()).key, constants.KeyDataFormatPem)
    context.register_id(root, "ID")
    context.sign(signature)
    return etree.fromstring(etree.tostring(root))  # what xmlsec has made lxml does not find by name


async def verified(root: etree._Element | bytes, one: KeyAndCertificate | None = None) -> Element | None:
    """What counts of a document for who knows one certificate."""
    content = root if isinstance(root, bytes) else etree.tostring(root)
    return await XML.verify(VerifyXml(content, (der(one or party()),)))


async def read(text: str | bytes, *, deflated: bool = False) -> Element | None:
    """A document of a stranger's."""
    return await XML.read(ReadXml(text.encode() if isinstance(text, str) else text, deflated))


def deflate(content: bytes) -> bytes:
    """Compressed as the redirect binding has it."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(content) + stream.flush()


async def test_what_is_plain_is_read() -> None:
    """Names with their namespaces, attributes, text; also where it is compressed."""
    found = await read(PLAIN)
    assert found == Element(samlp("AuthnRequest"), (("ID", "_r"),), children=(element(saml("Issuer"), text="sp"),))
    assert await read(deflate(PLAIN), deflated=True) == found


async def test_comment_does_not_cut_a_name_short() -> None:
    """The text around a comment is one text: nobody becomes `admin@example.com` by registering a longer name."""
    found = await read(REQUEST.replace(">sp<", ">admin@example.com<!-- -->.evil.test<"))
    assert found is not None
    assert found.words(saml("Issuer")) == "admin@example.com.evil.test"


@pytest.mark.parametrize(
    "text",
    [
        f"{ENTITY}<r>&e;</r>",
        f"{LAUGHS}<r>&c;</r>",
        f"{LAUGHS}<r ID='&c;'/>",
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd"><r/>',
        (ENTITY + "<r>&e;</r>").encode("utf-16"),
        ('<?xml version="1.0" encoding="utf-7"?>' + ENTITY.replace("<", "+ADw-") + "<r/>"),
        "<r><?php echo 1 ?></r>",
        '<r ID="_1"><s ID="_1"/></r>',
        '<r ID="_1"><s xml:id="_1"/></r>',
        "<r>" * (MAX_DEPTH + 1) + "</r>" * (MAX_DEPTH + 1),
        "<r>" + "<s/>" * MAX_ELEMENTS + "</r>",
        "<r " + " ".join(f"a{number}=''" for number in range(MAX_ATTRIBUTES + 1)) + "/>",
        "<r>" + " " * MAX_BYTES + "</r>",
        f"<r xmlns='{'n' * 100_000}'>" + "<s/>" * 20 + "</r>",
        f"<r xmlns:n='{'n' * 100_000}'><s " + " ".join(f"n:a{number}=''" for number in range(20)) + "/></r>",
        "<r>",
        "no XML",
        b"<r>\xff</r>",
        "",
    ],
)
async def test_what_could_do_harm_is_not_read(text: str | bytes) -> None:
    """Entities, document types, instructions, identifiers twice, what is or gets too deep, wide or long, and no XML."""
    assert await read(text) is None


async def test_bomb_does_not_go_off() -> None:
    """What is small and inflates beyond our bounds, never ends or goes on behind its end is refused."""
    assert await read(deflate(b"<r>" + b" " * 200_000_000 + b"</r>"), deflated=True) is None
    assert await read(deflate(PLAIN)[:-2], deflated=True) is None
    assert await read(deflate(PLAIN) + b"more", deflated=True) is None
    assert await read(PLAIN, deflated=True) is None


async def test_signature_of_a_known_key_holds() -> None:
    """What comes back is the document without its signature."""
    assert await verified(signed()) == await read(PLAIN)
    assert await verified(signed(), KeyAndCertificate.new()) is None
    assert await verified(PLAIN) is None


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
async def test_signature_of_an_elliptic_curve_holds(curve: ec.EllipticCurve) -> None:
    """RFC 9231 section 2.3.6, with each hash; somebody else's on the same curve does not."""
    one = party(curve=curve)
    for method in (constants.TransformEcdsaSha256, constants.TransformEcdsaSha384, constants.TransformEcdsaSha512):
        assert await verified(signed(one=one, method=method), one) == await read(PLAIN)
    other = KeyAndCertificate.new(curve=curve)
    assert await verified(signed(one=one, method=constants.TransformEcdsaSha256), other) is None
    assert await verified(signed(one=one, method=constants.TransformEcdsaSha1), one) is None


@pytest.mark.parametrize("name", ["sha256", "sha384", "sha512"])
async def test_probabilistic_signature_holds(name: str) -> None:
    """RFC 9231 section 2.3.10: RSA with PSS."""
    assert await verified(signed(by=f"{LATER}{name}-rsa-MGF1")) == await read(PLAIN)
    assert await verified(signed(by=f"{LATER}{name}-rsa-MGF1"), KeyAndCertificate.new()) is None


async def test_curve_of_a_currency_is_not_believed() -> None:
    """The curves are those of NIST."""
    one = party(curve=ec.SECP256K1())
    assert await verified(signed(one=one, method=constants.TransformEcdsaSha256), one) is None


async def test_key_of_one_kind_verifies_no_signature_of_another() -> None:
    """A key fixes the family of algorithms, whatever the message says."""
    curved, plain = party(curve=CURVES[0]), party()
    assert await verified(signed(), curved) is None
    assert await verified(signed(one=curved, method=constants.TransformEcdsaSha256), plain) is None


@pytest.mark.parametrize(
    "broken",
    [
        {"method": constants.TransformRsaSha1},
        {"digest": constants.TransformSha1},
        {"canonical": constants.TransformInclC14N},
        {"canonical": constants.TransformExclC14NWithComments},
    ],
    ids=str,
)
async def test_algorithms_of_yesterday_do_not_hold(broken: dict[str, Any]) -> None:
    """No SHA-1, for signature or digest; nothing but exclusive canonicalisation without comments."""
    assert await verified(signed(**broken)) is None


async def test_short_key_is_not_believed() -> None:
    """RSA of less than 2048 bits proves nothing."""
    assert await verified(signed(one=party(1024)), party(1024)) is None


def changed(root: etree._Element) -> etree._Element:
    """Something else than what was signed."""
    root[0].text = "evil"
    return root


def around(root: etree._Element) -> etree._Element:
    """XSW: the signed request within one of somebody else's, which has its signature."""
    outer = etree.fromstring(PLAIN.replace(b'"_r"', b'"_e"').replace(b">sp<", b">evil<"))
    signature = root[1]
    root.remove(signature)
    outer.append(signature)
    etree.SubElement(signature, f"{{{SIGNATURE}}}Object").append(root)
    return outer


def beside(root: etree._Element) -> etree._Element:
    """XSW: the whole signed request as a part of another one."""
    outer = etree.fromstring(PLAIN.replace(b'"_r"', b'"_e"').replace(b">sp<", b">evil<"))
    outer.append(root)
    return outer


def twice(root: etree._Element) -> etree._Element:
    """XSW: the identifier that was signed stands at two elements."""
    outer = etree.fromstring(PLAIN.replace(b">sp<", b">evil<"))
    outer.append(root[1])
    outer.append(root)
    return outer


def two_signatures(root: etree._Element) -> etree._Element:
    """Of two signatures nobody knows which one counts."""
    root.append(etree.fromstring(etree.tostring(root[1])))
    return root


def everything(root: etree._Element) -> etree._Element:
    """A reference to the document instead of its root."""
    for reference in root.iter(f"{{{SIGNATURE}}}Reference"):
        reference.set("URI", "")
    return root


def more_transforms(root: etree._Element) -> etree._Element:
    """XPath would take out what must not be seen."""
    (transforms,) = root.iter(f"{{{SIGNATURE}}}Transforms")
    xpath = "http://www.w3.org/TR/1999/REC-xpath-19991116"
    etree.SubElement(transforms, f"{{{SIGNATURE}}}Transform", Algorithm=xpath)
    return root


@pytest.mark.parametrize("attack", [changed, around, beside, twice, two_signatures, everything, more_transforms])
async def test_nothing_can_be_wrapped_around_a_signature(attack: Callable[[etree._Element], etree._Element]) -> None:
    """What is returned is what was signed, or nothing: the shapes of signature wrapping."""
    assert await verified(attack(signed())) is None


async def test_what_stands_in_others_is_taken_out_alone() -> None:
    """It is signed by itself, and is the only one in its place: nothing around it, or beside it, is in what is read."""
    inner = etree.tostring(signed()).decode()

    async def taken(text: str) -> Element | None:
        return await XML.verify(VerifyXml(text.encode(), (der(party()),), ("{urn:o}outer", "{urn:o}inner")))

    right = f'<o:outer xmlns:o="urn:o"><o:head/><o:inner>{inner}</o:inner></o:outer>'
    found = await taken(right)
    assert found == await verified(signed())
    for wrong in (
        inner,
        right.replace("<o:head/>", "<o:inner/>"),
        right.replace("<o:inner>", f"<o:inner>{REQUEST.replace('_r', '_q')}"),
        right.replace(">sp<", ">other<"),
        right.replace("o:outer", "o:another"),
        right.replace(inner, f"<o:inner>{inner}</o:inner>"),
        right.replace(inner, f"<o:wrapper>{inner}</o:wrapper>"),
        right.replace(inner, ""),
        f"<!DOCTYPE x>{right}",
    ):
        assert await taken(wrong) is None


async def test_key_in_the_message_is_not_looked_at() -> None:
    """Who brings a certificate along proves that they have one."""
    stranger = KeyAndCertificate.new()
    root = signed(one=stranger)
    data = etree.SubElement(xmlsec.template.ensure_key_info(root[1]), f"{{{SIGNATURE}}}X509Data")
    etree.SubElement(data, f"{{{SIGNATURE}}}X509Certificate").text = der(stranger)
    assert await verified(root) is None


async def own_key() -> tuple[KeyPair, str]:
    """A key of ours and its certificate."""
    pair = await XML.new_key(NewCertifiedKey("rsa-sha256", datetime.now(UTC)))
    chain = pair.public["x5c"]
    assert isinstance(chain, list)
    return pair, str(chain[0])


async def test_what_we_sign_is_verified_inner_and_outer() -> None:
    """Every place is filled, the innermost first, so that the outer signature covers the inner one."""
    pair, certificate = await own_key()
    inner = element(saml("Assertion"), element(saml("Issuer"), text="a<b>&'\"ä"), SIGN_HERE, ID="_in")
    document = element(samlp("Response"), element(saml("Issuer")), SIGN_HERE, inner, ID="_out")
    text = await XML.write(WriteXml(document, Signer(pair.private, certificate)))
    assert text is not None
    found = await XML.verify(VerifyXml(text.encode(), (certificate,)))
    assert found is not None
    assertion = found.one(saml("Assertion"))
    assert assertion is not None
    assert assertion.words(saml("Issuer")) == "a<b>&'\"ä"
    alone = etree.fromstring(text.encode()).find(saml("Assertion"))
    assert alone is not None
    assert await XML.verify(VerifyXml(etree.tostring(alone), (certificate,))) is not None


async def test_private_part_of_a_key_is_not_published() -> None:
    """The public JWK has the certificate and nothing secret; no other algorithm has such keys."""
    pair, _ = await own_key()
    assert not {"d", "p", "q"} & set(pair.public)
    with pytest.raises(ValueError, match="no certified keys"):
        await XML.new_key(NewCertifiedKey("RS256", datetime.now(UTC)))


async def test_nobody_is_encrypted_to_whose_key_does_not_serve() -> None:
    """There is no answer in the clear instead."""
    pair, certificate = await own_key()
    document = element(saml("EncryptedAssertion"), element(saml("Assertion"), text="secret"))
    write = WriteXml(document, Signer(pair.private, certificate), document.name, der(party(1024)))
    assert await XML.write(write) is None
    found = await XML.write(WriteXml(document, Signer(pair.private, certificate), document.name, certificate))
    assert found is not None
    assert "secret" not in found


async def test_octets_are_verified_by_what_holds_for_xml() -> None:
    """A signature over a query: the very characters, the known key, no SHA-1."""
    key = xmlsec.Key.from_memory(party().key, constants.KeyDataFormatPem)

    def made(transform: Any) -> bytes:
        context = xmlsec.SignatureContext()
        context.key = key
        return bytes(context.sign_binary(b"SAMLRequest=a", transform))

    good, old = made(constants.TransformRsaSha256), made(constants.TransformRsaSha1)

    assert await holds("SAMLRequest=a", good, f"{MORE}rsa-sha256", party())
    assert not await holds("SAMLRequest=b", good, f"{MORE}rsa-sha256", party())
    assert not await holds("SAMLRequest=a", good, f"{MORE}rsa-sha512", party())
    assert not await holds("SAMLRequest=a", old, f"{SIGNATURE}rsa-sha1", party())
    assert not await holds("SAMLRequest=a", b"", f"{MORE}rsa-sha256", party())


async def holds(octets: str, signature: bytes, algorithm: str, one: KeyAndCertificate) -> bool:
    """Whether a signature over a query is believed of one party."""
    return await XML.verify_octets(VerifyOctets(octets, signature, algorithm, (der(one),)))


@pytest.mark.parametrize("curve", CURVES, ids=lambda curve: curve.name)
async def test_octets_are_verified_on_elliptic_curves(curve: ec.EllipticCurve) -> None:
    """Two integers as long as the curve's order, as xmlsec makes them; DER, other octets and other lengths are none."""
    one = party(curve=curve)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(one.key, constants.KeyDataFormatPem)
    good, algorithm = bytes(context.sign_binary(b"a", constants.TransformEcdsaSha384)), f"{MORE}ecdsa-sha384"
    assert await holds("a", good, algorithm, one)
    assert not await holds("b", good, algorithm, one)
    assert not await holds("a", good, f"{MORE}ecdsa-sha256", one)
    assert not await holds("a", good, f"{MORE}rsa-sha384", one)
    half = len(good) // 2
    written = encode_dss_signature(int.from_bytes(good[:half]), int.from_bytes(good[half:]))
    padded = good[:half].rjust(half + 1, b"\0") + good[half:].rjust(half + 1, b"\0")
    for wrong in (written, padded, good[1:], bytes(len(good)), b""):
        assert not await holds("a", wrong, algorithm, one)
    assert not await holds("a", good, algorithm, party())
    assert not await holds("a", good, algorithm, KeyAndCertificate.new(curve=curve))


async def test_octets_are_verified_by_probabilistic_signatures() -> None:
    """RSA with PSS: the salt is as long as the hash; one of PKCS #1 v1.5 is another algorithm."""
    key = load_pem_private_key(party().key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    by = hashes.SHA256()
    good = key.sign(b"a", padding.PSS(padding.MGF1(by), by.digest_size), by)
    algorithm = f"{LATER}sha256-rsa-MGF1"
    assert await holds("a", good, algorithm, party())
    assert not await holds("b", good, algorithm, party())
    assert not await holds("a", good, f"{MORE}rsa-sha256", party())
    assert not await holds("a", key.sign(b"a", padding.PKCS1v15(), by), algorithm, party())
    assert not await holds("a", good, algorithm, party(curve=CURVES[0]))
