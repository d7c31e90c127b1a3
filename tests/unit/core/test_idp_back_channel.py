"""Logouts that an identity provider tells of by itself: which sessions end here, and who is told of that."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.idp.events import IdentityProviderDeactivated
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.asks import LogoutThere
from hexkeep.core.idpintent.ended import (
    AT_ONCE,
    FRAMES,
    REFUSALS,
    ReceiveIdpBackChannelLogout,
    ReceiveIdpFrontChannelLogout,
)
from hexkeep.core.idpintent.errors import IdpIntentInvalid, IdpMalformed
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import NotFound, PermissionDenied, ResourceExhausted
from hexkeep.core.kernel.event import Recorded
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM
from hexkeep.core.logout.others import EndIdpSessions
from hexkeep.core.logout.outbox import OUTBOXES
from hexkeep.core.session.events import (
    SessionClientJoined,
    SessionCreated,
    SessionEnded,
    SessionIdpChecked,
    SessionIdpOthersEnded,
)
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import SESSION
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core.oidc_world import application
from tests.unit.core.test_idp_intent import GRACE, WORLD, as_party, link, offering, provider, returned, signed_in
from tests.unit.core.test_idp_logout import ended
from tests.unit.core.worlds import caller, human, session

(OTHERS,) = (one for one in OUTBOXES if one.name == "idp_session_endings")
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


def many(world: World, count: int, begun_at: datetime = NOW, first: int = 0) -> World:
    """Grace has signed in there by so many sessions, each with a number."""
    checked = SessionIdpChecked(
        identity_provider_id="login",
        checked_at=begun_at,
        name_hash=keyed_hash("idp_session_name", "login sub-1"),
        index_hash=keyed_hash("idp_session_index", "login sid-1"),
    )
    created = SessionCreated(
        user_id="grace", organization_id="acme", token_hash="hash", expires_at=NOW + timedelta(hours=12)
    )
    numbers = range(first, first + count)
    return world.given(*(SESSION.append(f"many-{number:04}", created, checked) for number in numbers))


def ended_by(world: World, back: int, **word: str) -> tuple[list[str], World]:
    """What ends, in the end, where the provider tells of a logout, though some come back before it is carried out."""
    heard = told(world, **word)
    since = many(heard.world.later(minutes=1), back, NOW + timedelta(seconds=30), first=5000).as_(SYSTEM)
    appends = [change for change in heard.changes if isinstance(change, Append)]
    (others,) = (event for one in appends for event in one.events if isinstance(event, SessionIdpOthersEnded))
    (delivery,) = OTHERS.deliveries(Recorded(others, "main", OTHERS.log, 1, "session", "id", 2, NOW, "", ""))
    found = ended(heard)
    cursor: str | None = None
    while cursor is None or cursor:
        outcome = since.when(EndIdpSessions.model_validate({**delivery.payload, "cursor": cursor or ""}))
        found += ended(outcome)
        since, cursor = outcome.world, outcome.result.next_cursor
    return sorted(found), since.as_(ANONYMOUS)


def test_more_sessions_than_end_at_once_end_as_well(world: World) -> None:
    """All of the person's: so many at once, the others by a delivery."""
    found, _ = ended_by(many(world, AT_ONCE + 10), back=0)
    assert found == [f"many-{number:04}" for number in range(AT_ONCE + 10)]


@pytest.mark.parametrize("word", [{}, {"index": "sid-1"}, {"name": "", "index": "sid-1"}], ids=str)
def test_others_end_in_portions(world: World, word: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the person is named or the session there; each is a bounded piece of work, and ends nothing newer."""
    monkeypatch.setattr("hexkeep.core.idpintent.ended.AT_ONCE", 6)
    monkeypatch.setattr("hexkeep.core.kernel.portions.next_portion.__defaults__", (2,))
    before, _ = session_by(many(world, 11), "sid-2")
    wanted = [f"many-{number:04}" for number in range(11)]
    found, since = ended_by(before, back=5, **word)
    assert [one for one in found if one.startswith("many")] == wanted
    assert len(ended(told(since, id="another word", **word))) == 5, "who has come back since stays"


def test_as_many_as_end_at_once_leave_nothing_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing follows where all have ended."""
    monkeypatch.setattr("hexkeep.core.idpintent.ended.AT_ONCE", 3)
    told(many(world, 3)).then(*(SESSION.append(f"many-{number:04}", SessionEnded()) for number in range(3)))


def test_only_the_program_ends_the_others(world: World) -> None:
    """Nobody else has to."""
    asked = EndIdpSessions(name_hash=keyed_hash("idp_session_name", "login sub-1"), ended_at=NOW)
    many(world, 1).as_(caller("INSTANCE_OWNER")).when(asked).refused(PermissionDenied)


def test_nobody_is_nobodys(world: World) -> None:
    """Where neither person nor session is named, no session is meant: those of who came by no provider least of all."""
    before = many(world, 1).given(*session("grace", "by-password")).as_(SYSTEM)
    before.when(EndIdpSessions(ended_at=NOW)).then()


def test_session_by_another_provider_is_another(world: World) -> None:
    """What two providers call alike is not the same."""
    world, _ = session_by(world.given(*provider("other"), offering("login", "other")))
    told(world, at="other").then()
    told(world, name="", index="sid-1", at="other").then()


def unwritten(outcome: Outcome) -> World:
    """The world where what an outcome wanted to be written was not, for the database failed."""
    return replace(outcome.before, answerer=outcome.world.answerer.copy())


def test_what_was_said_counts_for_what_had_begun(world: World) -> None:
    """Whoever has seen it cannot end what began since; once it is over the provider's kind refuses it."""
    world, _ = session_by(world)
    once = told(world)
    assert len(ended(once)) == 1
    again, session_id = session_by(once.world.later(seconds=1))
    told(again).then()
    assert ended(told(again, id="another word")) == [session_id]
    unknown, session_id = session_by(told(world, index="sid-9", id="unknown").world.later(seconds=1), "sid-9")
    told(unknown, index="sid-9", id="unknown").then()


def test_word_that_was_heard_in_vain_counts_when_it_comes_again(world: World) -> None:
    """Where sessions could not be ended the provider says the same again, as often as it takes, and they end."""
    before, session_id = session_by(world)
    first = told(before)
    assert ended(first) == [session_id]
    again = told(unwritten(first).later(seconds=1))
    assert ended(again) == [session_id]
    since, other = session_by(unwritten(again).later(minutes=2))
    assert ended(told(since)) == [session_id], "who has come back since stays"
    assert ended(told(since, id="another word")) == [session_id, other]


def test_sign_in_that_is_over_stays_over_whatever_comes_again(world: World) -> None:
    """An older word that is brought once more does not take back what a newer one says."""
    older = told(world, id="older").world.later(seconds=1)
    waiting = returned(older, THERE)
    newer = told(waiting.world.later(seconds=1), id="newer").world
    after = told(newer, id="older").world
    after.when(CreateIdpSession(proof=waiting.result.proof)).refused(IdpIntentInvalid)


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
