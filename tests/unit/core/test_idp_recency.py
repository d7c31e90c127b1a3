"""When a provider has signed somebody in, and until when: what becomes of that here, and for applications."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hexkeep.core.idpintent.errors import IdpIntentInvalid, IdpNotRecent
from hexkeep.core.idpintent.identity import Identity
from hexkeep.core.idpintent.messages import StartIdpIntent
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.policy.events import LifetimePolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.saml.xml import saml
from hexkeep.core.session.events import SessionCreated, SessionIdpChecked
from hexkeep.core.session.idp import CreateIdpSession
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import NOW, Outcome, World
from tests.unit.core import factors, oidc_world, saml_world
from tests.unit.core.oidc_world import family, redeem, resume, start, told
from tests.unit.core.test_idp_intent import BINDING, GRACE, WORLD, back, begun, events, link, provider, returned
from tests.unit.core.test_idp_intent import signed_in as session_of
from tests.unit.core.worlds import human

HERE = WORLD.given(*provider(), *human("grace"), *link())
TOKEN = token_of("elsewhere", "of-ada")
ASKED = NOW + timedelta(minutes=5)
"""When applications ask in the world of the protocols."""


def ago(**units: float) -> Identity:
    """Grace, who has signed in there some time before now."""
    return GRACE.model_copy(update={"authenticated_at": NOW - timedelta(**units)})


def came(world: World, identity: Identity, **wish: Any) -> Outcome:
    """Somebody has gone to the provider for an application with a wish, and come back as this account."""
    world = replace(world, answerer=world.answerer.copy())
    world.answerer.identities["grace"] = identity
    return back(*begun(world, **wish))


def again(outcome: Outcome, identity: Identity) -> Outcome:
    """Who was sent back to the provider has come back as this account."""
    outcome.then()  # nothing is written of the first answer
    assert outcome.result.again is not None
    assert (outcome.result.proof, outcome.result.user_id) == ("", "")
    url = outcome.result.again.redirect_to
    assert "anew=1&" in url
    world = replace(outcome.world, answerer=outcome.world.answerer.copy())
    world.answerer.identities["grace"] = identity
    return back(world, url.rpartition("state=")[2])


def checked(outcome: Outcome) -> SessionIdpChecked:
    """What a new session says of the provider's word."""
    (append,) = session_of(outcome).changes
    _, event = events(append)
    assert isinstance(event, SessionIdpChecked)
    return event


@pytest.mark.parametrize(
    ("max_age", "wish"), [(None, "?state="), (60, "?max_age=60&state="), (0, "?max_age=0&anew=1&state=")]
)
def test_provider_is_told_how_old_a_session_there_may_be(max_age: int | None, wish: str) -> None:
    """OIDC Core section 3.1.2.1: nobody is asked anew whose sign-in there may do; one of before never does for 0."""
    outcome = HERE.when(StartIdpIntent(identity_provider_id="login", binding=BINDING, max_age=max_age))
    assert wish in outcome.result.redirect_to


def test_session_knows_when_the_person_signed_in_there() -> None:
    """It is as old as the provider says, and a time to come is as good as now; what it does not say is not known."""
    assert checked(returned(HERE, ago(hours=2))).authenticated_at == NOW - timedelta(hours=2)
    assert checked(returned(HERE, ago(hours=-2))).authenticated_at == NOW
    assert checked(returned(HERE)).authenticated_at is None


@pytest.mark.parametrize(
    ("identity", "enough"),
    [(ago(seconds=30), True), (ago(minutes=2), True), (ago(minutes=5), False), (GRACE, False)],
    ids=["recent", "clocks_differ", "old", "silent"],
)
def test_who_signed_in_there_too_long_ago_is_sent_back_once(identity: Identity, *, enough: bool) -> None:
    """An answer that is recent enough counts; any other, also one that does not tell, has the person asked anew."""
    outcome = came(HERE, identity, max_age=60)
    assert (outcome.result.again is None) == enough
    assert bool(outcome.result.proof) == enough


