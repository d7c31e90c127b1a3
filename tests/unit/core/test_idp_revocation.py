"""What an identity provider has given for a session is given back when the session is over, or its link is gone."""

from dataclasses import replace
from typing import Any

import pytest

from hexkeep.core.idp.events import IdentityProviderDeactivated, IdentityProviderRemoved
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idplink.commands import RemoveMyIdentityProviderLink
from hexkeep.core.idplink.events import IdentityProviderLinkRemoved
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.event import Event, Recorded
from hexkeep.core.kernel.outbox import Delivery
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.logout.outbox import OUTBOXES, REVOCATIONS_CHANNEL
from hexkeep.core.logout.revoking import RevokeIdpSession
from hexkeep.core.session.commands import EndMySession
from hexkeep.core.session.events import IdpSessionKept, SessionEnded, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.user.events import UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import NOW, World
from tests.unit.core.test_idp_intent import GRACE, WORLD, events, link, provider, replace_session, returned, signed_in
from tests.unit.core.worlds import human


def sitting(session: str = "refresh token", **options: Any) -> tuple[World, str]:
    """Grace has come by a provider, which has given something: the world, in which she calls, and the session."""
    given = provider(**{"asks_again": True, **options})
    opened = signed_in(returned(WORLD.given(*given, *human("grace"), *link()), replace_session(GRACE, session)))
    session_id = str(opened.result.session_id)
    world = replace(opened.world, answerer=opened.world.answerer.copy())
    return world.as_(Caller(CallerKind.USER, user_id="grace", session_id=session_id)), session_id


def given_back(world: World, session_id: str) -> list[str]:
    """What the provider was asked to take back; then it is not held any more."""
    outcome = world.as_(SYSTEM).when(RevokeIdpSession(session_id=session_id))
    for change in outcome.changes:
        (kept,) = events(change)
        assert (kept.session, kept.session_ends_at) == ("", None)
    return outcome.world.answerer.given_back


def deliveries(event: Event, aggregate_id: str) -> list[Delivery]:
    """What is to be given back because of an event."""
    posted = (
        one.delivery
        for box in OUTBOXES
        for one in box.posted(Recorded(event, "main", box.log, 1, "any", aggregate_id, 1, NOW, "", ""))
    )
    return [one for one in posted if one.channel == REVOCATIONS_CHANNEL]


def test_what_was_given_goes_back_when_somebody_signs_out() -> None:
    """Once: the session says that something is held, and afterwards nothing is."""
    world, session_id = sitting()
    out = world.when(EndMySession(session_id=session_id))
    assert events(out.changes[0]) == (SessionEnded(held=True),)
    (delivery,) = deliveries(SessionEnded(held=True), session_id)
    assert delivery.payload == {"session_id": session_id}
    world = out.world.as_(SYSTEM).when(RevokeIdpSession(session_id=session_id)).world
    assert world.answerer.given_back == ["refresh token"]
    world.when(RevokeIdpSession(session_id=session_id)).then()


def test_session_that_runs_out_gives_back_then() -> None:
    """That is known when it begins, so it is due at its end, once for however many times the provider is asked."""
    world, session_id = sitting()
    kept = IdpSessionKept(user_id="g", identity_provider_id="i", external_id="e", session="s", session_ends_at=NOW)
    first, second = deliveries(kept, session_id), deliveries(kept, session_id)
    assert [(one.not_before, one.key) for one in first] == [(NOW, first[0].key)]
    assert first[0].key == second[0].key != ""
    assert deliveries(kept.model_copy(update={"session_ends_at": None}), session_id) == []
    assert given_back(world, session_id) == [], "it goes on"
    assert given_back(world.later(hours=13), session_id) == ["refresh token"]


@pytest.mark.parametrize(
    ("session", "options"), [("", {}), ("refresh token", {"asks_again": False})], ids=["nothing_given", "not_kept"]
)
def test_nothing_follows_where_nothing_is_held(session: str, options: dict[str, Any]) -> None:
    """A sign-out is no more work than it was, neither by a provider that gave nothing nor by a password."""
    world, session_id = sitting(session, **options)
    out = world.when(EndMySession(session_id=session_id))
    assert events(out.changes[0]) == (SessionEnded(),)
    assert deliveries(SessionEnded(), session_id) == []
    assert given_back(out.world, session_id) == []


def test_link_that_goes_takes_along_what_was_given() -> None:
    """Also in the session in which its person removes it, which goes on."""
    world, session_id = sitting()
    password = USER.append("grace", UserPasswordSet(hash="h", change_required=False, replaces=False))
    proven = SESSION.append(session_id, SessionPasswordChecked(checked_at=NOW, password_version=1))
    world = world.given(password, proven)
    assert given_back(world, session_id) == []
    removed = world.when(RemoveMyIdentityProviderLink(identity_provider_link_id="link"))
    event = next(one for one in events(removed.changes[0]) if isinstance(one, IdentityProviderLinkRemoved))
    (delivery,) = deliveries(event, "link")
    assert delivery.payload == {"session_id": session_id}
    assert given_back(removed.world, session_id) == ["refresh token"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()), True),
        (IDENTITY_PROVIDER.append("login", IdentityProviderRemoved()), False),
    ],
    ids=["switched_off", "removed"],
)
def test_provider_is_told_as_long_as_it_is_known(change: Change, *, told: bool) -> None:
    """Nobody signs in by one that is switched off, and it has given something all the same."""
    world, session_id = sitting()
    assert bool(given_back(world.given(change).later(hours=13), session_id)) is told


def test_nobody_else_gives_anything_back() -> None:
    """It follows from what has happened, and is no operation for people."""
    world, session_id = sitting()
    world.later(hours=13).when(RevokeIdpSession(session_id=session_id)).refused(PermissionDenied)
    assert world.as_(SYSTEM).later(hours=13).when(RevokeIdpSession(session_id="nowhere")).changes == ()
