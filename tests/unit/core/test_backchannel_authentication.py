"""CIBA Core 1.0, poll and ping: an application asks, a person elsewhere answers, the application fetches."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata, SubjectType, TokenDelivery
from hexkeep.core.application.state import GrantType
from hexkeep.core.applicationkey.events import ApplicationKeyCreated
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.backchannelauth.events import BackchannelApproved, BackchannelDenied, BackchannelRequested
from hexkeep.core.backchannelauth.hints import ASKED_BY_ONE
from hexkeep.core.backchannelauth.messages import (
    ApproveBackchannelRequest,
    BackchannelAuthenticationResponse,
    DenyBackchannelRequest,
    PlanBackchannelPing,
    StartBackchannelAuthentication,
)
from hexkeep.core.backchannelauth.outbox import OUTBOX
from hexkeep.core.backchannelauth.state import BACKCHANNEL, inbox
from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    HexkeepError,
    NotFound,
    PermissionDenied,
    ReauthenticationRequired,
    ResourceExhausted,
    Unauthenticated,
)
from hexkeep.core.kernel.event import Log, Recorded
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller, CallerKind
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.oidc import ciba
from hexkeep.core.oidc.acr import MULTI_FACTOR, PASSWORD
from hexkeep.core.oidc.algorithms import SigningAlgorithm
from hexkeep.core.oidc.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredLoginHintToken,
    ExpiredToken,
    GrantDenied,
    InvalidBindingMessage,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    SlowDown,
    UnauthorizedClient,
    UnknownUserId,
)
from hexkeep.core.oidc.room import PER_CLIENT
from hexkeep.core.policy.events import SecurityPolicy, SecurityPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session.events import SessionEnded, SessionFactorChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.core.user.events import UserDeactivated, UserPasswordExpired
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import INSTANCE_ID, ISSUER, NOW, Outcome, World
from hexkeep.testing.jose import jwt, signing_key
from tests.unit.core.oidc_world import ALL_GRANTS, appended, application, authorized, basic, family, tokens, world

GRANTS = (*ALL_GRANTS, GrantType.CIBA)
INBOX = inbox("ada", NOW)
ADA = Caller(CallerKind.USER, user_id="ada", session_id="session-1")
TOKEN = "8d67dc78-7faa-4d41-aabd-67707b374255"
PING = ClientMetadata(
    backchannel_token_delivery_mode=TokenDelivery.PING,
    backchannel_client_notification_endpoint="https://bank.example.com/ciba",
)
PAIRWISE = ClientMetadata(subject_type=SubjectType.PAIRWISE)
SIGNS = ClientMetadata(backchannel_authentication_request_signing_alg=SigningAlgorithm.ES256)


def home(**project_settings: bool) -> World:
    """The world with a bank that polls, one that is told, and one that signs its requests."""
    name = Claim(user_name_key("ada"), USER.ref("ada"))
    key = signing_key("ES256", 7)
    created = ApplicationKeyCreated(
        client_id="signer",
        organization_id="acme",
        project_id="shop",
        public=dict(key.public),
        expires_at=NOW + timedelta(days=30),
    )
    return world(
        application("bank", grant_types=GRANTS),
        application("told", grant_types=GRANTS, client_metadata=PING),
        application("signer", grant_types=GRANTS, client_metadata=SIGNS),
        APPLICATION_KEY.append(key.key_id, created),
        name,
        **project_settings,
    )


def asks(client_id: str = "bank", **params: str) -> StartBackchannelAuthentication:
    """A request for Ada, changed by ``params``; an empty value takes a parameter away."""
    usual = {"scope": "openid", "login_hint": "ada", "binding_message": "W4SCT"} | params
    return StartBackchannelAuthentication(params=usual, authorization=basic(client_id))


def begun(
    before: World | None = None, client_id: str = "bank", **params: str
) -> tuple[World, BackchannelAuthenticationResponse]:
    """The world after an application has asked, and what it got."""
    outcome = (before or home()).when(asks(client_id, **params))
    answer: BackchannelAuthenticationResponse = outcome.result
    return outcome.world, answer


def approved(before: World, request_id: str = "id-1") -> Outcome:
    """Ada says yes."""
    return before.as_(ADA).when(ApproveBackchannelRequest(request_id=request_id))


def poll(auth_req_id: str, client_id: str = "bank") -> ExchangeToken:
    """A token request of the application."""
    params = {"grant_type": GrantType.CIBA, "auth_req_id": auth_req_id}
    return ExchangeToken(params=params, authorization=basic(client_id))


def waiting(before: World) -> list[str]:
    """What Ada is shown."""
    return [one.request_id for one in before.as_(ADA).when(Empty(), "ListMyBackchannelRequests").result.requests]


# --- the application asks --------------------------------------------------------------------------------------------


def test_request_waits_for_the_person_and_is_told_by_mail() -> None:
    """CIBA Core sections 7.1 and 7.3; what is asked is what is shown, and no secret is in the log."""
    before = home()
    outcome = before.when(asks(scope="openid email"))
    answer = outcome.result
    assert (answer.expires_in, answer.interval) == (300, 5)
    requested = BackchannelRequested(
        request_id="id-1",
        client_id="bank",
        client_name="Bank",
        user_id="ada",
        scopes=("openid", "email"),
        binding_message="W4SCT",
        address="ada@example.com",
        language="en",
        display_name="Ada Lovelace",
        link=f"{ISSUER}/approve?request=id-1",
        requested_at=before.now,
        expires_at=before.now + timedelta(minutes=5),
    )
    outcome.then(BACKCHANNEL.append(INBOX, requested))
    assert answer.auth_req_id not in repr(outcome.changes)
    (mail,) = OUTBOX.deliveries(recorded(outcome))
    assert (mail.channel, mail.payload["to"], mail.subject) == ("mail", "ada@example.com", "ada")
    assert mail.expires_at == requested.expires_at
    (shown,) = outcome.world.as_(ADA).when(Empty(), "ListMyBackchannelRequests").result.requests
    assert (shown.client_name, shown.scopes, shown.binding_message) == ("Bank", ("openid", "email"), "W4SCT")


def recorded(outcome: Outcome) -> Recorded[Any]:
    """The one event of a call as the log has it."""
    change = appended(outcome)
    (event,) = change.events
    return Recorded(event, INSTANCE_ID, Log.ACTIVITY, 1, "backchannel_authentication", "ada", 1, NOW, "", "")


def asked_of(outcome: Outcome) -> str:
    """Who is asked."""
    (event,) = appended(outcome).events
    assert isinstance(event, BackchannelRequested)
    return event.user_id


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "email"}, InvalidScope),
        ({"scope": ""}, InvalidScope),
        ({"login_hint": ""}, InvalidRequest),
        ({"id_token_hint": "a.b.c"}, InvalidRequest),
        ({"login_hint": "", "id_token_hint": "a.b.c"}, InvalidRequest),
        ({"login_hint": "", "login_hint_token": "a.b.c"}, InvalidRequest),
        ({"binding_message": "x" * 101}, InvalidBindingMessage),
        ({"binding_message": "pay\nnow"}, InvalidBindingMessage),
        ({"binding_message": "pay \u202e001 won"}, InvalidBindingMessage),
        ({"requested_expiry": "0"}, InvalidRequest),
        ({"requested_expiry": "-5"}, InvalidRequest),
        ({"request": "a.b.c"}, InvalidRequest),
    ],
)
def test_malformed_request_is_refused(changes: dict[str, str], error: type[HexkeepError]) -> None:
    """CIBA Core sections 7.1, 7.2 and 13."""
    home().when(asks(**changes)).refused(error)


def test_who_may_not_ask_is_refused() -> None:
    """Section 4: registered for it, authenticated, and known."""
    before = home().given(application("open", auth_method="none", secret_hash="", grant_types=GRANTS))
    before.when(asks("web")).refused(UnauthorizedClient)
    public = StartBackchannelAuthentication(params={"client_id": "open", "scope": "openid", "login_hint": "ada"})
    before.when(public).refused(UnauthorizedClient)
    before.when(asks("nobody")).refused(InvalidClient)


def test_classes_that_nobody_knows_are_kept_nowhere() -> None:
    """CIBA Core section 7.1, ``acr_values``: a wish; what is no class of ours may be anything, and is not logged."""
    outcome = home().when(asks(acr_values="phr login:grace@example.com urn:other phr"))
    (event,) = appended(outcome).events
    assert isinstance(event, BackchannelRequested)
    assert event.acr_values == ("phr",)


def test_expiry_is_asked_for_within_bounds() -> None:
    """Section 7.1, ``requested_expiry``: shorter if it is wished, never longer than the policy has it."""
    assert begun(requested_expiry="60")[1].expires_in == 60
    assert begun(requested_expiry="86400")[1].expires_in == 300


def test_unknown_people_cannot_be_told_from_those_who_do_not_answer() -> None:
    """Section 13, ``unknown_user_id``: told only where the policy does not hide who exists."""
    outcome = home().when(asks(login_hint="nobody"))
    outcome.then()
    outcome.world.when(poll(outcome.result.auth_req_id)).refused(AuthorizationPending)
    outcome.world.later(minutes=5).when(poll(outcome.result.auth_req_id)).refused(ExpiredToken)
    open_ = SecurityPolicySet(**SecurityPolicy(hide_unknown_users=False).model_dump())
    home().given(POLICIES.append(INSTANCE_POLICIES, open_)).when(asks(login_hint="nobody")).refused(UnknownUserId)


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_nobody_is_asked_without_end(name: str) -> None:
    """Section 15: who is tired of being asked says yes at last; the limit tells nothing of who exists."""
    after = home()
    for _ in range(ASKED_BY_ONE):
        after = after.when(asks(login_hint=name)).world
    after.when(asks(login_hint=name)).refused(ResourceExhausted)


def test_id_token_names_the_person_to_the_client_that_has_it() -> None:
    """Section 7.1, ``id_token_hint``: one of another client names nobody."""
    after, answer = tokens(home(), "bank")
    hint = answer.id_token or ""
    asked = after.when(asks(login_hint="", id_token_hint=hint))
    assert asked_of(asked) == "ada"
    after.when(asks("told", login_hint="", id_token_hint=hint, client_notification_token=TOKEN)).refused(InvalidRequest)


def test_id_token_names_the_person_by_a_pairwise_subject() -> None:
    """OIDC Core section 8: a client that knows people by names of its own is understood by those."""
    here = home().given(application("pair", grant_types=GRANTS, client_metadata=PAIRWISE))
    after, answer = tokens(here, "pair")
    assert asked_of(after.when(asks("pair", login_hint="", id_token_hint=answer.id_token or ""))) == "ada"


def test_who_is_held_to_signing_signs_here_too() -> None:
    """FAPI-CIBA section 5.2.2: what a browser's request needs, one without a browser needs."""
    held = application("held", grant_types=GRANTS, client_metadata=ClientMetadata(require_signed_request_object=True))
    home().given(held).when(asks("held")).refused(InvalidRequest)


