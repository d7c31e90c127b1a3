"""Single logout by SAML: who may end which session, who hears of it, and what is said in the end."""

import base64
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.events import ApplicationDeactivated, SamlApplicationAdded, SamlApplicationChanged
from hexkeep.core.application.state import APPLICATION, entity_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import HexkeepError, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.key.events import SigningKeyDeactivated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.logout.plan import JudgeLogoutAnswer, PlanLogout
from hexkeep.core.saml import moments
from hexkeep.core.saml.bindings import HTTP_POST, HTTP_REDIRECT, SOAP, SamlRequestBinding
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestInvalid, SamlRequestOver, SamlRequestUnsigned
from hexkeep.core.saml.session_index import PURPOSE
from hexkeep.core.saml.settings import SamlLogoutEndpoint, SamlOptions, SamlProviderMetadata
from hexkeep.core.saml.xml import SIGN_HERE, Element, ds, element, saml, samlp
from hexkeep.core.samllogout.messages import ContinueSamlLogout, ReceiveSamlLogout, SamlLogoutKind, SamlLogoutStep
from hexkeep.core.samllogout.receiving import PER_PLACE
from hexkeep.core.session.commands import EndSession
from hexkeep.core.session.events import SessionClientJoined, SessionClientLeft, SessionClientNamed, SessionEnded
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.core.token.messages import EndOidcSession, LogoutKind
from hexkeep.core.user.events import UserNameChanged, UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import ISSUER, Outcome, World
from hexkeep.testing.saml import octets_signed
from tests.unit.core.oidc_world import SESSION_TOKEN, application, session
from tests.unit.core.saml_world import (
    CERTIFICATE,
    ENTITY,
    LATER,
    METADATA,
    SIG_ALG,
    assertion,
    redirect,
    request,
    saml_world,
)
from tests.unit.core.saml_world import known as documented
from tests.unit.core.worlds import caller

SLO = f"{ISSUER}/saml/slo"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
PLACES = {HTTP_REDIRECT: "redirect", HTTP_POST: "post", SOAP: "soap"}


def metadata(name: str, *bindings: str) -> SamlProviderMetadata:
    """Of a service provider with an endpoint for each of these bindings."""
    places = tuple(
        SamlLogoutEndpoint(url=f"https://{name}.example.com/slo?by={PLACES[one]}", binding=one) for one in bindings
    )
    own = {"entity_id": f"https://{name}.example.com/saml", "signing_certificates": (f"certificate of {name}",)}
    wiki = {"single_logout_services": places}
    return METADATA.model_copy(update=wiki if name == "wiki" else {**own, **wiki})


def another(name: str, *bindings: str, **options: Any) -> tuple[Change, ...]:
    """One more service provider."""
    told = metadata(name, *bindings)
    added = SamlApplicationAdded(
        organization_id="acme",
        project_id="shop",
        name=name.title(),
        metadata=told,
        metadata_url="",
        options=SamlOptions(**options),
    )
    return APPLICATION.append(name, added), Claim(entity_key(told.entity_id), APPLICATION.ref(name))


def takes_part(*client_ids: str, session_id: str = "session-1", form: str = "unspecified", name: str = "ada") -> Append:
    """Applications of a session, and how they were told of Ada unless they got no assertion."""
    joined = (SessionClientJoined(client_id=one, joined_at=LATER) for one in client_ids)
    named = (SessionClientNamed(client_id=one, user_id="ada", name_format=form, name=name) for one in client_ids)
    return SESSION.append(session_id, *joined, *(named if form else ()))


def sitting(*changes: Change, bindings: tuple[str, ...] = (HTTP_REDIRECT,)) -> World:
    """Ada has signed in to the wiki, and where else is said."""
    return saml_world(takes_part("wiki"), *changes, metadata=metadata("wiki", *bindings))


def index_at(client_id: str, session_id: str = "session-1") -> str:
    """How an application knows a session."""
    return keyed_hash(PURPOSE, f"{session_id} {client_id}")


INDEX = index_at("wiki")


def wish(*children: Element, name: str = "ada", index: str = INDEX, **attributes: str) -> Element:
    """A LogoutRequest of the wiki's; what is empty is left out."""
    usual = {"ID": "_out", "Version": "2.0", "IssueInstant": moments.written(LATER), "Destination": SLO}
    named = (element(saml("NameID"), text=name),) if name else ()
    indexed = (element(samlp("SessionIndex"), text=index),) if index else ()
    issuer = element(saml("Issuer"), text=attributes.pop("issuer", ENTITY))
    return element(samlp("LogoutRequest"), issuer, *named, *indexed, *children, **{**usual, **attributes})


