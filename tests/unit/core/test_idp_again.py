"""A session by an identity provider lasts as the policy says; then the provider is asked again, or the person is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.idp.events import IdentityProviderDeactivated
from hexkeep.core.idp.state import IDENTITY_PROVIDER
from hexkeep.core.idpintent.errors import IdpMalformed, IdpRefused, IdpUnreachable
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.messages import RecordIdpRefresh
from hexkeep.core.idplink.events import IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK, account_key
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.unique import Release
from hexkeep.core.policy.events import LoginPolicySet
from hexkeep.core.policy.state import POLICIES
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.events import IdpSessionKept, SessionEnded, SessionIdpChecked, SessionIdpConfirmed
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import IDP_SESSION, SESSION
from hexkeep.core.user.events import UserProfileChanged
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core import oidc_world
from tests.unit.core.test_idp_intent import GRACE, WORLD, events, link, offering, provider, replace_session, returned
from tests.unit.core.test_idp_intent import signed_in as session_of
from tests.unit.core.worlds import human

HOURLY = POLICIES.append("acme", LoginPolicySet(external_check_lifetime=timedelta(hours=1)))
FORBIDDEN = POLICIES.append("acme", LoginPolicySet(external_check_lifetime=timedelta(hours=1), external_allowed=False))
UNLINKED: tuple[Change, ...] = (
    IDENTITY_PROVIDER_LINK.append("link", IdentityProviderLinkRemoved()),
    Release(account_key("login", "sub-1"), IDENTITY_PROVIDER_LINK.ref("link")),
)
CONFIRM = "ConfirmMyIdpSession"
LATER = replace_session(GRACE, "second token")


def asked_again(
    told: Identity | Exception = LATER, *, minutes: int = 61, changes: tuple[Change, ...] = (), **options: Any
) -> tuple[Outcome, str]:
    """What comes of asking the provider again after some time, and the session."""
    there = replace_session(GRACE, "first token")
    given = provider(**{"asks_again": True, "auto_update": True, **options})
    world = WORLD.given(*given, *human("grace"), *link(), HOURLY)
    opened = session_of(returned(world, there))
    session_id = opened.result.session_id
    world = opened.world.given(*changes).later(minutes=minutes)
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.identities["sub-1"] = told  # type: ignore[assignment]  # a failure that a test names
    caller = Caller(CallerKind.USER, user_id="grace", session_id=session_id)
    return world.as_(caller).when(Empty(), CONFIRM), session_id


def test_provider_takes_the_persons_place_once_its_word_is_old() -> None:
    """What it gives back counts from then on, and what it tells is taken over; that is no sign-in."""
    told = LATER.model_copy(update={"given_name": "Amazing"})
    outcome, session_id = asked_again(told)
    assert outcome.result.confirmed
    known = IdpSessionKept(user_id="grace", identity_provider_id="login", external_id="sub-1", session="second token")
    known = known.model_copy(update={"session_ends_at": NOW + timedelta(hours=12)})
    confirmed = SessionIdpConfirmed(confirmed_at=NOW + timedelta(minutes=61))
    outcome.then(SESSION.append(session_id, confirmed), IDP_SESSION.append(session_id, known))
    (follow_up,) = outcome.follow_ups
    record = RecordIdpRefresh.model_validate(follow_up.fields)
    changed = [one for change in outcome.world.as_(SYSTEM).when(record).changes for one in events(change)]
    assert any(isinstance(one, UserProfileChanged) and one.given_name == "Amazing" for one in changed)
    outcome.world.when(record).refused(PermissionDenied)
    assert not outcome.world.when(Empty(), CONFIRM).result.confirmed, "its word is new"


@pytest.mark.parametrize(
    ("minutes", "options", "changes"),
    [
        (60, {}, ()),
        (61, {"asks_again": False, "provider_logout": True}, ()),
        (61, {}, (IDENTITY_PROVIDER.append("login", IdentityProviderDeactivated()),)),
        (61, {}, (offering(place="acme"),)),
        (61, {}, (FORBIDDEN,)),
        (61, {}, UNLINKED),
    ],
    ids=["early", "not_wanted", "inactive", "not_offered", "forbidden", "unlinked"],
)
def test_nobody_is_asked_otherwise(minutes: int, options: dict[str, Any], changes: tuple[Change, ...]) -> None:
    """While its word counts, without the option, or by what lets nobody in any more: provider, policy or link."""
    outcome, _ = asked_again(minutes=minutes, changes=changes, **options)
    outcome.then()
    assert not outcome.result.confirmed


def test_what_a_provider_has_said_again_begins_no_session() -> None:
    """It is kept for what it tells alone."""
    outcome, _ = asked_again()
    (follow_up,) = outcome.follow_ups
    proof = str(follow_up.fields["proof"])
    outcome.world.when(CreateIdpSession(proof=proof)).refused(InvalidCredentials)


def test_of_several_windows_one_asks() -> None:
    """Where tokens are good once the other one would count as a thief's; after a failure there is a pause."""
    outcome, session_id = asked_again(IdpUnreachable())
    outcome.refused(IdpUnreachable)
    world = outcome.world.as_(Caller(CallerKind.USER, user_id="grace", session_id=session_id))
    late = world.when(Empty(), CONFIRM)
    late.then()
    assert not late.result.confirmed
    world.later(minutes=1).when(Empty(), CONFIRM).refused(IdpUnreachable)


def test_who_has_no_account_there_any_more_is_signed_out() -> None:
    """The session ends when the provider says no; when it does not answer, the person is asked."""
    outcome, session_id = asked_again(IdpRefused())
    outcome.then(SESSION.append(session_id, SessionEnded(held=True)))
    assert not outcome.result.confirmed
    asked_again(IdpUnreachable())[0].refused(IdpUnreachable)
    other = LATER.model_copy(update={"external_id": "sub-2"})
    asked_again(other)[0].refused(IdpMalformed)


def at(minutes: int, *more: SessionIdpConfirmed) -> World:
    """Ada came by an identity provider a moment ago, and so many minutes have passed."""
    checked = SessionIdpChecked(identity_provider_id="login", checked_at=NOW + timedelta(seconds=1))
    return oidc_world.world(HOURLY, SESSION.append("session-1", checked, *more)).at(NOW + timedelta(minutes=minutes))


def test_word_of_a_provider_counts_for_as_long_as_the_login_policy_says() -> None:
    """Then somebody has to sign in again, or the provider has said so again; a password has a time of its own."""
    start = oidc_world.start
    assert at(60).when(start()).result.kind == "redirect"
    assert at(62).when(start()).result.kind == "login"
    again = SessionIdpConfirmed(confirmed_at=NOW + timedelta(minutes=30))
    assert at(62, again).when(start()).result.kind == "redirect"
    assert at(92, again).when(start()).result.kind == "login"


def test_who_has_to_prove_themselves_anew_has_to_all_the_same() -> None:
    """OIDC Core section 3.1.2.1: what a provider says without the person meets neither `max_age` nor `prompt=login`."""
    start = oidc_world.start
    again = SessionIdpConfirmed(confirmed_at=NOW + timedelta(minutes=30))
    assert at(31, again).when(start(max_age="300")).result.kind == "login"
    assert at(31, again).when(start(prompt="login")).result.kind == "login"