def test_nobody_is_asked_for_strangers_without_end() -> None:
    """What is kept for people whom nobody knows has a measure as well."""
    full = home().when(asks()).answerer.copy()
    (place,) = [place for place in full.counted if place[0] == "backchannel/bank"]
    full.counted[place] = PER_CLIENT
    replace(home(), answerer=full).when(asks(login_hint="somebody")).refused(ResourceExhausted)


def test_profile_asks_elsewhere_in_signed_requests_alone() -> None:
    """FAPI 2.0 clients sign what they ask a person elsewhere (CIBA Core section 7.1.1), whatever they registered."""
    held = {"profile": "fapi_2_security"}
    fapi = application("signer", grant_types=GRANTS, client_metadata=ClientMetadata.model_validate(held))
    before = home().given(fapi)
    before.when(asks("signer")).refused(InvalidRequest)
    text = by_signer(scope="openid", login_hint="ada")
    signed = asks("signer", scope="", login_hint="", binding_message="", request=text)
    assert before.when(signed).result.auth_req_id


def by_signer(**claims: JsonValue) -> str:
    """A JWT that the signing client has made now."""
    now = int(NOW.timestamp()) + 300
    usual: dict[str, JsonValue] = {"iss": "signer", "aud": ISSUER, "exp": now + 60, "iat": now, "nbf": now, "jti": "1"}
    return jwt(signing_key("ES256", 7).private, "", {**usual, **claims})


