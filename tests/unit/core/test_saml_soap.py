"""Single logout by SOAP: asked and answered from server to server, by the same rules as through a browser."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.events import SamlApplicationChanged
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authrequest.messages import StartSamlSignIn
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.core.key.events import SigningKeyDeactivated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.logout.plan import PlanLogout
from hexkeep.core.saml import moments
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT, SOAP, SamlRequestBinding
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestInvalid, SamlRequestUnsigned, SoapInvalid
from hexkeep.core.saml.settings import SamlOptions
from hexkeep.core.saml.soap import AROUND, ENVELOPE, HEADER, message_in, within
from hexkeep.core.saml.xml import SIGN_HERE, Element, ds, element, saml, samlp
from hexkeep.core.samllogout.by_soap import PER_SERVER, AnswerSamlLogout
from hexkeep.core.samllogout.messages import ReceiveSamlLogout
from hexkeep.core.session.events import SessionClientJoined, SessionClientLeft
from hexkeep.core.session.state import SESSION
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.oidc_world import application
from tests.unit.core.saml_world import CERTIFICATE, LATER
from tests.unit.core.test_saml_logout import (
    another,
    asked,
    ended,
    further,
    index_at,
    known,
    metadata,
    posted,
    sitting,
    statuses,
    takes_part,
    unwritten,
    wish,
)
from tests.unit.core.test_saml_logout import said as browsers

PLACE = f"{ISSUER}/saml/slo/soap"
BODY = AROUND[1]


def coming(before: World, document: Element, by: str = CERTIFICATE, around: Element | None = None) -> World:
    """The world in which an envelope has a document in it, signed unless nobody has; or something is ``around`` it."""
    signature = (element(ds("Signature")),) if by else ()
    world = known(before, around or within(replace(document, children=(*signature, *document.children))))
    world.answerer.documents.signed = {b"document": by} if by else {}
    return world


def sent(before: World, document: Element, by: str = CERTIFICATE) -> Outcome:
    """What becomes of that."""
    return coming(before, document, by).when(AnswerSamlLogout(envelope="document"))


def leaving(*children: Element, name: str = "ada", index: str = index_at("wiki"), **attributes: str) -> Element:
    """A LogoutRequest of the wiki's to the endpoint for SOAP."""
    return wish(*children, name=name, index=index, **{"Destination": PLACE, **attributes})


def said(outcome: Outcome) -> Element:
    """Our response, out of its envelope; it has to be signed."""
    message = message_in(outcome.world.answerer.documents.written[outcome.result.envelope].document)
    assert message is not None
    assert SIGN_HERE in message.children
    return message


def test_service_provider_signs_somebody_out_by_soap() -> None:
    """The session ends, and the response is in the answer: signed, ours, to that request."""
    outcome = sent(sitting(bindings=(SOAP,)), leaving()).then(ended())
    response = said(outcome)
    assert (response.name, statuses(response)) == (samlp("LogoutResponse"), ["Success"])
    assert (response.get("InResponseTo"), response.words(saml("Issuer"))) == ("_out", f"{ISSUER}/saml/metadata")
    assert statuses(said(sent(sitting(ended()), leaving()).then())) == ["Success"]


def test_others_hear_from_server_to_server() -> None:
    """SAML by SOAP and OIDC by its back channel; who has asked is not told."""
    before = sitting(
        *another("desk", SOAP, HTTP_REDIRECT),
        application("mail", client_metadata=ClientMetadata(backchannel_logout_uri="https://mail.example.com/out")),
        takes_part("desk"),
        takes_part("mail", form=""),
        bindings=(SOAP,),
    )
    assert statuses(said(sent(before, leaving()).then(ended("desk", "mail")))) == ["Success"]


def test_logout_is_partial_where_somebody_hears_by_browsers_alone() -> None:
    """Core section 3.7.3.2: there is no browser that could load a frame or go to another service provider."""
    frames = ClientMetadata(frontchannel_logout_uri="https://tv.example.com/out")
    for others in (
        (*another("blog", HTTP_POST), takes_part("blog")),
        (application("tv", client_metadata=frames), takes_part("tv", form="")),
        (application("deaf"), takes_part("deaf", form="")),
    ):
        outcome = sent(sitting(*others), leaving()).then(ended())
        assert statuses(said(outcome)) == ["Success", "PartialLogout"]
        assert statuses(said(sent(sitting(*others, ended()), leaving()).then())) == ["Success", "PartialLogout"]


