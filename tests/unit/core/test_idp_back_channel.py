"""Logouts that an identity provider tells of by itself: which sessions end here, and who is told of that."""

from dataclasses import replace
from datetime import timedelta

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.idp.events import IdentityProviderDeactivated
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import LogoutThere
from hexkeep.core.idpintent.ended import (
    FRAMES,
    REFUSALS,
    ReceiveIdpBackChannelLogout,
    ReceiveIdpFrontChannelLogout,
)
from hexkeep.core.idpintent.errors import IdpIntentInvalid, IdpMalformed
from hexkeep.core.kernel.errors import NotFound, ResourceExhausted
from hexkeep.core.session.events import SessionClientJoined, SessionEnded
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import SESSION
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.oidc_world import application
from tests.unit.core.test_idp_intent import GRACE, WORLD, as_party, link, offering, provider, returned, signed_in
from tests.unit.core.test_idp_logout import ended
from tests.unit.core.worlds import human

TOKEN = "a logout token"
THERE = GRACE.model_copy(update={"session_name": "sub-1", "session_index": "sid-1"})


def session_by(world: World, index: str = "sid-1") -> tuple[World, str]:
    """Grace has signed in by a session of hers at the provider."""
    opened = signed_in(returned(world, THERE.model_copy(update={"session_index": index})))
    return opened.world, opened.result.session_id


@pytest.fixture
def world() -> World:
    """One in which she has an account there."""
    return WORLD.given(*provider(), *human("grace"), *link())


def told(world: World, name: str = "sub-1", index: str = "", **more: str) -> Outcome:
    """The provider tells of a logout, of a person or of a session of theirs."""
    answerer = world.answerer.copy()
    until, indexes = NOW + timedelta(minutes=10), (index,) if index else ()
    answerer.logouts[TOKEN] = LogoutThere(more.get("id", f"{name} {index}"), until, name, indexes)
    asked = ReceiveIdpBackChannelLogout(identity_provider_id=more.get("at", "login"), form={"logout_token": TOKEN})
    return replace(world, answerer=answerer).when(asked)


def test_session_that_is_named_ends_and_all_of_who_is_named(world: World) -> None:
    """By its own name alone as well; one of a session that nobody began here, or of somebody else, ends nothing."""
    both, first = session_by(world)
    both, second = session_by(both, "sid-2")
    assert ended(told(both, index="sid-1")) == [first]
    assert ended(told(both, name="", index="sid-2")) == [second]
    assert sorted(ended(told(both))) == sorted([first, second])
    for nobody in (told(both, index="sid-3"), told(both, name="sub-2"), told(both, name="sub-2", index="sid-1")):
        nobody.then()
    told(both, name="", index="").then()


def test_session_that_is_named_is_found_among_any_number(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a person with more sessions by a provider than one word ends, the one that is meant is over."""
    monkeypatch.setattr("hexkeep.core.idpintent.ended.AT_ONCE", 1)
    both, first = session_by(world)
    both, second = session_by(both, "sid-2")
    assert (ended(told(both, index="sid-1")), ended(told(both, index="sid-2"))) == ([first], [second])


def test_session_by_another_provider_is_another(world: World) -> None:
    """What two providers call alike is not the same."""
    world, _ = session_by(world.given(*provider("other"), offering("login", "other")))
    told(world, at="other").then()
    told(world, name="", index="sid-1", at="other").then()


def test_what_was_said_counts_once(world: World) -> None:
    """Whoever has seen it cannot end what began since; once it is over the provider's kind refuses it."""
    world, _ = session_by(world)
    once = told(world)
    assert len(ended(once)) == 1
    again, session_id = session_by(once.world.later(seconds=1))
    told(again).refused(IdpMalformed)
    assert ended(told(again, id="another word")) == [session_id]
    told(told(world, index="sid-9", id="unknown").world, id="unknown").refused(IdpMalformed)


def test_sign_in_that_is_under_way_is_over_as_well(world: World) -> None:
    """Who is choosing an account here, from a session that ends there meanwhile, gets none; a new one is another."""
    waiting = returned(world, THERE)
    for index in ("sid-1", ""):
        after = told(waiting.world, index=index).world
        after.when(CreateIdpSession(proof=waiting.result.proof)).refused(IdpIntentInvalid)
        assert session_by(after.later(seconds=1))[1]
    for other in (told(waiting.world, index="sid-2"), told(waiting.world, name="sub-2")):
        assert other.world.when(CreateIdpSession(proof=waiting.result.proof)).result.session_id


def test_applications_of_the_session_are_told(world: World) -> None:
    """As of any end: those that have registered for it, of those that take part."""
    world, session_id = session_by(world)
    hears = ClientMetadata(backchannel_logout_uri="https://shop.example.com/backchannel")
    world = world.given(
        application("mail", client_metadata=hears),
        application("deaf"),
        SESSION.append(session_id, *(SessionClientJoined(client_id=one, joined_at=NOW) for one in ("mail", "deaf"))),
    )
    told(world, index="sid-1").then(SESSION.append(session_id, SessionEnded(told=("mail",))))


def test_session_that_is_over_is_not_ended_again(world: World) -> None:
    """Whether it was ended or has lasted as long as it may, there is nothing left to do."""
    after = world.given()
    after, _ = session_by(after)
    told(told(after).world, id="again").then()
    told(after.later(days=400), id="later").then()


def test_provider_that_is_none_or_switched_off_ends_nothing(world: World) -> None:
    """Nor one without the key that its sessions are told by, who so can have none."""
    world, _ = session_by(world)
    told(world, at="nobody").refused(NotFound)
    told(world.given(IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()))).refused(NotFound)
    told(as_party(world)).refused(NotFound)


def framed(world: World, sid: str = "sid-1", at: str = "login") -> Outcome:
    """A page of the provider has a frame loaded."""
    return world.when(ReceiveIdpFrontChannelLogout(identity_provider_id=at, parameters={"sid": sid}))


def test_frame_ends_the_session_that_it_names(world: World) -> None:
    """As often as it is loaded; of another session, at another provider's place or of no name, nothing ends."""
    both, first = session_by(world.given(*provider("other")))
    both, _ = session_by(both, "sid-2")
    once = framed(both)
    assert ended(once) == [first]
    framed(once.world).then()
    framed(both, "sid-3").then()
    framed(both, at="other").then()
    framed(both, "").refused(IdpMalformed)
    framed(both, at="nobody").refused(NotFound)
    framed(both.given(IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()))).refused(NotFound)


def test_one_place_has_so_many_frames_loaded(world: World) -> None:
    """Anybody may, and each is looked for; who is elsewhere is not held up."""
    for _ in range(FRAMES):
        world = framed(world).world
    framed(world).refused(ResourceExhausted)
    framed(replace(world, address="198.51.100.7")).then()


def test_one_place_is_refused_so_often(world: World) -> None:
    """Strangers are told to stay away; a provider whose people all sign out at once is not, nor who is elsewhere."""
    world, session_id = session_by(world)
    false = ReceiveIdpBackChannelLogout(identity_provider_id="login", form={"logout_token": "forged"})
    for _ in range(REFUSALS):
        outcome = world.when(false)
        outcome.refused(IdpMalformed)
        world = outcome.world
    world.when(false).refused(ResourceExhausted)
    assert ended(told(world, index="sid-1")) == [session_id]
    replace(world, address="198.51.100.7").when(false).refused(IdpMalformed)
    world.later(minutes=6).when(false).refused(IdpMalformed)