def test_second_answer_is_the_last() -> None:
    """Asked anew, who tells of an old sign-in all the same signs nobody in; who tells nothing has done as asked."""
    sent = came(HERE, ago(hours=1), max_age=60)
    again(sent, ago(hours=1)).refused(IdpNotRecent)
    assert checked(again(sent, ago(seconds=5))).authenticated_at == NOW - timedelta(seconds=5)
    assert checked(again(sent, GRACE)).authenticated_at == NOW
    came(HERE, ago(hours=1), max_age=0).refused(IdpNotRecent)
    assert checked(came(HERE, GRACE, max_age=0)).authenticated_at == NOW


def test_wish_of_our_own_is_met_as_well_as_the_provider_can() -> None:
    """A page of ours that wants a fresh sign-in believes who tells nothing, which is no word for an application."""
    silent = checked(came(HERE, GRACE, anew=True))
    assert (silent.anew, silent.authenticated_at) == (True, None)
    asked = checked(came(HERE, ago(seconds=5), anew=True))
    assert (asked.anew, asked.authenticated_at) == (False, NOW - timedelta(seconds=5))
    came(HERE, ago(hours=1), anew=True).refused(IdpNotRecent)


def test_way_back_to_the_provider_is_of_the_browser_that_began() -> None:
    """What binds the first attempt binds the second one, for the same request of the same application."""
    sent = came(HERE, ago(hours=1), max_age=60, auth_request_id="asked")
    assert sent.result.auth_request_id == "asked"
    assert again(sent, ago(seconds=5)).result.auth_request_id == "asked"
    state = sent.result.again.redirect_to.rpartition("state=")[2]
    back(sent.world, state, binding="c" * 43).refused(IdpIntentInvalid)


def test_who_cannot_be_asked_is_no_way_to_meet_a_demand() -> None:
    """A provider that neither tells nor can be asked signs nobody in for an application that has such a wish."""
    world = replace(HERE, answerer=HERE.answerer.copy())
    world.answerer.no_new_sign_in = frozenset({"login"})
    for max_age in (0, 86_400):
        asked = StartIdpIntent(identity_provider_id="login", binding=BINDING, max_age=max_age)
        world.when(asked).refused(IdpNotRecent)
    assert returned(world).result.user_id == "grace"
    assert came(world, GRACE, anew=True).result.user_id == "grace"


@pytest.mark.parametrize(
    ("ends", "until"),
    [(None, 8 * 60), (20, 20), (9 * 60, 8 * 60)],
    ids=["untold", "earlier", "later"],
)
def test_session_is_over_with_the_one_at_the_provider(ends: int | None, until: int) -> None:
    """SAML 2.0 Core section 2.7.2, `SessionNotOnOrAfter`: the earlier of that and what the policy says."""
    policy = LifetimePolicySet(session_lifetime=timedelta(hours=8))
    world = HERE.given(POLICIES.append(INSTANCE_POLICIES, policy))
    there = GRACE.model_copy(update={"session_ends_at": ends and NOW + timedelta(minutes=ends)})
    opened = session_of(returned(world, there))
    assert opened.result.expires_at == NOW + timedelta(minutes=until)
    (append,) = opened.changes
    assert events(append)[0].expires_at == opened.result.expires_at


def test_session_that_is_over_there_begins_none_here() -> None:
    """Who took long to choose an account here, or came at the last moment, has to sign in there again."""
    there = GRACE.model_copy(update={"session_ends_at": NOW + timedelta(minutes=5)})
    found = returned(HERE, there)
    begin = CreateIdpSession(proof=found.result.proof)
    assert found.world.later(minutes=4).when(begin).result.expires_at == NOW + timedelta(minutes=5)
    found.world.later(minutes=5).when(begin).refused(IdpIntentInvalid)


def by_provider(checked_at: datetime, authenticated_at: datetime | None) -> Append:
    """A session of Ada's that began by a provider, which told of a sign-in there."""
    created = SessionCreated(
        user_id="ada",
        organization_id="acme",
        token_hash=keyed_hash("session", "of-ada"),
        expires_at=NOW + timedelta(days=1),
    )
    said = SessionIdpChecked(
        identity_provider_id="login",
        checked_at=checked_at,
        authenticated_at=authenticated_at,
        anew=authenticated_at is None,
    )
    return SESSION.append("elsewhere", created, said)