def posted(parameter: str = "SAMLRequest", **more: Any) -> ReceiveSamlLogout:
    """A message by a form of another site: no cookies come with it."""
    query = urlencode({parameter: base64.b64encode(b"document").decode(), "RelayState": "here"})
    return ReceiveSamlLogout(binding=SamlRequestBinding.POST, query=query, **more)


def redirected(signed_by: str = CERTIFICATE, parameter: str = "SAMLRequest", **more: Any) -> ReceiveSamlLogout:
    """The same by redirect, with a signature over the query unless nobody signed it."""
    query = f"{parameter}={quote_plus(base64.b64encode(b'document').decode())}&RelayState=here"
    if signed_by:
        query += f"&SigAlg={quote_plus(SIG_ALG)}"
        query += f"&Signature={quote_plus(base64.b64encode(octets_signed(query, signed_by)).decode())}"
    return ReceiveSamlLogout(binding=SamlRequestBinding.REDIRECT, query=query, **more)


def known(before: World, document: Element, by: str = "") -> World:
    """The world in which the bytes of a message are that document, with a signature in it if somebody has signed it."""
    signed = (element(ds("Signature")),) if by else ()
    world = documented(before, replace(document, children=(*signed, *document.children)), by=by)
    for client_id, session_id in (("wiki", "session-1"), ("wiki", "session-2"), ("blog", "session-1")):
        place = f"{client_id} {index_at(client_id, session_id)}"
        world.answerer.kept[PURPOSE, place] = (session_id.encode(), LATER.replace(year=LATER.year + 1))
    return world


def asked(before: World, document: Element, by: str = CERTIFICATE) -> Outcome:
    """What becomes of a message by a form, signed as a whole."""
    return known(before, document, by=by).when(posted())


def ended(*told: str, session_id: str = "session-1") -> Append:
    """The end of a session, and who is told from server to server."""
    return SESSION.append(session_id, SessionEnded(told=told))


def unwritten(outcome: Outcome) -> World:
    """The world where what an outcome wanted to be written was not, for the database failed."""
    return replace(outcome.before, answerer=outcome.world.answerer.copy())


def further(outcome: Outcome, token: str = "", **more: Any) -> Outcome:
    """What the browser is told when it goes on."""
    return going_on(outcome.world, token or outcome.result.token, **more)


def going_on(before: World, token: str, **more: Any) -> Outcome:
    """The same in a world, with the token of the browser."""
    return before.when(ContinueSamlLogout(token=token, **more))


def said(outcome: Outcome) -> Element:
    """The message of ours that the browser brings."""
    step: SamlLogoutStep = outcome.result
    query = dict(parse_qsl(urlsplit(step.redirect_to).query))
    form = {name: base64.b64decode(value).decode() for name, value in step.fields.items() if name.startswith("SAML")}
    texts = [value for name, value in (form or query).items() if name.startswith("SAML")]
    return outcome.world.answerer.documents.written[texts[0]].document


def statuses(message: Element) -> list[str]:
    """The codes of a response."""
    found: list[str] = []
    node = message.one(samlp("Status"))
    while node is not None and (node := node.one(samlp("StatusCode"))) is not None:
        found.append(node.get("Value").removeprefix(STATUS))
    return found


def response(to: Outcome, name: str, *codes: str, **attributes: str) -> Element:
    """What a service provider responds to our request."""
    status = element(samlp("StatusCode"), Value=f"{STATUS}{codes[0] if codes else 'Success'}")
    if codes[1:]:
        status = element(
            samlp("StatusCode"), element(samlp("StatusCode"), Value=f"{STATUS}{codes[1]}"), Value=status.get("Value")
        )
    usual = {
        "ID": "_response",
        "Version": "2.0",
        "IssueInstant": moments.written(LATER),
        "Destination": SLO,
        "InResponseTo": to.result.request_id,
    }
    issuer = element(saml("Issuer"), text=f"https://{name}.example.com/saml")
    return element(samlp("LogoutResponse"), issuer, element(samlp("Status"), status), **{**usual, **attributes})