@pytest.mark.parametrize(
    "document",
    [leaving(name="bob"), leaving(index=index_at("wiki", "session-9")), leaving(index=index_at("blog"))],
    ids=["another", "unknown", "anothers"],
)
def test_session_that_does_not_fit_is_unknown(document: Element) -> None:
    """Whoever is signed in stays so, and nobody learns who is."""
    assert statuses(said(sent(sitting(), document).then())) == ["Requester", "UnknownPrincipal"]


def test_request_has_to_say_which_session_and_whose() -> None:
    """There is no browser whose sessions could be meant; and no key that a name could be encrypted to."""
    for document in (leaving(index=""), leaving(element(saml("EncryptedID")), name="")):
        assert statuses(said(sent(sitting(), document).then())) == ["Requester", "RequestUnsupported"]


@pytest.mark.parametrize("by", ["", "somebody else's", "certificate of blog"])
def test_request_that_its_provider_has_not_signed_ends_nothing(by: str) -> None:
    """Profiles section 4.4.3.1: a key counts for its own provider alone."""
    sent(sitting(*another("blog", HTTP_POST)), leaving(), by).refused(SamlRequestUnsigned)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"Destination": f"{ISSUER}/saml/slo"}, ["Requester"]),
        ({"Destination": ""}, ["Requester"]),
        ({"Version": "1.1"}, ["VersionMismatch"]),
        ({"ID": "", "IssueInstant": "now"}, ["Requester"]),
        ({"NotOnOrAfter": moments.written(LATER - timedelta(minutes=3))}, ["Requester", "RequestDenied"]),
        ({"IssueInstant": moments.written(LATER - timedelta(minutes=13))}, ["Requester", "RequestDenied"]),
        ({"IssueInstant": moments.written(LATER + timedelta(minutes=4))}, ["Requester", "RequestDenied"]),
    ],
)
def test_misled_and_stale_requests_end_nothing(changes: dict[str, str], told: list[str]) -> None:
    """What was signed for a browser to bring is none for a server, and neither counts later on.

    Its provider is told so by a status, for it is certain who asks (Bindings section 3.2.3.3).
    """
    response = said(sent(sitting(), leaving(**changes)).then())
    assert (statuses(response), response.get("InResponseTo")) == (told, changes.get("ID", "_out"))


def test_request_of_nobody_known_is_not_answered() -> None:
    """There is nobody to tell."""
    sent(sitting(), leaving(issuer="https://unknown.example.com")).refused(SamlProviderUnknown)


def test_request_may_come_again() -> None:
    """As after a fault or an answer that was lost: it says the same, and ends what it was about and nothing else."""
    outcome = sent(sitting(), leaving())
    for world, change in ((outcome.world, ()), (unwritten(outcome), (ended(),))):
        again = world.later(seconds=1).when(AnswerSamlLogout(envelope="document")).then(*change)
        assert statuses(said(again)) == ["Success"]
    unknown = sent(sitting(SESSION.append("session-1", SessionClientLeft(client_id="wiki"))), leaving()).then()
    since = unknown.world.given(SESSION.append("session-1", SessionClientJoined(client_id="wiki", joined_at=LATER)))
    for world in (unknown.world, since):
        again = world.when(AnswerSamlLogout(envelope="document")).then()
        assert statuses(said(again)) == ["Requester", "UnknownPrincipal"]


def test_one_place_sends_so_many_and_no_more() -> None:
    """Whoever it is, and whatever it sends: each is read where sign-ins are."""
    before = coming(sitting(), leaving())
    counted = before.when(AnswerSamlLogout(envelope="document")).world.answerer.counted
    before.answerer.counted = dict.fromkeys(counted, PER_SERVER)
    before.when(AnswerSamlLogout(envelope="document")).refused(ResourceExhausted)
    before.when(AnswerSamlLogout(envelope="nonsense")).refused(ResourceExhausted)