def minutes(number: float) -> datetime:
    """So long before an application asks."""
    return ASKED - timedelta(minutes=number)


@pytest.mark.parametrize(("authenticated_at", "auth_time"), [(minutes(30), minutes(30)), (None, minutes(2))])
def test_tokens_tell_when_the_person_signed_in_at_the_provider(
    authenticated_at: datetime | None, auth_time: datetime
) -> None:
    """OIDC Core section 2, `auth_time`: as the provider has it, and where it does not say, when it said who it is."""
    outcome = oidc_world.world(by_provider(minutes(2), authenticated_at)).when(start(token=TOKEN))
    assert family(outcome.world.when(redeem(told(outcome.result)["code"]))).auth_time == auth_time


def test_assertions_tell_when_the_person_signed_in_at_the_provider() -> None:
    """SAML 2.0 Core section 2.7.2, `AuthnInstant`: likewise."""
    before = saml_world.saml_world(by_provider(minutes(2), minutes(30)))
    before = saml_world.known(before, saml_world.request())
    assertion = saml_world.answer(before.when(saml_world.redirect(token=TOKEN))).one(saml("Assertion"))
    assert assertion is not None
    statement = assertion.one(saml("AuthnStatement"))
    assert statement is not None
    assert statement.get("AuthnInstant") == "2026-01-02T02:39:05Z"


@pytest.mark.parametrize(
    ("authenticated_at", "max_age", "kind"),
    [
        (minutes(30), "3600", "redirect"),
        (minutes(30), "900", "login"),
        (minutes(4), "300", "redirect"),
        (None, "86400", "login"),
    ],
    ids=["young", "old", "youngest", "untold"],
)
def test_demand_is_met_by_when_the_person_signed_in_there(
    authenticated_at: datetime | None, max_age: str, kind: str
) -> None:
    """OIDC Core section 3.1.2.1, `max_age`: of a session by a provider that never told its age nobody knows it."""
    before = oidc_world.world(by_provider(minutes(2), authenticated_at))
    assert before.when(start(token=TOKEN)).result.kind == "redirect"
    assert before.when(start(token=TOKEN, max_age=max_age)).result.kind == kind


@pytest.mark.parametrize("wish", [{"prompt": "login"}, {"max_age": "60"}], ids=str)
@pytest.mark.parametrize(
    ("authenticated_at", "met"),
    [(minutes(-1), True), (minutes(1), True), (minutes(30), False), (None, False)],
    ids=["since", "clocks_differ", "before", "untold"],
)
def test_sign_in_for_a_request_does_not_make_a_session_elsewhere_new(
    wish: dict[str, str], authenticated_at: datetime | None, *, met: bool
) -> None:
    """Who comes back from a provider, in another window perhaps, has not signed in anew if the session there is old."""
    asked = oidc_world.world().when(start(token="", **wish))
    came_by = asked.world.given(by_provider(minutes(-2), authenticated_at)).later(minutes=3)
    assert came_by.when(resume("id-1", TOKEN)).result.kind == ("redirect" if met else "login")


def test_word_of_a_provider_lasts_from_when_it_was_given() -> None:
    """The login policy's time is for what is between us and the person: a session there may be older than that."""
    assert oidc_world.world(by_provider(minutes(2), minutes(60 * 24 * 365))).when(start(token=TOKEN)).result.kind == (
        "redirect"
    )


def test_old_session_elsewhere_is_no_way_around_a_second_factor() -> None:
    """What was proven before there was a second factor counts by when it was proven here."""
    since = factors.BEFORE - timedelta(days=1)
    outcome = oidc_world.world(factors.totp(), by_provider(minutes(2), since)).when(start(token=TOKEN, prompt="none"))
    assert told(outcome.result)["error"] == "interaction_required"