@pytest.mark.parametrize(
    "who", [{"format": "iss_sub", "iss": ISSUER, "sub": "ada"}, {"format": "email", "email": "ada"}]
)
def test_login_hint_token_names_the_person(who: JsonValue) -> None:
    """Section 7.1, ``login_hint_token``: a JWT of the client's with a subject identifier (RFC 9493)."""
    request = {"scope": "openid", "login_hint_token": by_signer(sub_id=who)}
    outcome = home().when(asks("signer", login_hint="", binding_message="", scope="", request=by_signer(**request)))
    assert asked_of(outcome) == "ada"
    old = {"scope": "openid", "login_hint_token": by_signer(sub_id=who, exp=1)}
    late = asks("signer", scope="", login_hint="", binding_message="", request=by_signer(**old))
    home().when(late).refused(ExpiredLoginHintToken)


def signed(**claims: JsonValue) -> StartBackchannelAuthentication:
    """A signed request of the client that has to sign."""
    text = by_signer(scope="openid", login_hint="ada", **claims)
    return asks("signer", scope="", login_hint="", binding_message="", request=text)


def test_signed_request_is_taken_once() -> None:
    """Section 7.1.1: its parameters count, and nobody sends it again."""
    outcome = home().when(signed(binding_message="inside"))
    (event,) = appended(outcome).events
    assert isinstance(event, BackchannelRequested)
    assert event.binding_message == "inside"
    outcome.world.when(signed(binding_message="inside")).refused(InvalidRequest)


