"""Single sign-out: who takes part in a session, and who is told of its end (OIDC Back- and Front-Channel Logout)."""

import json
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.events import ApplicationDeactivated, ApplicationRemoved
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.consent.events import ConsentRevoked
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.outbox import Posted
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind
from hexkeep.core.logout.outbox import OUTBOXES, TO_PROVE_ANEW
from hexkeep.core.logout.plan import PlanLogout
from hexkeep.core.logout.settling import SettleSessions
from hexkeep.core.oidc.errors import ClientKeyUnusable
from hexkeep.core.organization.events import OrganizationDeactivated, OrganizationReactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.project.events import ProjectDeactivated
from hexkeep.core.session.commands import EndMySession, EndSession
from hexkeep.core.session.events import (
    SessionClientJoined,
    SessionClientLeft,
    SessionEnded,
    SessionIdpChecked,
    SessionPasswordChecked,
)
from hexkeep.core.session.others import EndUserSessions
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import EndOidcSession
from hexkeep.core.user.events import UserDeactivated, UserLocked, UserPasswordSet, UserReactivated, UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import ISSUER, NOW, World
from hexkeep.testing.jose import claims_of, decrypted, header_of
from tests.unit.core.oidc_world import SESSION_TOKEN, application, session, tokens, world
from tests.unit.core.worlds import caller

HEARS = "https://shop.example.com/backchannel"
FRAME = "https://shop.example.com/frontchannel?x=1"
ADA = Caller(CallerKind.USER, user_id="ada", session_id="session-1")


def listener(client_id: str, **metadata: Any) -> Append:
    """An application that registered for logouts."""
    return application(client_id, client_metadata=ClientMetadata(**metadata))


def sitting(*client_ids: str) -> World:
    """Ada has signed in to an application that hears of logouts, to one that does not, and to what else is named."""
    before = world(listener("mail", backchannel_logout_uri=HEARS), application("deaf"))
    for client_id in ("mail", "deaf", *client_ids):
        before, _ = tokens(before, client_id)
    return before


def ended(*told: str, session_id: str = "session-1") -> Append:
    """The end of a session, and who is told."""
    return SESSION.append(session_id, SessionEnded(told=told))


def posted(event: Event, aggregate_id: str) -> list[Posted]:
    """What follows from an event."""
    return [
        one
        for box in OUTBOXES
        for one in box.posted(Recorded(event, "main", box.log, 1, "any", aggregate_id, 1, NOW, "", ""))
    ]


def test_an_application_joins_a_session_once() -> None:
    """However often it gets tokens there."""
    after, _ = tokens(world())
    again = tokens(after)[0].history("main").state(SESSION, "session-1")
    assert [one.client_id for one in again.clients] == ["web"]


@pytest.mark.parametrize(
    ("who", "request_", "operation"),
    [
        (ADA, EndMySession(session_id="session-1"), ""),
        (Caller(CallerKind.USER, user_id="ada"), Empty(), "EndAllMyOtherSessions"),
        (caller("INSTANCE_OWNER"), EndSession(session_id="session-1"), ""),
        (caller("INSTANCE_OWNER"), EndUserSessions(user_id="ada"), ""),
        (None, EndOidcSession(params={}, session_token=SESSION_TOKEN, confirmed=True), ""),
    ],
    ids=["own", "all-own", "managed", "all-of-user", "rp-initiated"],
)
def test_whatever_ends_a_session_tells_who_takes_part(who: Caller | None, request_: Any, operation: str) -> None:
    """Back-Channel Logout section 2.5: those that registered for it, of those that got tokens in the session."""
    before = sitting()
    (before.as_(who) if who else before).when(request_, operation).then(ended("mail"))


def test_an_application_that_is_gone_is_not_told() -> None:
    """Nor does it keep the session from ending."""
    before = sitting().given(APPLICATION.append("mail", ApplicationDeactivated()))
    before.as_(ADA).when(EndMySession(session_id="session-1")).then(ended())