def responded(to: Outcome, name: str, *codes: str, by: str = "", **attributes: str) -> Outcome:
    """What becomes of that."""
    document = response(to, name, *codes, **attributes)
    signed = known(to.world, document, by=by or f"certificate of {name}")
    return signed.when(posted("SAMLResponse"))


def test_service_provider_ends_the_session_that_it_names() -> None:
    """By SessionIndex and the name there, without any cookie; the answer has RelayState, and goes to its endpoint."""
    outcome = asked(sitting(), wish()).then(ended())
    assert (outcome.result.kind, outcome.result.frames) == (SamlLogoutKind.ONWARD, ())
    last = further(outcome, session_token=SESSION_TOKEN)
    assert (last.result.kind, last.result.forget_session) == (SamlLogoutKind.ANSWER, True)
    parts = urlsplit(last.result.redirect_to)
    assert (parts.netloc, dict(parse_qsl(parts.query))["RelayState"]) == ("wiki.example.com", "here")
    told = said(last)
    assert (told.get("InResponseTo"), told.get("Destination")) == ("_out", "https://wiki.example.com/slo?by=redirect")
    assert (statuses(told), SIGN_HERE in told.children) == (["Success"], False)


def test_each_service_provider_knows_a_session_by_an_index_of_its_own() -> None:
    """Core section 2.7.2: two that compare theirs learn nothing; each ends the session by its own."""
    before = saml_world(*another("blog", HTTP_POST), metadata=metadata("wiki", HTTP_REDIRECT))
    names = {"wiki": ENTITY, "blog": "https://blog.example.com/saml"}
    indexes: dict[str, str] = {}
    for name, entity_id in names.items():
        wanted = replace(request(), children=(element(saml("Issuer"), text=entity_id),))
        outcome = documented(before, wanted).when(redirect())
        statement = assertion(outcome).one(saml("AuthnStatement"))
        assert statement is not None
        before, indexes[name] = outcome.world, statement.get("SessionIndex")
    assert len({*indexes.values(), "session-1"}) == 3
    for name, entity_id in names.items():
        for index in indexes.values():
            certificate = METADATA.signing_certificates[0] if name == "wiki" else f"certificate of {name}"
            document = wish(index=index, issuer=entity_id)
            signed = replace(document, children=(element(ds("Signature")), *document.children))
            step = documented(before, signed, by=certificate).when(posted())
            step.then(*((ended(),) if index == indexes[name] else ()))


def test_request_by_redirect_is_signed_over_the_query() -> None:
    """The other binding, with the same end; where the metadata has a form alone the answer is signed within."""
    before = sitting(bindings=(HTTP_POST,))
    last = further(known(before, wish()).when(redirected()).then(ended()))
    assert (last.result.redirect_to, last.result.fields["RelayState"]) == (
        "https://wiki.example.com/slo?by=post",
        "here",
    )
    assert SIGN_HERE in said(last).children


@pytest.mark.parametrize(
    "message", [posted(), redirected(""), redirected("somebody else's"), redirected("certificate of blog")]
)
def test_unsigned_request_ends_nothing(message: ReceiveSamlLogout) -> None:
    """Profiles section 4.4.3.1: by its own key, over all of it, or anybody could sign anybody out."""
    known(sitting(*another("blog", HTTP_POST)), wish()).when(message).refused(SamlRequestUnsigned)


def test_wrong_signature_has_the_metadata_read_again() -> None:
    """Where they are at a URL: the provider may have another key by now."""
    moved = SamlApplicationChanged(
        name="Wiki",
        metadata=metadata("wiki", HTTP_REDIRECT),
        metadata_url="https://wiki.example.com/metadata",
        options=SamlOptions(),
    )
    before = sitting(APPLICATION.append("wiki", moved))
    outcome = known(before, wish()).when(redirected("another key"))
    outcome.refused(SamlRequestUnsigned)
    assert [one.operation for one in outcome.follow_ups] == ["RefreshSamlMetadata"]