@pytest.mark.parametrize(
    "claims",
    [
        *({"iss": "bank"}, {"aud": "https://elsewhere.example.com"}, {"jti": ""}, {"jti": None}),
        *({"exp": 1}, {"exp": None}, {"exp": 2**40}, {"nbf": 2**40}, {"nbf": None}, {"iat": None}),
    ],
)
def test_signed_request_for_others_or_another_time_is_refused(claims: dict[str, JsonValue]) -> None:
    """Section 7.1.1: issuer, audience, times and id are all required."""
    home().when(signed(**claims)).refused(InvalidRequest)


def test_who_registered_to_sign_signs_and_puts_nothing_beside() -> None:
    """Section 7.1.1: parameters outside of the signature do not count, so none may be there."""
    home().when(asks("signer")).refused(InvalidRequest)
    beside = asks("signer", login_hint="", binding_message="", request=by_signer(scope="openid", login_hint="ada"))
    home().when(beside).refused(InvalidRequest)


# --- the person answers ----------------------------------------------------------------------------------------------


def test_person_says_yes_in_a_session() -> None:
    """The log says who let whom, with which session; the consent follows in the other log."""
    after, _ = begun()
    outcome = approved(after)
    said = BackchannelApproved(
        request_id="id-1",
        client_id="bank",
        user_id="ada",
        session_id="session-1",
        auth_time=NOW,
        approved_at=after.now,
        expires_at=after.now + timedelta(minutes=5),
        acr=PASSWORD,
    )
    outcome.then(BACKCHANNEL.append(INBOX, said))
    assert [one.operation for one in outcome.follow_ups] == ["RememberConsent"]
    assert waiting(outcome.world) == []
    approved(outcome.world).refused(NotFound)


def test_others_neither_see_nor_answer() -> None:
    """A request is its person's alone; another's looks like none."""
    after, _ = begun()
    grace = replace(ADA, user_id="robot", session_id="")
    assert after.as_(grace).when(Empty(), "ListMyBackchannelRequests").result.requests == ()
    after.as_(grace).when(DenyBackchannelRequest(request_id="id-1")).refused(NotFound)
    after.as_(ANONYMOUS).when(ApproveBackchannelRequest(request_id="id-1")).refused(Unauthenticated)
    assert waiting(after) == ["id-1"]