def test_each_application_gets_a_delivery_of_its_own() -> None:
    """One that fails holds up no other; nothing is sealed for a person, whose erasure ends sessions as well."""
    first, second = posted(SessionEnded(told=("mail", "news")), "session-1")
    assert [dict(one.delivery.payload) for one in (first, second)] == [
        {"client_id": "mail", "session_id": "session-1"},
        {"client_id": "news", "session_id": "session-1"},
    ]
    assert first.key != second.key
    assert (first.delivery.channel, first.delivery.subject) == ("backchannel_logout", "")
    assert posted(SessionEnded(), "session-1") == []
    assert posted(SessionClientLeft(client_id="deaf"), "session-1") == []


def plan(before: World, client_id: str = "mail") -> Any:
    """What the deliverer is told."""
    return before.as_(SYSTEM).when(PlanLogout(client_id=client_id, session_id="session-1", token_id="key-1")).result


def test_logout_token_says_what_the_specification_wants() -> None:
    """Back-Channel Logout section 2.4: type, issuer, audience, subject, session and the one event; never a nonce."""
    before = sitting().later(hours=1)
    told = plan(before)
    assert told.uri == HEARS
    assert header_of(told.logout_token)["typ"] == "logout+jwt"
    now = int(before.now.timestamp())
    assert claims_of(told.logout_token) == {
        "iss": ISSUER,
        "sub": "ada",
        "aud": "mail",
        "iat": now,
        "exp": now + 120,
        "jti": "key-1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "session-1",
    }


def test_logout_token_is_signed_as_the_clients_id_tokens_are() -> None:
    """Section 2.4: with the algorithm that the client registered for ID tokens, RS256 without one."""
    before = sitting()
    assert header_of(plan(before).logout_token)["alg"] == "RS256"
    metadata = {"backchannel_logout_uri": HEARS, "id_token_signed_response_alg": "ES256"}
    assert header_of(plan(before.given(listener("news", **metadata)), "news").logout_token)["alg"] == "ES256"


def test_logout_token_is_encrypted_as_the_clients_id_tokens_are() -> None:
    """Section 2.4: to a key of the client's, nested; without such a key nothing goes out in the clear."""
    metadata = {"backchannel_logout_uri": HEARS, "id_token_encrypted_response_alg": "RSA-OAEP-256"}
    key = {"kty": "RSA", "kid": "mine", "use": "enc", "n": "AQ", "e": "AQAB"}
    keyed = {**metadata, "id_token_encrypted_response_enc": "A256GCM", "jwks": json.dumps({"keys": [key]})}
    before = sitting().given(listener("news", **keyed), listener("bare", **metadata))
    opened = decrypted(plan(before, "news").logout_token, (json.dumps({"kid": "mine"}),))
    assert opened is not None
    assert (opened.encryption, header_of(opened.content)["typ"]) == ("A256GCM", "logout+jwt")
    assert claims_of(opened.content)["aud"] == "news"
    request = PlanLogout(client_id="bare", session_id="session-1", token_id="key-1")
    before.as_(SYSTEM).when(request).refused(ClientKeyUnusable)


def test_nobody_is_told_who_is_not_there_any_more() -> None:
    """Registered no more since, removed, or of a session that lies behind the horizon."""
    before = sitting()
    assert plan(before, "deaf").uri == ""
    assert plan(before.given(APPLICATION.append("mail", ApplicationDeactivated()))).uri == ""
    unknown = PlanLogout(client_id="mail", session_id="session-9", token_id="key-1")
    assert before.as_(SYSTEM).when(unknown).result.uri == ""


def test_logout_tokens_are_for_the_program_alone() -> None:
    """Whoever could have them made could sign anybody out anywhere."""
    for who in (caller("INSTANCE_OWNER"), Caller(CallerKind.SYSTEM, name="ci")):
        request = PlanLogout(client_id="mail", session_id="session-1", token_id="key-1")
        sitting().as_(who).when(request).refused(PermissionDenied)


def settled(before: World, client_id: str = "") -> Any:
    """What follows behind an event of the durable log."""
    return before.as_(SYSTEM).when(SettleSessions(user_id="ada", client_id=client_id))