def test_request_signed_by_another_provider_ends_nothing() -> None:
    """A key counts for its own provider alone."""
    before = known(sitting(*another("blog", HTTP_POST)), wish(), by="certificate of blog")
    before.when(posted()).refused(SamlRequestUnsigned)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"Destination": f"{ISSUER}/saml/sso"}, SamlRequestInvalid),
        ({"Destination": ""}, SamlRequestInvalid),
        ({"Version": "1.1"}, SamlRequestInvalid),
        ({"ID": ""}, SamlRequestInvalid),
        ({"NotOnOrAfter": "tomorrow"}, SamlRequestInvalid),
        ({"NotOnOrAfter": moments.written(LATER - timedelta(minutes=3))}, SamlRequestOver),
        ({"IssueInstant": moments.written(LATER - timedelta(minutes=13))}, SamlRequestOver),
        ({"IssueInstant": moments.written(LATER + timedelta(minutes=4))}, SamlRequestOver),
        ({"IssueInstant": "9999-12-31T23:59:59Z"}, SamlRequestOver),
        ({"IssueInstant": "0001-01-01T00:00:00Z"}, SamlRequestOver),
        ({"NotOnOrAfter": "0001-01-01T00:00:00Z"}, SamlRequestOver),
        ({"issuer": "https://unknown.example.com"}, SamlProviderUnknown),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else one.__name__,
)
def test_misled_stale_and_malformed_requests_end_nothing(changes: dict[str, str], error: type[HexkeepError]) -> None:
    """Core section 3.2.1 and 3.7.1: it is for this endpoint, of this moment, and whole."""
    known(sitting(), wish(**changes), by=CERTIFICATE).when(posted()).refused(error)


OTHER = {"session_token": token_of("session-2", "other")}
"""What Ada's other browser sends along."""


def in_two_browsers(*changes: Change) -> World:
    """Ada has signed in to the wiki in another one as well."""
    return sitting(session("session-2", "other"), takes_part("wiki", session_id="session-2"), *changes)


def test_request_is_good_once() -> None:
    """Who has caught one cannot end another session with it, nor learn in another browser whom else it concerns."""
    before = in_two_browsers(*another("blog", HTTP_POST), takes_part("blog"))
    for one in (wish(), wish(index="")):
        first = known(before, one, by=CERTIFICATE).when(posted(session_token=SESSION_TOKEN)).then(ended())
        for tokens in ({"session_token": SESSION_TOKEN}, OTHER, {}):
            first.world.when(posted(hopped=True, **tokens)).refused(SamlRequestOver)


@pytest.mark.parametrize("document", [wish(), wish(index="")], ids=["index", "browser"])
def test_request_that_was_heard_in_vain_counts_when_it_comes_again(document: Element) -> None:
    """Where a session could not be ended the provider asks again, and it ends; no other does."""
    before = known(in_two_browsers(), document, by=CERTIFICATE)
    first = before.when(posted(session_token=SESSION_TOKEN)).then(ended())
    both = posted(waiting_tokens=(SESSION_TOKEN,), **OTHER)
    again = unwritten(first).later(seconds=1).when(both).then(ended())
    assert again.result.kind is SamlLogoutKind.ONWARD
    again.world.when(both).refused(SamlRequestOver)


def test_what_is_no_message_of_logout_is_refused() -> None:
    """An AuthnRequest, a response in the place of a request, nothing, and two at once."""
    before = sitting()
    for document in (
        element(samlp("AuthnRequest"), *wish().children),
        element(samlp("LogoutResponse"), *wish().children),
    ):
        known(before, document, by=CERTIFICATE).when(posted()).refused(SamlRequestInvalid)
    twice = posted().model_copy(update={"query": f"{posted().query}&{posted('SAMLResponse').query}"})
    for message in (posted().model_copy(update={"query": "RelayState=x"}), twice):
        before.when(message).refused(SamlRequestInvalid)


@pytest.mark.parametrize(
    "document",
    [
        wish(name="bob"),
        wish(name="ADA"),
        wish(index=index_at("wiki", "session-9")),
        wish(index="session-1"),
        wish(index=index_at("blog")),
        wish(index=index_at("wiki", "session-2")),
        wish(index=""),
    ],
    ids=["another", "case", "unknown", "id", "anothers", "not-there", "no-cookie"],
)
def test_session_that_does_not_fit_is_unknown(document: Element) -> None:
    """Another name, another session, one of the same person in which this provider takes no part: all look alike."""
    before = known(sitting(session("session-2", "other")), document, by=CERTIFICATE)
    outcome = before.when(posted(hopped=True)).then()
    assert outcome.result.kind is SamlLogoutKind.ANSWER
    assert statuses(said(outcome)) == ["Requester", "UnknownPrincipal"]