@pytest.mark.parametrize("session_id", ["", "session-2"], ids=["none", "unknown"])
def test_yes_needs_a_session_of_the_person(session_id: str) -> None:
    """A personal access token, say, lies about somewhere; nobody has looked at the question."""
    after, _ = begun()
    caller = replace(ADA, session_id=session_id)
    after.as_(caller).when(ApproveBackchannelRequest(request_id="id-1")).refused(ReauthenticationRequired)


def test_who_has_to_choose_another_password_does_that_first() -> None:
    """As on the pages: until then nobody has signed in, and nothing is given to anybody."""
    after, _ = begun(home().given(USER.append("ada", UserPasswordExpired())))
    approved(after).refused(ReauthenticationRequired)


def test_yes_needs_a_sign_in_that_is_recent() -> None:
    """As the login policy has it."""
    after, _ = begun(home().later(days=300))
    approved(after).refused(ReauthenticationRequired)


def test_late_answers_do_not_count() -> None:
    """What has expired waits no more, and is forgotten when the next one comes."""
    after, _ = begun()
    late = after.later(minutes=5)
    assert waiting(late) == []
    approved(late).refused(NotFound)
    renewed, _ = begun(after.later(hours=1))
    assert "id-1" not in renewed.history(INSTANCE_ID).state(BACKCHANNEL, INBOX).requests


def test_midnight_changes_nothing() -> None:
    """What was asked just before is answered and fetched just after."""
    night = home().at(NOW.replace(hour=23, minute=59))
    after, answer = begun(night)
    after = after.later(minutes=2)
    assert waiting(after) == ["id-1"]
    assert approved(after).world.as_(ANONYMOUS).when(poll(answer.auth_req_id)).result.id_token


def test_project_that_needs_an_authorization_lets_nobody_else_in() -> None:
    """The project decides who may use its applications."""
    after, _ = begun(home(authorization_required=True))
    approved(after).refused(AccessDenied)
    assert approved(after.given(*authorized("clerk"))).result == Empty()


# --- the application fetches -----------------------------------------------------------------------------------------


def test_application_waits_and_then_gets_tokens_once() -> None:
    """Sections 10.1 and 11: pending, then tokens; a second time nothing."""
    after, answer = begun()
    pending = after.when(poll(answer.auth_req_id))
    pending.refused(AuthorizationPending)
    pending.world.when(poll(answer.auth_req_id)).refused(SlowDown)
    after = approved(pending.world.later(seconds=5)).world.as_(ANONYMOUS)
    outcome = after.when(poll(answer.auth_req_id))
    claims = claims_of(outcome.result.id_token)
    assert (claims["sub"], claims["aud"], claims["sid"]) == ("ada", "bank", "session-1")
    started = family(outcome)
    assert started.grant_type == GrantType.CIBA
    outcome.world.later(seconds=5).when(poll(answer.auth_req_id)).refused(InvalidGrant)


def test_of_two_questions_at_the_same_moment_one_gets_the_tokens() -> None:
    """Where both pass the pace, whoever takes the id gets them."""
    after, answer = begun()
    after = approved(after).world.as_(ANONYMOUS)
    assert after.when(poll(answer.auth_req_id)).result.access_token
    raced = after.answerer.copy()
    raced.kept.pop((ciba.AUTH_REQ_ID, answer.auth_req_id))
    replace(after, answerer=raced).when(poll(answer.auth_req_id)).refused(InvalidGrant)


def test_denied_and_expired_are_told_apart() -> None:
    """Section 11."""
    after, answer = begun()
    denied = after.as_(ADA).when(DenyBackchannelRequest(request_id="id-1"))
    said = BackchannelDenied(
        request_id="id-1", client_id="bank", user_id="ada", expires_at=after.now + timedelta(minutes=5)
    )
    denied.then(BACKCHANNEL.append(INBOX, said))
    denied.world.as_(ANONYMOUS).when(poll(answer.auth_req_id)).refused(GrantDenied)
    after.later(minutes=5).when(poll(answer.auth_req_id)).refused(ExpiredToken)


