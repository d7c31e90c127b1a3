"""Whatever is done to a message of SAML, on whatever way it comes: an answer, and nothing but what was signed."""

import base64
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
import xmlsec
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from hexkeep.adapters.xmlsec import parsing
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.saml.asks import ReadXml, VerifyXml
from hexkeep.core.saml.soap import message_in
from hexkeep.core.saml.xml import Element, ds, saml
from hexkeep.testing.idp_saml import NAMESPACES, metadata_text, pair, signed
from tests.fuzz.budget import CHECKS, bounded
from tests.fuzz.saml_doors import DOORS, Shape, brought, shapes
from tests.fuzz.saml_rig import ELSEWHERE, GRACE, SECONDS, Answered, SamlRig, running, sp_metadata
from tests.fuzz.xml_changes import PROLOGUES, TEXTS, Deed, changed, deeds

HOMES = ("https://wiki.example.com/", "https://idp.example.net/slo")
SENDERS_FAULTS = tuple(f"<faultcode>soap:{one}</faultcode>" for one in ("Client", "MustUnderstand", "VersionMismatch"))


@pytest.fixture(scope="module")
def rig() -> Iterator[SamlRig]:
    """One rig for all of them."""
    with running() as one:
        yield one


def insist(seen: Answered, *, may_write: bool) -> None:
    """What holds for every answer, and that nothing was written unless something may be."""
    answer = seen.response
    by_soap = answer.headers.get("content-type", "").startswith("text/xml")
    senders = by_soap and any(one in answer.text for one in SENDERS_FAULTS)
    assert answer.status_code < 500 or senders, answer.text
    assert seen.seconds < SECONDS
    assert not seen.signs_in
    if answer.status_code >= 400:
        assert seen.written == 0
        assert senders or (answer.headers["content-type"].startswith("text/html") and answer.content)
    assert may_write or seen.written == 0
    if "location" in answer.headers:
        location = answer.headers["location"]
        assert location.startswith(HOMES) or (location.startswith("/") and not location.startswith("//"))


def tried(rig: SamlRig, name: str, shape: Shape) -> Answered:
    """Bring a message to a door, in the browser of whom it is about, and insist."""
    door = DOORS[name]
    sent = brought(rig, door, shape)
    cookies = None if door.binding == "soap" else door.whose(rig).cookies
    seen = rig.send(sent.method, sent.path, cookies, **sent.asked)
    begins = name.startswith("sso")
    if seen.written and not begins:
        rig.enter()
    insist(seen, may_write=sent.intact or (begins and shape.signed_after))
    return seen


@pytest.mark.parametrize("name", DOORS)
def test_message_as_it_should_be_counts(rig: SamlRig, name: str) -> None:
    """What is damaged below is something that counts: it begins a sign-in, or ends a session."""
    seen = tried(rig, name, Shape())
    assert (seen.written > 0) == ("response" not in name), seen.response.text


@pytest.mark.parametrize("name", DOORS)
@bounded(15)
@given(shape=shapes())
def test_damaged_message_does_nothing_that_was_not_signed(rig: SamlRig, name: str, shape: Shape) -> None:
    """A page or a fault with a code, in bounded time: nobody is signed in or out, and nothing is written."""
    tried(rig, name, shape)


def statement(content: bytes) -> bytes | None:
    """The one assertion of an answer without its signature, in one form; ``None`` where there is not one."""
    try:
        root = etree.fromstring(
            content, etree.XMLParser(encoding="utf-8", remove_comments=True, resolve_entities=False)
        )
    except (ValueError, etree.XMLSyntaxError):
        return None
    found = root.findall(".//saml:Assertion", NAMESPACES)
    if len(found) != 1:
        return None
    for signature in found[0].findall("ds:Signature", NAMESPACES):
        found[0].remove(signature)
    octets: bytes = etree.tostring(found[0], method="c14n", exclusive=True, with_comments=False)
    return octets


def signed_anew(content: bytes) -> bytes:
    """An answer as a provider signs it that says anything, if it can be signed."""
    try:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
        for signature in list(root.iter(ds("Signature"))):
            above = signature.getparent()
            if above is not None:
                above.remove(signature)
        return signed(etree.tostring(root, encoding="unicode"), pair("idp")).encode()
    except (ValueError, etree.XMLSyntaxError, xmlsec.Error):
        return content


