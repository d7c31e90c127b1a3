"""Messages of a service provider that signs whatever stands in them: there is an answer that is no fault of ours."""

import base64
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4
from xml.sax.saxutils import escape, quoteattr

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.budget import bounded
from tests.fuzz.rig import Pairs, Rig, running
from tests.fuzz.strategies import ODD_TEXTS, changed, in_pairs
from tests.saml_parties import OneLogin
from tests.unit.adapters.site import ORIGIN

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SAML = "urn:oasis:names:tc:SAML:2.0:"
SP = "https://wiki.example.com"
HEAD = ("ID", "Version", "IssueInstant", "Destination")
NAMES = {
    "AuthnRequest": (*HEAD, "ForceAuthn", "IsPassive", "AssertionConsumerServiceURL", "AssertionConsumerServiceIndex"),
    "LogoutRequest": (*HEAD, "NotOnOrAfter", "Reason"),
    "LogoutResponse": (*HEAD, "InResponseTo"),
}
CHILDREN = {
    "AuthnRequest": ("saml:Issuer", "samlp:NameIDPolicy", "samlp:RequestedAuthnContext", "saml:Subject"),
    "LogoutRequest": ("saml:Issuer", "saml:NameID", "saml:EncryptedID", "samlp:SessionIndex"),
    "LogoutResponse": ("saml:Issuer", "samlp:Status"),
}
TIMES = ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "9999-12-31T23:59:59.999999999Z")
VALUES = st.sampled_from((*ODD_TEXTS, *TIMES, SP, ORIGIN, "2.0", "true", "0", "65536")) | st.text(max_size=20)


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One rig for all of them."""
    with running() as one:
        yield one


@pytest.fixture(scope="module")
def party(rig: Rig) -> OneLogin:
    """A service provider with both endpoints."""
    made = OneLogin(SP)

    async def registered() -> None:
        tenant = rig.tenant
        project = await tenant.do("CreateProject", organization_id=tenant.organization_id, name="Wiki")
        asked = {"project_id": project["project_id"], "name": "Wiki", "metadata_xml": made.metadata()}
        await tenant.do("CreateSamlApplication", **asked)

    rig.loop.run(registered())
    return made


def document(kind: str, attributes: Pairs, children: Pairs) -> str:
    """The text of a message, be it well-formed or not."""
    within = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in children)
    told = "".join(f" {name}={quoteattr(value)}" for name, value in attributes)
    spaces = f'xmlns:samlp="{SAML}protocol" xmlns:saml="{SAML}assertion"'
    return f"<samlp:{kind} {spaces}{told}>{within}</samlp:{kind}>"


def signed(party: OneLogin, parameter: str, text: str) -> str:
    """The query of the redirect binding."""
    stream = zlib.compressobj(wbits=-15)
    packed = stream.compress(text.encode(errors="surrogatepass")) + stream.flush()
    octets = urlencode({parameter: base64.b64encode(packed), "RelayState": "here", "SigAlg": RSA_SHA256})
    key = load_pem_private_key(party.key.key.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    signature = key.sign(octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{octets}&{urlencode({'Signature': base64.b64encode(signature)})}"


@pytest.mark.parametrize("kind", list(NAMES))
@bounded(25)
@given(data=st.data())
def test_every_signed_message_has_an_answer(rig: Rig, party: OneLogin, kind: str, data: st.DataObject) -> None:
    """A page, or a way on to its own places, or to ours. What is refused on a page has written nothing."""
    path = "/saml/sso" if kind == "AuthnRequest" else "/saml/slo"
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    usual = {
        "ID": f"_{uuid4().hex}",
        "Version": "2.0",
        "IssueInstant": now,
        "Destination": ORIGIN + path,
    }
    inner = [("saml:Issuer", f"{SP}/onelogin/metadata"), ("saml:NameID", "ada"), ("samlp:SessionIndex", "x")]
    attributes = in_pairs(list(usual.items()), data.draw(changed(NAMES[kind], VALUES)))
    children = in_pairs(inner if kind == "LogoutRequest" else inner[:1], data.draw(changed(CHILDREN[kind], VALUES)))
    parameter = "SAMLResponse" if kind == "LogoutResponse" else "SAMLRequest"
    query = signed(party, parameter, document(kind, attributes, children))
    before = rig.written()
    answer = rig.send("GET", f"{path}?{query}", signed_in=True)
    assert answer.status_code < 500, answer.text
    if "location" in answer.headers:
        assert answer.headers["location"].startswith(("/", SP))
    elif answer.status_code >= 400:
        assert rig.written() == before
    assert "set-cookie" not in answer.headers or "a=b" not in answer.headers["set-cookie"]