@pytest.mark.parametrize(
    "event", [UserDeactivated(), UserRemoved(), UserLocked(reason="manager")], ids=lambda e: e.type
)
def test_sessions_end_with_their_user(event: Event) -> None:
    """All of them, those that are over by time as well: what an application made of one may last longer."""
    (one,) = posted(event, "ada")
    assert (one.delivery.channel, one.delivery.payload) == ("sessions", {"user_id": "ada", "client_id": ""})
    gone = sitting().given(session("session-2", "other"), USER.append("ada", event))
    settled(gone).then(ended("mail"), ended(session_id="session-2"))
    settled(gone.later(days=700)).then(ended("mail"), ended(session_id="session-2"))


def test_sessions_end_with_the_organization_of_their_users() -> None:
    """Of everybody in it, and of nobody else; who is locked for a time is signed out as well."""
    off = OrganizationDeactivated()
    (one,) = posted(off, "acme")
    assert (one.delivery.channel, one.delivery.payload) == ("sessions", {"organization_id": "acme"})
    lock = UserLocked(reason="failed_attempts", until=NOW.replace(year=NOW.year + 1))
    before = sitting().given(USER.append("ada", lock), ORGANIZATION.append("acme", off))
    settle = SettleSessions(organization_id="acme")
    after = before.as_(SYSTEM).when(settle).then(ended("mail")).world
    after.when(settle).then()
    before.as_(SYSTEM).when(SettleSessions(organization_id="other")).then()
    back = before.given(ORGANIZATION.append("acme", OrganizationReactivated()))
    back.as_(SYSTEM).when(settle).then()


@pytest.mark.parametrize("event", [ApplicationDeactivated(), ApplicationRemoved(), ProjectDeactivated()])
def test_sessions_go_on_without_an_application(event: Event) -> None:
    """Who is signed in here stays so for all others, and whom it would be told is not there."""
    assert posted(event, "mail") == []


def test_sessions_outlast_a_lock_for_a_time() -> None:
    """It suspends them: who guesses wrong passwords for somebody signs nobody out."""
    lock = UserLocked(reason="failed_attempts", until=NOW.replace(year=NOW.year + 1))
    assert posted(lock, "ada") == []
    settled(sitting().given(USER.append("ada", lock))).then()


def test_sessions_stay_whose_user_has_come_back_meanwhile() -> None:
    """What counts is how things are when somebody gets to it; a session of the time after must not end."""
    settled(sitting().given(USER.append("ada", UserDeactivated(), UserReactivated()))).then()


def test_another_password_ends_the_sessions_that_rest_on_the_former_one() -> None:
    """After a moment in which the one at hand is proven anew. A first password ends nothing."""
    (one,) = posted(UserPasswordSet(hash="x", change_required=False, replaces=True), "ada")
    assert one.delivery.not_before == NOW + TO_PROVE_ANEW
    assert posted(UserPasswordSet(hash="x", change_required=False), "ada") == []
    before = sitting()
    settled(before).then()
    settled(before.given(USER.append("ada", UserPasswordSet(hash="x", change_required=False)))).then(ended("mail"))


def test_sessions_by_an_account_elsewhere_end_with_its_link() -> None:
    """But for the one in which the own link was removed, and those in which something else was proven since."""
    removed = IdentityProviderLinkRemoved(user_id="ada", session_id="session-3")
    one, _revocation = posted(removed, "link")
    assert one.delivery.payload == {"user_id": "ada", "client_id": "", "but": "session-3"}
    assert posted(IdentityProviderLinkRemoved(), "link") == [], "nobody wrote down whose it was"
    by_account = SessionIdpChecked(identity_provider_id="login", checked_at=NOW, identity_provider_link_id="link")
    later = NOW + timedelta(minutes=1)
    added = IdentityProviderLinkAdded(
        user_id="ada", organization_id="acme", identity_provider_id="login", external_id="1", display_name=""
    )
    before = sitting().given(
        IDENTITY_PROVIDER_LINK.append("link", added),
        SESSION.append("session-1", by_account.model_copy(update={"checked_at": later})),
        session("session-2", "other"),
        *(session(one, "other") for one in ("session-3", "session-4")),
        SESSION.append("session-3", by_account.model_copy(update={"checked_at": later})),
        SESSION.append("session-4", by_account, SessionPasswordChecked(checked_at=later)),
    )
    settle = SettleSessions(user_id="ada", but="session-3")
    before.as_(SYSTEM).when(settle).then()
    gone = before.given(IDENTITY_PROVIDER_LINK.append("link", removed))
    gone.as_(SYSTEM).when(settle).then(ended("mail"))