def test_what_is_no_message_in_an_envelope_is_refused() -> None:
    """None, two, one that stands bare, beside another body, or behind a header that has to be understood.

    The fault says which (SOAP 1.1 section 4.4.1), as it does for an envelope of another version.
    """
    message = leaving(element(ds("Signature")))
    known_header = element("{urn:x}h", **{"{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand": "1"})
    for around, fault in (
        (message, "Client"),
        (element(ENVELOPE), "Client"),
        (element(ENVELOPE, element(BODY)), "Client"),
        (element(ENVELOPE, element(BODY, message, message)), "Client"),
        (element(ENVELOPE, element(BODY, message), element(BODY, message)), "Client"),
        (element(ENVELOPE, element(HEADER, known_header), element(BODY, message)), "MustUnderstand"),
        (element("{http://www.w3.org/2003/05/soap-envelope}Envelope", element(BODY, message)), "VersionMismatch"),
        (element(BODY, message), "Client"),
    ):
        outcome = coming(sitting(), message, around=around).when(AnswerSamlLogout(envelope="document"))
        outcome.refused(SoapInvalid)
        assert isinstance(outcome.error, SoapInvalid)
        assert outcome.error.fault == fault
    twice = element(ENVELOPE, element(BODY, element(ENVELOPE, element(BODY, message))))
    before = coming(sitting(), message, around=twice)
    before.when(AnswerSamlLogout(envelope="document")).refused(SamlRequestInvalid)


def test_browsers_bring_no_envelopes() -> None:
    """The endpoints for browsers take no message by SOAP, whoever has signed it."""
    for kind in (ReceiveSamlLogout, StartSamlSignIn):
        message = kind(binding=SamlRequestBinding.SOAP, query=posted().query)
        coming(sitting(), leaving()).when(message).refused(SamlRequestInvalid)


def test_wrong_signature_has_the_metadata_read_again() -> None:
    """Where they are at a URL: the provider may have another key by now."""
    moved = SamlApplicationChanged(
        name="Wiki",
        metadata=metadata("wiki", SOAP),
        metadata_url="https://wiki.example.com/metadata",
        options=SamlOptions(),
    )
    outcome = sent(sitting(APPLICATION.append("wiki", moved)), leaving(), "another key")
    outcome.refused(SamlRequestUnsigned)
    assert [one.operation for one in outcome.follow_ups] == ["RefreshSamlMetadata"]


def test_name_is_encrypted_in_requests_of_ours_too() -> None:
    """Core section 3.7.1, where the application has it so: by SOAP and by the browser."""
    options = SamlOptions(encrypt_name_ids=True)
    certificates = {"encryption_certificates": ("their certificate",)}
    place = metadata("desk", SOAP).model_copy(update=certificates)
    for binding in (SOAP, HTTP_POST):
        told = place.model_copy(update={"single_logout_services": metadata("desk", binding).single_logout_services})
        changed = SamlApplicationChanged(name="Desk", metadata=told, metadata_url="", options=options)
        before = sitting(*another("desk", binding), takes_part("desk"), APPLICATION.append("desk", changed))
        if binding is SOAP:
            plan = PlanLogout(client_id="desk", session_id="session-1", token_id="key-1")
            outcome = before.as_(SYSTEM).when(plan)
            request = message_in(outcome.world.answerer.documents.written[outcome.result.saml_request].document)
        else:
            outcome = further(asked(before, wish()))
            request = browsers(outcome)
        assert request is not None
        sealed = request.one(saml("EncryptedID"))
        assert sealed is not None
        assert request.one(saml("NameID")) is None
        assert sealed.words(saml("NameID")) == "ada"
        written = outcome.world.answerer.documents.written.values()
        assert [one.recipient for one in written if one.document == sealed] == ["their certificate"]


def test_without_a_key_the_session_ends_and_nothing_is_said() -> None:
    """An answer that nobody has signed would be none."""
    off = SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="saml-key"))
    assert sent(sitting(off), leaving()).then(ended()).result.envelope == ""
