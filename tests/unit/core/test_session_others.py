"""Signing out everywhere else."""

from dataclasses import replace

import pytest

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.core.session import others
from hexkeep.core.session.commands import CreateSession, EndMySession
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.testing.decisions import World
from tests.unit.core.people import PASSWORD, human, organization
from tests.unit.core.test_session import KIT

END = "EndAllMyOtherSessions"
ADA = Caller(CallerKind.USER, user_id="ada")


def signed_in(*names: str) -> World:
    """People who sign in one after the other, with sessions ``id-1``, ``id-2`` and so on."""
    world = KIT.given(*organization(), *human("ada"), *human("bob")).as_(ANONYMOUS)
    for name in names:
        world = world.when(CreateSession(login_name=name, password=PASSWORD)).world
    return world


def ended(*session_ids: str) -> tuple[Append, ...]:
    """What is recorded of sessions that are over."""
    return tuple(SESSION.append(one, SessionEnded()) for one in session_ids)


def test_all_sessions_but_the_one_at_hand_end() -> None:
    """Nobody else's do, and none that is over already."""
    world = signed_in("ada", "bob", "ada", "ada").as_(replace(ADA, session_id="id-3"))
    outcome = world.when(Empty(), END).then(*ended("id-1", "id-4"))
    assert (outcome.result.ended, outcome.result.more) == (2, False)
    outcome.world.when(Empty(), END).then()
    world.when(EndMySession(session_id="id-1")).world.when(Empty(), END).then(*ended("id-4"))
    world.later(hours=13).when(Empty(), END).then()


def test_a_caller_without_a_session_ends_all() -> None:
    """A personal access token is no session."""
    signed_in("ada", "bob", "ada").as_(ADA).when(Empty(), END).then(*ended("id-1", "id-3"))


def test_nobody_has_no_sessions() -> None:
    """Only a user has some."""
    signed_in("ada").as_(ANONYMOUS).when(Empty(), END).refused(Unauthenticated)


def test_very_many_take_several_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call does a bounded amount of work and says that there is more."""
    monkeypatch.setattr(others, "AT_ONCE", 2)
    first = signed_in("ada", "ada", "ada").as_(ADA).when(Empty(), END)
    assert (first.result.ended, first.result.more) == (2, True)
    second = first.world.when(Empty(), END)
    assert (second.result.ended, second.result.more) == (1, False)