def test_id_is_of_no_use_to_another_client_or_instance() -> None:
    """Section 10.1: it is bound to its client; instances share nothing."""
    after, answer = begun()
    after = approved(after).world.as_(ANONYMOUS)
    after.when(poll(answer.auth_req_id, "told")).refused(InvalidGrant)
    after.within("elsewhere").when(poll(answer.auth_req_id)).refused(InvalidClient)


@pytest.mark.parametrize(
    "meanwhile",
    [USER.append("ada", UserDeactivated()), SESSION.append("session-1", SessionEnded())],
    ids=["user", "session"],
)
def test_what_ends_between_approval_and_redemption_counts(meanwhile: Append) -> None:
    """The person is judged anew when tokens are issued."""
    after, answer = begun()
    after = approved(after).world.as_(ANONYMOUS).given(meanwhile)
    after.when(poll(answer.auth_req_id)).refused(InvalidGrant)


@pytest.mark.parametrize(
    ("methods", "acr_values", "expected"),
    [
        ((), "", PASSWORD),
        ((Factor.TOTP,), "", MULTI_FACTOR),
        ((Factor.TOTP,), f"{PASSWORD} {MULTI_FACTOR}", PASSWORD),
        ((Factor.TOTP,), f"phr {MULTI_FACTOR}", MULTI_FACTOR),
        ((), MULTI_FACTOR, PASSWORD),
    ],
)
def test_class_of_the_sign_in_is_told_as_the_application_wants_it(
    methods: tuple[Factor, ...], acr_values: str, expected: str
) -> None:
    """Section 7.1, ``acr_values``: of those that hold the first that it named, and never one that does not hold."""
    checked = [SessionFactorChecked(factor=one.value, checked_at=NOW) for one in methods]
    before = home().given(SESSION.append("session-1", *checked)) if checked else home()
    after, answer = begun(before, acr_values=acr_values)
    outcome = approved(after).world.as_(ANONYMOUS).when(poll(answer.auth_req_id))
    assert (family(outcome).acr, claims_of(outcome.result.id_token)["acr"]) == (expected, expected)


# --- the application is told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "short", "with space " * 4, "x" * 1025])
def test_who_is_told_brings_a_token_of_its_own(token: str) -> None:
    """Section 7.1, ``client_notification_token``."""
    home().when(asks("told", client_notification_token=token)).refused(InvalidRequest)


def test_who_is_told_has_said_where() -> None:
    """Section 4, ``backchannel_client_notification_endpoint``: required of who is told; without it nobody is asked."""
    nowhere = ClientMetadata(backchannel_token_delivery_mode=TokenDelivery.PING)
    before = home().given(application("lost", grant_types=GRANTS, client_metadata=nowhere))
    before.when(asks("lost", client_notification_token=TOKEN)).refused(UnauthorizedClient)


def test_application_is_told_of_the_answer_and_fetches() -> None:
    """Section 10.2: a ping for a yes and for a no, whose secrets are kept until it is over, and in no event."""
    after, answer = begun(client_id="told", client_notification_token=TOKEN)
    outcome = approved(after)
    assert TOKEN not in repr(outcome.changes)
    (delivery,) = OUTBOX.deliveries(recorded(outcome))
    assert (delivery.channel, delivery.payload) == ("backchannel_ping", {"request_id": "id-1"})
    plan = PlanBackchannelPing(request_id="id-1")
    told = outcome.world.as_(SYSTEM).when(plan).result
    assert (told.endpoint, told.token, told.auth_req_id) == ("https://bank.example.com/ciba", TOKEN, answer.auth_req_id)
    assert outcome.world.as_(SYSTEM).later(minutes=5).when(plan).result.endpoint == ""
    outcome.world.as_(ADA).when(plan).refused(PermissionDenied)
    assert outcome.world.as_(ANONYMOUS).when(poll(answer.auth_req_id, "told")).result.id_token
    denied = after.as_(ADA).when(DenyBackchannelRequest(request_id="id-1"))
    assert len(list(OUTBOX.deliveries(recorded(denied)))) == 1


def test_application_that_asks_is_told_nothing() -> None:
    """Section 5: poll mode."""
    after, _ = begun()
    assert list(OUTBOX.deliveries(recorded(approved(after)))) == []
