"""Single logout by an identity provider of SAML: which sessions end here, and where the browser goes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.idp.events import IdentityProviderDeactivated
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import Begun, LogoutThere
from hexkeep.core.idpintent.errors import IdpMalformed
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted
from hexkeep.core.saml import logout
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.core.saml.errors import OVER, VERSION_MISMATCH, SoapInvalid
from hexkeep.core.saml.soap import message_in, within
from hexkeep.core.saml.xml import SIGN_HERE, element, saml
from hexkeep.core.samllogout.by_soap import PER_SERVER, AnswerIdpLogout
from hexkeep.core.samllogout.elsewhere import PER_PLACE, ReceiveIdpLogout
from hexkeep.core.samllogout.messages import SamlLogoutKind
from hexkeep.core.session.events import SessionClientJoined, SessionEnded, SessionIdpChecked
from hexkeep.core.session.state import SESSION
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.oidc_world import application
from tests.unit.core.test_idp_intent import GRACE, WORLD, as_party, begun, link, provider, returned, signed_in
from tests.unit.core.test_saml_logout import statuses
from tests.unit.core.worlds import human

QUERY = "SAMLRequest=PGEvPg=="
ANSWER = Begun("https://login.example.net/slo?SAMLResponse=x")
THERE = GRACE.model_copy(update={"session_name": "name-1", "session_index": "index-1"})


def session_by(world: World) -> Outcome:
    """Grace has signed in by the provider."""
    return signed_in(returned(world, THERE))


@pytest.fixture
def world() -> World:
    """One in which she has, by a provider that knows the instance as a party of SAML, whose key is there."""
    return begun(as_party(WORLD.given(*provider(), *human("grace"), *link())))[0]


def told(world: World, query: str = QUERY, **changes: object) -> Outcome:
    """The provider tells of a logout."""
    answerer = world.answerer.copy()
    right = LogoutThere("_1", NOW + timedelta(minutes=10), "name-1", ("index-1",), ANSWER)
    answerer.logouts[query] = replace(right, **changes)  # type: ignore[arg-type]  # its fields
    asked = ReceiveIdpLogout(identity_provider_id="login", binding=SamlRequestBinding.REDIRECT, query=query)
    return replace(world, answerer=answerer).when(asked)


def ended(outcome: Outcome) -> list[str]:
    """The sessions that end."""
    appends = [change for change in outcome.changes if isinstance(change, Append)]
    return [one.ref.id for one in appends if isinstance(one.events[0], SessionEnded)]


def test_names_of_the_provider_are_kept_as_hashes(world: World) -> None:
    """What it calls somebody stands in no event in clear."""
    (append,) = session_by(world).changes
    assert isinstance(append, Append)
    (checked,) = (event for event in append.events if isinstance(event, SessionIdpChecked))
    assert checked.name_hash
    assert checked.index_hash
    assert {"name-1", "index-1"}.isdisjoint({checked.name_hash, checked.index_hash})


def test_session_that_is_named_ends_and_the_response_goes_back(world: World) -> None:
    """All of the name where no index is given, else that of the index; of others none."""
    first = session_by(world)
    session_id = first.result.session_id
    outcome = told(first.world)
    assert ended(outcome) == [session_id]
    assert (outcome.result.kind, outcome.result.redirect_to) == (SamlLogoutKind.ANSWER, ANSWER.url)
    assert ended(told(first.world, indexes=())) == [session_id]
    assert ended(told(first.world, indexes=("index-2",))) == []
    assert ended(told(first.world, name="name-2")) == []
    assert ended(told(outcome.world, id="_2")) == []


def test_request_counts_for_what_had_begun(world: World) -> None:
    """Whoever has seen one and brings it again ends nothing that began since; it is answered as it was."""
    first = session_by(world)
    once = told(first.world, name="name-2")
    assert ended(once) == []
    other = session_by(begun(once.world.later(seconds=1))[0])
    again = told(other.world, name="name-2")
    again.then()
    assert (again.result.kind, again.result.redirect_to) == (SamlLogoutKind.ANSWER, ANSWER.url)


def test_one_place_brings_so_many_requests(world: World) -> None:
    """Anybody may bring any, and sign-ins wait while each is verified; who is elsewhere is not held up."""
    for number in range(PER_PLACE):
        world = told(world, id=f"_{number}").world
    told(world, id="_more").refused(ResourceExhausted)
    assert told(replace(world, address="198.51.100.7"), id="_more").result.kind is SamlLogoutKind.ANSWER


def test_answer_by_form_and_none_at_all(world: World) -> None:
    """A form goes where the provider takes one; without a place for responses it ends on our page."""
    first = session_by(world)
    by_form = told(first.world, answer=Begun("https://login.example.net/slo", fields={"SAMLResponse": "x"})).result
    assert (by_form.kind, by_form.fields) == (SamlLogoutKind.ANSWER, {"SAMLResponse": "x"})
    assert told(first.world, answer=Begun("")).result.kind is SamlLogoutKind.DONE


def by_soap(world: World, **changes: object) -> Outcome:
    """The provider's server tells of it."""
    answerer = world.answerer.copy()
    right = LogoutThere("_1", NOW + timedelta(minutes=10), "name-1", ("index-1",), Begun(""))
    answerer.logouts["envelope"] = replace(right, **changes)  # type: ignore[arg-type]  # its fields
    request = element(logout.REQUEST, element(saml("Issuer"), text="https://login.example.net/metadata"))
    answerer.documents.read[b"envelope"] = within(request)
    asked = AnswerIdpLogout(identity_provider_id="login", envelope="envelope")
    return replace(world, answerer=answerer).when(asked)