@bounded(25)
@given(done=deeds(st.sampled_from(TEXTS) | st.text(max_size=20)), signed_after=st.booleans())
def test_damaged_answer_signs_in_whom_it_was_signed_for(rig: SamlRig, done: list[Deed], *, signed_after: bool) -> None:
    """Or nobody, with nothing written: by a form of another site, over the hop, in the browser that had gone there."""
    browser = rig.browser()
    url = rig.loop.run(browser.get("/ui/idp", params={"provider": rig.provider_id})).headers["location"]
    fields = dict(rig.loop.run(rig.upstream.sign_in(url, GRACE)))
    right = base64.b64decode(fields["SAMLResponse"])
    content = changed(right.decode(), done)
    if signed_after:
        content = signed_anew(content)
    fields["SAMLResponse"] = base64.b64encode(content).decode()
    posted = rig.send("POST", rig.callback, data=fields, headers=ELSEWHERE)
    insist(posted, may_write=False)
    if posted.response.status_code != 303:
        return
    seen = rig.send("GET", posted.response.headers["location"], browser.cookies)
    if not seen.signs_in:
        insist(seen, may_write=False)
        return
    assert (seen.response.status_code, seen.response.headers["location"]) == (303, "/ui/account")
    assert seen.seconds < SECONDS
    assert signed_after or statement(content) == statement(right)


@pytest.mark.parametrize("whose", ["application", "provider"])
@bounded(25)
@given(done=deeds(st.sampled_from(TEXTS) | st.text(max_size=20)), prologue=st.sampled_from((b"", b"", b"", *PROLOGUES)))
def test_damaged_metadata_is_taken_or_refused(rig: SamlRig, whose: str, done: list[Deed], prologue: bytes) -> None:
    """With an error that has a code, in bounded time; what was refused has changed nothing."""
    application = whose == "application"
    text = (
        sp_metadata(f"https://{uuid4().hex}.example.com/") if application else metadata_text((pair("idp").certificate,))
    )
    told = {"metadata_xml": (prologue + changed(text, done)).decode(errors="replace")}
    before, began, refusal = rig.written(), time.process_time(), None
    try:
        if application:
            rig.do("CreateSamlApplication", project_id=rig.project_id, name="Another", **told)
        else:
            rig.do("UpdateInstanceSamlIdentityProvider", identity_provider_id=rig.spare_id, **told)
    except (ValidationError, HexkeepError) as error:
        refusal = error
    assert time.process_time() - began < SECONDS
    assert refusal is None or rig.written() == before
    assert not isinstance(refusal, HexkeepError) or refusal.status < 500


FIRST = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    report_multiple_bugs=False,
    suppress_health_check=CHECKS,
)


def searched(rig: SamlRig, name: str) -> None:
    """The same search once more, up to what it finds first."""

    @settings(
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )
    @given(shape=shapes())
    def search(shape: Shape) -> None:
        tried(rig, name, shape)

    search()


@pytest.mark.parametrize("name", ["slo-redirect", "slo-post", "slo-soap"])
def test_service_that_believes_whatever_comes_is_found(
    rig: SamlRig, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search fails where signatures count that do not hold."""

    def believed(ask: VerifyXml) -> Element | None:
        root = parsing.read(ReadXml(ask.content))
        root = message_in(root) if ask.around else root
        kept = tuple(one for one in root.children if one.name != ds("Signature")) if root is not None else ()
        return None if root is None else replace(root, children=kept)

    monkeypatch.setattr("hexkeep.adapters.xmlsec.verifying.verified", believed)
    monkeypatch.setattr("hexkeep.adapters.xmlsec.keys.octets_verified", lambda _: True)
    with pytest.raises(AssertionError):
        searched(rig, name)


@pytest.mark.parametrize("name", ["sso-post", "slo-soap"])
def test_service_that_fails_is_found(rig: SamlRig, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search fails where something is raised that nobody has thought of."""

    def careless(root: Element, _: str) -> str:
        return next(root.all(saml("Issuer"))).text

    monkeypatch.setattr("hexkeep.core.saml.incoming.issuer_of", careless)
    with pytest.raises(AssertionError):
        searched(rig, name)


PAGE = {"content-type": "text/html"}


@pytest.mark.parametrize(
    ("status", "headers", "text", "written", "seconds"),
    [
        (400, PAGE, "no", 1, 0.0),
        (200, PAGE, "yes", 1, 0.0),
        (400, PAGE, "no", 0, SECONDS),
        (400, PAGE, "", 0, 0.0),
        (400, {"content-type": "application/json"}, "{}", 0, 0.0),
        (500, PAGE, "oh", 0, 0.0),
        (500, {"content-type": "text/xml"}, "<faultcode>soap:Server</faultcode>", 0, 0.0),
        (303, {"location": "/ui/account", "set-cookie": "__Host-hexkeep-session=x; Path=/"}, "", 0, 0.0),
        (303, {"location": "https://evil.example.com/"}, "", 0, 0.0),
        (303, {"location": "//evil.example.com/"}, "", 0, 0.0),
    ],
)
def test_what_must_not_be_is_noticed(
    status: int, headers: dict[str, str], text: str, written: int, seconds: float
) -> None:
    """Errors and answers that write, that take long, that are without a word or ours; a session, and a way out."""
    with pytest.raises(AssertionError):
        insist(Answered(httpx.Response(status, headers=headers, text=text), written, seconds), may_write=False)