def test_taking_back_what_an_application_has_signs_out_of_that_one_alone() -> None:
    """The session goes on. Who was let in again since stays, and nobody is told twice."""
    before = sitting()
    revoked = ConsentRevoked(revoked_at=before.now, user_id="ada", client_id="mail")
    (one,) = posted(revoked, consent_id("ada", "mail"))
    assert one.delivery.payload == {"user_id": "ada", "client_id": "mail"}
    after = before.given(CONSENT.append(consent_id("ada", "mail"), revoked))
    outcome = settled(after, "mail").then(SESSION.append("session-1", SessionClientLeft(client_id="mail", told=True)))
    (farewell,) = posted(SessionClientLeft(client_id="mail", told=True), "session-1")
    assert farewell.delivery.channel == "backchannel_logout"
    settled(outcome.world, "mail").then()
    again = outcome.world.later(minutes=1)
    back = again.given(SESSION.append("session-1", SessionClientJoined(client_id="mail", joined_at=again.now)))
    settled(back, "mail").then()


def test_very_many_sessions_are_settled_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each portion is one unit, and says where the next one begins."""
    monkeypatch.setattr("hexkeep.core.kernel.portions.next_portion.__defaults__", (1,))
    before = sitting().given(session("session-2", "other"), USER.append("ada", UserDeactivated()))
    first = settled(before).then(ended("mail"))
    second = first.world.when(SettleSessions(user_id="ada", cursor=first.result.next_cursor))
    second.then(ended(session_id="session-2"))
    last = second.world.when(SettleSessions(user_id="ada", cursor=second.result.next_cursor)).then()
    assert (bool(first.result.next_cursor), bool(second.result.next_cursor), last.result.next_cursor) == (
        True,
        True,
        "",
    )


def test_only_the_program_settles_sessions() -> None:
    """Nobody else has to."""
    sitting().as_(caller("INSTANCE_OWNER")).when(SettleSessions(user_id="ada")).refused(PermissionDenied)


def test_sessions_of_a_user_are_ended_by_who_may() -> None:
    """By those who may write them; strangers do not learn whether there is such a user."""
    before = sitting()
    manager = before.as_(caller("ORGANIZATION_OWNER", "acme"))
    outcome = manager.when(EndUserSessions(user_id="ada")).then(ended("mail"))
    assert (outcome.result.ended, outcome.result.more) == (1, False)
    assert outcome.world.when(EndUserSessions(user_id="ada")).then().result.ended == 0
    before.as_(caller("ORGANIZATION_OWNER", "other")).when(EndUserSessions(user_id="ada")).refused(NotFound)
    before.as_(caller("ORGANIZATION_VIEWER", "acme")).when(EndUserSessions(user_id="ada")).refused(PermissionDenied)


def framed(**metadata: Any) -> tuple[str, ...]:
    """What the browser loads when Ada signs out of a session with one more application."""
    before, _ = tokens(world(listener("tv", **metadata), application("deaf")), "tv")
    before, _ = tokens(before, "deaf")
    asked = EndOidcSession(params={}, session_token=SESSION_TOKEN, confirmed=True)
    frames: tuple[str, ...] = before.when(asked).result.frames
    return frames


def test_frames_are_those_of_the_applications_in_the_session() -> None:
    """Front-Channel Logout section 2: issuer and session are told to those that require them; the query stays."""
    assert framed(frontchannel_logout_uri=FRAME) == (FRAME,)
    (frame,) = framed(frontchannel_logout_uri=FRAME, frontchannel_logout_session_required=True)
    assert frame == f"{FRAME}&iss=https%3A%2F%2Fid.example.com&sid=session-1"
    assert framed() == ()


def test_events_of_both_logs_are_heard() -> None:
    """A new outbox is in the slice, or nothing follows."""
    assert {box.log for box in OUTBOXES} == set(Log)