def said(outcome: Outcome) -> list[str]:
    """The statuses of our response, which is signed, to that request, and by the party that the provider knows."""
    message = message_in(outcome.world.answerer.documents.written[outcome.result.envelope].document)
    assert message is not None
    assert SIGN_HERE in message.children
    assert message.get("InResponseTo") == "_1"
    assert message.words(saml("Issuer")).endswith("/saml/sp/metadata/login")
    return statuses(message)


def test_logout_by_soap_is_answered_at_once(world: World) -> None:
    """What is named ends, also where nothing of it is left; who hears by browsers alone makes it partial."""
    first = session_by(world)
    session_id = first.result.session_id
    outcome = by_soap(first.world)
    assert (ended(outcome), said(outcome)) == ([session_id], ["Success"])
    assert (ended(by_soap(first.world, indexes=("index-2",))), said(by_soap(world))) == ([], ["Success"])
    frames = ClientMetadata(frontchannel_logout_uri="https://tv.example.com/out")
    joined = SESSION.append(session_id, SessionClientJoined(client_id="tv", joined_at=NOW))
    partial = by_soap(first.world.given(application("tv", client_metadata=frames), joined))
    assert (ended(partial), said(partial)) == ([session_id], ["Success", "PartialLogout"])
    tv = ClientMetadata(backchannel_logout_uri="https://tv.example.com/out")
    assert said(by_soap(first.world.given(application("tv", client_metadata=tv), joined))) == ["Success"]


def test_logout_by_soap_counts_for_what_had_begun_and_within_bounds(world: World) -> None:
    """However it comes again; a server has more to tell than a browser, but not without end."""
    since = session_by(begun(by_soap(world).world.later(seconds=1))[0]).world
    by_soap(since).then()
    told(since).then()
    off = IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated())
    by_soap(world.given(off)).refused(NotFound)
    counted = world.answerer.copy()
    counted.counted = dict.fromkeys(by_soap(world).world.answerer.counted, PER_SERVER)
    by_soap(replace(world, answerer=counted)).refused(ResourceExhausted)


def test_request_by_soap_that_counts_for_nothing_is_answered_with_a_status(world: World) -> None:
    """Where the provider has signed it, and nothing ends by it; what is no request in an envelope has none."""
    first = session_by(world)
    assert said(by_soap(first.world, status=VERSION_MISMATCH).then()) == ["VersionMismatch"]
    assert ended(by_soap(by_soap(first.world, status=OVER).world)) == [first.result.session_id]
    told(first.world, status=VERSION_MISMATCH).refused(IdpMalformed)
    asked = AnswerIdpLogout(identity_provider_id="login", envelope="something else")
    first.world.when(asked).refused(SoapInvalid)


def test_provider_that_is_none_or_switched_off_ends_nothing(world: World) -> None:
    """Nor one of a kind that has no logout of SAML."""
    first = session_by(world)
    told(first.world.given(IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()))).refused(NotFound)
    plain = replace(first.world, answerer=replace(first.world.answerer.copy(), party_kinds=frozenset()))
    told(plain).refused(NotFound)


def test_response_leads_on(world: World) -> None:
    """It ends nothing; where the sign-out here was to lead is kept under its RelayState."""
    asked = ReceiveIdpLogout(
        identity_provider_id="login", binding=SamlRequestBinding.REDIRECT, query="SAMLResponse=PGEvPg==&RelayState=s"
    )
    outcome = world.when(asked)
    outcome.then()
    assert (outcome.result.kind, outcome.result.redirect_to) == (SamlLogoutKind.DONE, "/ui/idp/signed-out?state=s")