def test_provider_reaches_no_session_of_others() -> None:
    """Of somebody who has signed in elsewhere alone, index and name avail nothing; nor after the person left."""
    for before in (
        saml_world(*another("blog", HTTP_POST), takes_part("blog"), metadata=metadata("wiki", HTTP_REDIRECT)),
        sitting(SESSION.append("session-1", SessionClientLeft(client_id="wiki"))),
    ):
        outcome = asked(before, wish()).then()
        assert statuses(said(outcome)) == ["Requester", "UnknownPrincipal"]


@pytest.mark.parametrize(
    "named",
    [
        {"Format": "urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos"},
        {"Format": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
        {"NameQualifier": "https://other.example.com"},
        {"SPNameQualifier": "https://blog.example.com/saml"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_name_counts_in_its_form_and_within_what_it_is_one(named: dict[str, str]) -> None:
    """Core section 8.3: the right text in the wrong place is another name."""
    outcome = asked(sitting(), wish(element(saml("NameID"), text="ada", **named), name="")).then()
    assert statuses(said(outcome)) == ["Requester", "UnknownPrincipal"]


def test_encrypted_name_is_not_supported() -> None:
    """No key of ours is published that it could be encrypted to."""
    outcome = asked(sitting(), wish(element(saml("EncryptedID")), name="")).then()
    assert statuses(said(outcome)) == ["Requester", "RequestUnsupported"]


def test_refusal_is_shown_where_the_provider_takes_no_responses() -> None:
    """One whose metadata have no endpoint, or one for SOAP alone."""
    known(sitting(bindings=(SOAP,)), wish(name="bob"), by=CERTIFICATE).when(posted()).refused(SamlRequestInvalid)


def test_without_an_index_the_sessions_of_the_browser_are_meant() -> None:
    """Those in which the provider takes part; by a form of another site the cookies are fetched first."""
    waiting = token_of("session-2", "other")
    before = sitting(
        session("session-2", "other"), takes_part("wiki", session_id="session-2"), session("session-3", "x")
    )
    document = known(before, wish(index=""), by=CERTIFICATE)
    assert document.when(posted()).then().result.kind is SamlLogoutKind.HOP
    tokens: dict[str, Any] = {"session_token": SESSION_TOKEN, "waiting_tokens": (waiting, token_of("session-3", "x"))}
    document.when(posted(**tokens)).then(ended(), ended(session_id="session-2"))
    known(before, wish(index="")).when(redirected(**tokens)).then(ended(), ended(session_id="session-2"))


def test_session_that_has_ended_is_no_error() -> None:
    """Whoever asks for what is so already is told that it is."""
    before = sitting(ended())
    outcome = asked(before, wish()).then()
    assert statuses(said(further(outcome))) == ["Success"]


def test_others_are_told_by_their_own_ways() -> None:
    """OIDC by tokens and frames, SAML by SOAP where it is to be had, else through the browser; who asks is not told."""
    frame = "https://tv.example.com/out"
    before = sitting(
        *another("blog", HTTP_POST, HTTP_REDIRECT),
        *another("desk", SOAP, HTTP_REDIRECT),
        application("mail", client_metadata=ClientMetadata(backchannel_logout_uri="https://mail.example.com/out")),
        application("tv", client_metadata=ClientMetadata(frontchannel_logout_uri=frame)),
        takes_part("blog", "desk"),
        takes_part("mail", "tv", form=""),
        bindings=(SOAP, HTTP_REDIRECT),
    )
    outcome = asked(before, wish()).then(ended("desk", "mail"))
    assert outcome.result.frames == (frame,)
    leg = further(outcome)
    step = leg.result
    assert (step.kind, step.client_name, step.waiting, step.again) == (SamlLogoutKind.ASK, "Blog", (), False)
    assert step.redirect_to.startswith("https://blog.example.com/slo?by=redirect&SAMLRequest=")
    request = said(leg)
    named = request.one(saml("NameID"))
    assert named == element(saml("NameID"), text="ada", Format=UNSPECIFIED)
    assert (request.words(samlp("SessionIndex")), request.get("ID")) == (index_at("blog"), step.request_id)
    assert request.get("NotOnOrAfter") == moments.written(LATER + timedelta(minutes=5))
    back = responded(leg, "blog").then()
    assert (back.result.kind, back.result.token) == (SamlLogoutKind.ONWARD, "")
    last = further(back, outcome.result.token)
    assert (last.result.kind, last.result.told) == (SamlLogoutKind.ANSWER, ("Blog",))
    assert statuses(said(last)) == ["Success"]


def test_names_are_told_as_they_were_at_sign_in() -> None:
    """Of the form that was asked for then, and by the name of then, though the user has another one by now."""
    renamed = USER.append("ada", UserNameChanged(user_name="countess"))
    before = sitting(*another("blog", HTTP_POST), takes_part("blog", form="persistent", name="p1"), renamed)
    leg = further(asked(before, wish()).then(ended()))
    named = said(leg).one(saml("NameID"))
    assert named is not None
    assert (named.text, named.get("Format").rpartition(":")[2]) == ("p1", "persistent")
    assert named.get("SPNameQualifier") == "https://blog.example.com/saml"
    assert SIGN_HERE in said(leg).children
    other = asked(before, wish(name="countess")).then()
    assert statuses(said(other)) == ["Requester", "UnknownPrincipal"]


def chain() -> tuple[str, Outcome]:
    """A logout that has come to the first of two others; the browser's token."""
    before = sitting(*another("blog", HTTP_POST), *another("desk", HTTP_POST), takes_part("blog", "desk"))
    outcome = asked(before, wish())
    return outcome.result.token, further(outcome)


def test_who_does_not_answer_holds_nobody_up() -> None:
    """Who comes back is asked whether to try again or to go on; the end tells that it was not everybody."""
    token, first = chain()
    again = further(first, token)
    assert (again.result.client_name, again.result.again, again.result.waiting) == ("Blog", True, ("Desk",))
    other = further(again, token, without=again.result.request_id)
    assert (other.result.client_name, other.result.failed, other.result.again) == ("Desk", ("Blog",), False)
    last = further(responded(other, "desk"), token)
    assert (last.result.told, last.result.failed) == (("Desk",), ("Blog",))
    assert statuses(said(last)) == ["Success", "PartialLogout"]


def test_nobody_is_left_out_by_a_guess() -> None:
    """Going on without somebody takes the id of the request at hand."""
    token, first = chain()
    assert further(first, token, without="_guessed").result.client_name == "Blog"
    assert further(first, "another browser's").result.kind is SamlLogoutKind.DONE


@pytest.mark.parametrize(
    ("codes", "changes", "by"),
    [
        (("Responder", "RequestDenied"), {}, ""),
        ((), {}, "nobody"),
        ((), {}, "certificate of desk"),
        ((), {"Destination": f"{ISSUER}/saml/sso"}, ""),
        ((), {"Destination": ""}, ""),
        ((), {"IssueInstant": moments.written(LATER - timedelta(hours=1))}, ""),
    ],
    ids=["denied", "unsigned", "foreign", "misled", "nowhere", "old"],
)
def test_response_that_is_not_a_believable_success_is_none(
    codes: tuple[str, ...], changes: dict[str, str], by: str
) -> None:
    """The logout goes on, and says in the end that it was not everybody."""
    token, first = chain()
    other = further(responded(first, "blog", *codes, by=by, **changes), token)
    assert (other.result.client_name, other.result.failed) == ("Desk", ("Blog",))


def test_response_answers_the_request_to_its_own_sender() -> None:
    """Not that to another, nor one that there never was."""
    _, first = chain()
    for name, request_id in (("desk", first.result.request_id), ("blog", "_never")):
        document = response(first, name, InResponseTo=request_id)
        known(first.world, document, by=f"certificate of {name}").when(posted("SAMLResponse")).refused(
            SamlProviderUnknown
        )


def test_who_cannot_be_told_any_more_is_passed_over() -> None:
    """Switched off meanwhile, without an endpoint, or of somebody erased, whose name nobody can read."""
    for name, change in (
        ("ada", APPLICATION.append("blog", ApplicationDeactivated())),
        ("", USER.append("ada", UserRemoved())),
    ):
        before = sitting(*another("blog", HTTP_POST), *another("deaf"), takes_part("blog", "deaf", name=name))
        outcome = asked(before, wish())
        last = going_on(outcome.world.given(change), outcome.result.token)
        assert (last.result.kind, last.result.failed) == (SamlLogoutKind.ANSWER, ("Blog",))
        assert statuses(said(last)) == ["Success", "PartialLogout"]


def test_without_a_key_nobody_is_told_and_the_logout_ends() -> None:
    """The session is over all the same, and the browser comes to where it wanted to."""
    before = sitting(*another("blog", HTTP_POST), takes_part("blog"))
    outcome = asked(before, wish())
    off = SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="saml-key"))
    last = going_on(outcome.world.given(off), outcome.result.token)
    assert (last.result.kind, last.result.failed) == (SamlLogoutKind.DONE, ("Blog",))


def test_application_that_hears_of_nothing_makes_a_logout_partial() -> None:
    """Core section 3.7.3.2: be it one of OIDC or of SAML."""
    for silent in ((application("deaf"), takes_part("deaf", form="")), (*another("deaf"), takes_part("deaf"))):
        last = further(asked(sitting(*silent), wish()))
        assert statuses(said(last)) == ["Success", "PartialLogout"]


def test_logout_lasts_a_quarter_of_an_hour() -> None:
    """Then it ends on our own page, wherever the browser has been."""
    token, first = chain()
    assert going_on(first.world.later(minutes=16), token).result.kind is SamlLogoutKind.DONE


def test_sign_out_on_our_page_tells_them_too() -> None:
    """And ends where the application of OIDC has asked to come back to, or on our own page."""
    before = sitting()
    step = before.when(EndOidcSession(params={}, session_token=SESSION_TOKEN, confirmed=True)).then(ended())
    assert (step.result.kind, bool(step.result.saml_logout)) == (LogoutKind.DONE, True)
    leg = further(step, step.result.saml_logout)
    assert (leg.result.kind, leg.result.client_name) == (SamlLogoutKind.ASK, "Wiki")
    document = element(
        samlp("LogoutResponse"), *response(leg, "wiki").children, **dict(response(leg, "wiki").attributes)
    )
    wiki = replace(document, children=(element(saml("Issuer"), text=ENTITY), *document.children[1:]))
    back = known(leg.world, wiki).when(redirected(parameter="SAMLResponse"))
    last = further(back, step.result.saml_logout)
    assert (last.result.kind, last.result.redirect_to, last.result.told) == (SamlLogoutKind.DONE, "", ("Wiki",))
    params = {"client_id": "web", "post_logout_redirect_uri": "https://shop.example.com/bye", "state": "s"}
    step = before.when(EndOidcSession(params=params, session_token=SESSION_TOKEN, confirmed=True))
    leg = further(step, step.result.saml_logout)
    last = further(leg, step.result.saml_logout, without=leg.result.request_id)
    assert (last.result.redirect_to, last.result.failed) == ("https://shop.example.com/bye?state=s", ("Wiki",))


def test_response_leads_to_the_host_where_the_logout_began() -> None:
    """There the browser keeps where it stands; responses come to the primary host."""
    token, first = chain()
    assert responded(first, "blog").result.host == ""
    elsewhere = going_on(replace(first.world, host="shop.example"), token)
    assert responded(elsewhere, "blog").result.host == "shop.example"


def test_browser_tells_later_of_a_session_that_ended_without_it() -> None:
    """An administrator has ended it: who hears by browsers alone hears when the browser signs out, and nothing ends."""
    frame = ClientMetadata(frontchannel_logout_uri="https://tv.example.com/out")
    before = sitting(application("tv", client_metadata=frame), takes_part("tv", form=""))
    after = before.as_(caller("INSTANCE_OWNER")).when(EndSession(session_id="session-1")).then(ended()).world
    mine = EndOidcSession(params={}, session_token=SESSION_TOKEN)
    step = after.as_(ANONYMOUS).when(mine).then()
    assert (step.result.kind, step.result.frames) == (LogoutKind.DONE, (frame.frontchannel_logout_uri,))
    leg = further(step, step.result.saml_logout)
    assert (leg.result.kind, leg.result.client_name) == (SamlLogoutKind.ASK, "Wiki")
    assert said(leg).words(samlp("SessionIndex")) == INDEX
    for token in (token_of("session-1", "guessed"), ""):
        nothing = after.as_(ANONYMOUS).when(EndOidcSession(params={}, session_token=token)).then().result
        assert (nothing.kind, nothing.frames, nothing.saml_logout) == (LogoutKind.DONE, (), "")
    over = before.later(days=400).as_(ANONYMOUS).when(mine).then().result
    assert (over.frames, over.saml_logout) == ((), "")


def test_service_provider_has_the_others_told_of_a_session_that_ended_without_a_browser() -> None:
    """It brings one; so it is true that everybody has heard."""
    before = sitting(*another("blog", HTTP_POST), takes_part("blog"), ended())
    outcome = asked(before, wish()).then()
    leg = further(outcome)
    assert (leg.result.kind, leg.result.client_name) == (SamlLogoutKind.ASK, "Blog")
    last = further(responded(leg, "blog"), outcome.result.token)
    assert statuses(said(last)) == ["Success"]


def test_sign_out_without_them_goes_nowhere_else() -> None:
    """Of applications of OIDC alone, or of providers that hear by SOAP."""
    for before in (saml_world(), sitting(bindings=(SOAP, HTTP_REDIRECT))):
        step = before.when(EndOidcSession(params={}, session_token=SESSION_TOKEN, confirmed=True)).result
        assert (step.kind, step.saml_logout) == (LogoutKind.DONE, "")


def plan(before: World) -> Any:
    """What the deliverer is told for the wiki."""
    return before.as_(SYSTEM).when(PlanLogout(client_id="wiki", session_id="session-1", token_id="key-1"))


def test_whoever_ends_a_session_tells_by_soap() -> None:
    """An administrator ends it; the request names session and user, signed, in an envelope."""
    before = sitting(bindings=(SOAP,))
    after = before.as_(caller("INSTANCE_OWNER")).when(EndSession(session_id="session-1")).then(ended("wiki")).world
    outcome = plan(after)
    assert (outcome.result.uri, outcome.result.logout_token) == ("https://wiki.example.com/slo?by=soap", "")
    document = outcome.world.answerer.documents.written[outcome.result.saml_request].document
    (body,) = document.children
    (request,) = body.children
    assert (request.get("ID"), request.words(samlp("SessionIndex"))) == ("_key-1", INDEX)
    assert (request.words(saml("NameID")), SIGN_HERE in request.children) == ("ada", True)
    assert plan(after.given(APPLICATION.append("wiki", ApplicationDeactivated()))).result.uri == ""


@pytest.mark.parametrize(
    ("codes", "in_response_to", "told"),
    [
        (("Success",), "_key-1", True),
        (("Success", "PartialLogout"), "_key-1", True),
        (("Requester", "UnknownPrincipal"), "_key-1", True),
        (("Responder",), "_key-1", False),
        (("Success",), "_key-2", False),
    ],
)
def test_answer_by_soap_counts_if_nobody_is_signed_in_there(
    codes: tuple[str, ...], in_response_to: str, *, told: bool
) -> None:
    """It has to be to this request; who knows of no such session has nobody signed in."""
    _, leg = chain()
    body = element(
        "{http://schemas.xmlsoap.org/soap/envelope/}Body", response(leg, "wiki", *codes, InResponseTo=in_response_to)
    )
    envelope = element("{http://schemas.xmlsoap.org/soap/envelope/}Envelope", body)
    before = known(sitting(), envelope).as_(SYSTEM)
    assert before.when(JudgeLogoutAnswer(token_id="key-1", content="document")).result.told is told
    assert before.when(JudgeLogoutAnswer(token_id="key-1", content="<html>")).result.told is False


def test_answers_are_judged_for_the_program_alone() -> None:
    """Nobody else has any."""
    asked = JudgeLogoutAnswer(token_id="key-1", content="document")
    sitting().as_(Caller(CallerKind.SYSTEM, name="ci")).when(asked).refused(PermissionDenied)


def test_one_place_brings_so_many_messages_and_no_more() -> None:
    """Requests and responses alike: each is read where sign-ins are. Who is elsewhere is not held up."""
    before = sitting()
    many = replace(before, answerer=before.answerer.copy())
    many.answerer.counted = {
        name: PER_PLACE for name in asked(before, wish()).world.answerer.counted if "saml" in name[0]
    }
    assert many.answerer.counted
    asked(many, wish()).refused(ResourceExhausted)
    nonsense = ReceiveSamlLogout(binding=SamlRequestBinding.POST, query="SAMLResponse=x")
    many.when(nonsense).refused(ResourceExhausted)
    asked(replace(many, address="198.51.100.7"), wish()).then(ended())
