"""The device authorization grant (RFC 8628): asked for, answered by a person, redeemed once."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata, ClientProfile
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION, GrantType
from hexkeep.core.code.state import SYMBOLS
from hexkeep.core.consent.events import ConsentGranted, ConsentRevoked
from hexkeep.core.consent.messages import RememberConsent
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.detailstype.events import DetailsTypeAdded
from hexkeep.core.detailstype.state import DETAILS_TYPES, DETAILS_TYPES_ID
from hexkeep.core.deviceauth.answers import TRIES_PER_PLACE, TRIES_PER_USER
from hexkeep.core.deviceauth.events import DeviceApproved, DeviceDenied
from hexkeep.core.deviceauth.messages import (
    ApproveDeviceAuthorization,
    DenyDeviceAuthorization,
    DeviceAuthorizationResponse,
    EnteredCode,
    GetDeviceAuthorization,
    StartDeviceAuthorization,
)
from hexkeep.core.deviceauth.state import DEVICE_AUTHORIZATION
from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import NotFound, PermissionDenied, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.core.oidc import rfc8628
from hexkeep.core.oidc.acr import MULTI_FACTOR, PASSWORD
from hexkeep.core.oidc.errors import (
    AccessDenied,
    AuthorizationPending,
    ExpiredToken,
    GrantDenied,
    InvalidAuthorizationDetails,
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidTarget,
    OAuthError,
    SlowDown,
    UnauthorizedClient,
)
from hexkeep.core.oidc.rfc9396 import DetailsField, FieldKind
from hexkeep.core.oidc.room import PER_ADDRESS
from hexkeep.core.policy.events import LifetimePolicy, LifetimePolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.session.events import SessionEnded, SessionFactorChecked
from hexkeep.core.session.state import SESSION, token_of
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from tests.unit.core.oidc_world import (
    ALL_GRANTS,
    SESSION_TOKEN,
    application,
    authorized,
    basic,
    family,
    session,
    world,
)
from tests.unit.core.worlds import caller

GRANTS = (*ALL_GRANTS, GrantType.DEVICE_CODE)
OFFLINE = "openid offline_access"


def begun(
    before: World | None = None, client_id: str = "tv", **params: str
) -> tuple[World, DeviceAuthorizationResponse]:
    """The world after a device has asked, and what it got."""
    outcome = (before or home()).when(asked(client_id, **params))
    answer: DeviceAuthorizationResponse = outcome.result
    outcome.then()
    return outcome.world, answer


def home(**project_settings: bool) -> World:
    """The world with a television, which is a public client, and a box that has a secret."""
    tv = application("tv", application_type="native", auth_method="none", secret_hash="", grant_types=GRANTS)
    return world(tv, application("box", grant_types=GRANTS), **project_settings)


def asked(client_id: str, /, *resources: str, **params: str) -> StartDeviceAuthorization:
    """A device authorization request, with the secret in the header unless the client has none."""
    usual = {"client_id": client_id, "scope": "openid"} | params
    authorization = "" if client_id in {"tv", "spa"} else basic(client_id)
    return StartDeviceAuthorization(params=usual, resources=resources, authorization=authorization)


def approved(before: World, user_code: str, token: str = SESSION_TOKEN) -> Outcome:
    """Ada says yes."""
    return before.when(ApproveDeviceAuthorization(user_code=user_code, session_token=token))


def poll(device_code: str, client_id: str = "tv") -> ExchangeToken:
    """A token request of the device."""
    params = {"grant_type": GrantType.DEVICE_CODE, "device_code": device_code, "client_id": client_id}
    return ExchangeToken(params=params, authorization="" if client_id == "tv" else basic(client_id))


# --- the device asks -------------------------------------------------------------------------------------------------


def test_device_gets_two_codes_and_nothing_is_logged() -> None:
    """RFC 8628 section 3.2; strangers who ask leave nothing behind that lasts."""
    _, answer = begun()
    assert (answer.expires_in, answer.interval, answer.verification_uri) == (600, 5, f"{ISSUER}/device")
    complete = urlsplit(answer.verification_uri_complete)
    assert parse_qs(complete.query) == {"user_code": [answer.user_code]}
    left, dash, right = answer.user_code.partition("-")
    assert (len(left), dash, len(right)) == (4, "-", 4)
    assert set(left + right) <= set(SYMBOLS)
    assert not set("AEIOUY") & set(SYMBOLS)


def test_devices_cannot_have_us_keep_codes_without_end() -> None:
    """RFC 8628 section 5.1: the more codes are alive, the sooner a guess is one. A public client proves nothing."""
    before = home()
    for _ in range(PER_ADDRESS):
        before = before.when(asked("tv")).world
    before.when(asked("tv")).refused(ResourceExhausted)
    assert replace(before, address="198.51.100.7").when(asked("tv")).result.user_code
    assert before.when(asked("box")).result.user_code


def test_user_code_in_use_is_not_given_twice() -> None:
    """Section 3.2: should chance bring the same code again another one is made."""
    _, first = begun()
    answerer = home().answerer.copy()
    answerer.kept[rfc8628.USER_CODE_TAKEN, rfc8628.entered(first.user_code)] = (b"", NOW + timedelta(hours=1))
    _, other = begun(replace(home(), answerer=answerer))
    assert rfc8628.entered(other.user_code) not in {"", rfc8628.entered(first.user_code)}


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (asked("web"), UnauthorizedClient),
        (asked("nobody"), InvalidClient),
        (StartDeviceAuthorization(params={"client_id": "box"}), InvalidClient),
        (StartDeviceAuthorization(params={"client_id": "tv"}, repeated=("scope",)), InvalidRequest),
        (asked("tv", "https://elsewhere.example.com"), InvalidTarget),
    ],
    ids=["another grant", "unknown", "no secret", "repeated", "resource"],
)
def test_device_that_may_not_ask_is_refused(request_: StartDeviceAuthorization, error: type[OAuthError]) -> None:
    """Sections 3.1 and 3.2: as at the token endpoint."""
    home().when(request_).refused(error)


def test_profile_allows_no_devices() -> None:
    """FAPI 2.0 Security Profile section 5.3.2.2 has no such flow: neither codes nor tokens, whatever was registered."""
    held = ClientMetadata(profile=ClientProfile.FAPI_2_SECURITY)
    fapi = world(application("box", grant_types=GRANTS, client_metadata=held))
    fapi.when(asked("box")).refused(UnauthorizedClient)
    before, answer = begun(client_id="box")
    replace(fapi, answerer=before.answerer).when(poll(answer.device_code, "box")).refused(UnauthorizedClient)


def test_policy_sets_interval_and_lifetime() -> None:
    """An organization may have its devices ask more often, or its people hurry."""
    policy = LifetimePolicy(device_code_lifetime=timedelta(minutes=2), polling_interval=timedelta(seconds=1))
    chosen = POLICIES.append(INSTANCE_POLICIES, LifetimePolicySet(**policy.model_dump()))
    _, answer = begun(home().given(chosen))
    assert (answer.expires_in, answer.interval) == (120, 1)


# --- the person answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [str, str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
def test_person_is_shown_who_asks_for_what_and_which_code(typed: Callable[[str], str]) -> None:
    """Sections 3.3 and 6.1: however it is typed, what is shown is what the device shows."""
    after, answer = begun(scope=OFFLINE)
    look = GetDeviceAuthorization(user_code=typed(answer.user_code), session_token=SESSION_TOKEN)
    shown = after.when(look).result
    assert (shown.client_name, shown.scopes, shown.user_code) == ("Tv", ("openid", "offline_access"), answer.user_code)


@pytest.mark.parametrize("request_", [GetDeviceAuthorization, ApproveDeviceAuthorization, DenyDeviceAuthorization])
def test_who_has_not_signed_in_learns_and_does_nothing(request_: type[EnteredCode]) -> None:
    """Section 5.1: no code can be tried without an account; right and wrong ones look the same."""
    after, answer = begun()
    for code in (answer.user_code, "BCDF-GHJK"):
        after.when(request_(user_code=code)).refused(Unauthenticated)


def test_sign_in_that_is_too_old_does_not_approve() -> None:
    """What the login policy says of sign-ins counts here as well."""
    after, answer = begun(home().later(days=300))
    approved(after, answer.user_code).refused(Unauthenticated)


def test_what_is_asked_for_in_detail_is_shown_and_granted() -> None:
    """RFC 9396 sections 5 and 11.2: a type that the instance knows and the client registered, and nobody else's."""
    kind = DetailsTypeAdded(
        details_type_id="details-1",
        details_type="payment",
        name="Payment",
        details_fields=(DetailsField(name="amount", kind=FieldKind.TEXT, label="Amount"),),
    )
    metadata = ClientMetadata(authorization_details_types=("payment",))
    till = application("till", grant_types=GRANTS, client_metadata=metadata)
    before = home().given(DETAILS_TYPES.append(DETAILS_TYPES_ID, kind), till)
    details = '[{"type":"payment","amount":"12 EUR"}]'
    before.when(asked("box", authorization_details=details)).refused(InvalidAuthorizationDetails)
    after, answer = begun(before, "till", authorization_details=details)
    shown = after.when(GetDeviceAuthorization(user_code=answer.user_code, session_token=SESSION_TOKEN)).result
    assert [(one.name, one.lines) for one in shown.authorization_details] == [("Payment", ("Amount: 12 EUR",))]
    started = family(approved(after, answer.user_code).world.when(poll(answer.device_code, "till")))
    assert json.loads(started.authorization_details) == json.loads(details)


def test_approval_is_an_event_without_codes() -> None:
    """The log says who let which device in, with which session; the consent to it follows in the other log."""
    after, answer = begun()
    outcome = approved(after, answer.user_code)
    said = DeviceApproved(
        client_id="tv",
        user_id="ada",
        session_id="session-1",
        scopes=("openid",),
        auth_time=NOW,
        approved_at=after.now,
        acr=PASSWORD,
    )
    outcome.then(DEVICE_AUTHORIZATION.append("id-1", said))
    (follow_up,) = outcome.follow_ups
    assert follow_up.operation == "RememberConsent"
    assert answer.device_code not in repr(outcome.changes)


def test_code_is_answered_once() -> None:
    """Nobody else, and nobody later, can decide on it again."""
    after, answer = begun()
    done = approved(after, answer.user_code).world
    approved(done, answer.user_code).refused(NotFound)
    done.when(DenyDeviceAuthorization(user_code=answer.user_code, session_token=SESSION_TOKEN)).refused(NotFound)


def test_expired_and_made_up_codes_look_the_same() -> None:
    """A code that is over cannot be told from one that never was."""
    after, answer = begun()
    late = approved(after.later(minutes=10), answer.user_code).refused(NotFound)
    for code in ("BCDF-GHJK", "", "AEIO-UAEI", "x" * 100):
        assert approved(after, code).refused(NotFound).message == late.message


def test_codes_cannot_be_guessed() -> None:
    """Section 5.1: one person has few tries, whatever sessions and addresses they come from."""
    after, answer = begun()
    for number in range(TRIES_PER_USER):
        after = replace(after, address=f"198.51.100.{number}")
        after = approved(after, "BCDF-GHJK").world
    approved(after, answer.user_code).refused(ResourceExhausted)
    approved(after.later(hours=1), answer.user_code).refused(NotFound)


def test_one_address_has_few_tries_however_many_people_sign_in() -> None:
    """Section 5.1: accounts are cheap where everybody may register."""
    after, answer = begun()
    answerer = after.answerer.copy()
    window = int(after.now.timestamp()) // 3600
    answerer.counted["device/tried/from/192.0.2.1", window] = TRIES_PER_PLACE
    after = replace(after, answerer=answerer)
    approved(after, answer.user_code).refused(ResourceExhausted)
    assert approved(replace(after, address="192.0.2.2"), answer.user_code).result


def test_project_that_needs_an_authorization_lets_nobody_else_in() -> None:
    """The rule of the authorization endpoint: the project decides who may use its applications."""
    after, answer = begun(home(authorization_required=True))
    approved(after, answer.user_code).refused(AccessDenied)
    assert approved(after.given(*authorized("clerk")), answer.user_code).result


def test_remembered_consent_grows_and_comes_from_the_system_alone() -> None:
    """What was agreed to for a device is found among the consents."""
    remember = RememberConsent(user_id="ada", client_id="tv", scopes=("openid", "email"))
    before = home().as_(caller("INSTANCE_OWNER"))
    before.when(remember).refused(PermissionDenied)
    outcome = before.as_(SYSTEM).when(remember)
    granted = ConsentGranted(user_id="ada", client_id="tv", scopes=("openid", "email"), granted_at=before.now)
    outcome.then(CONSENT.append(consent_id("ada", "tv"), granted))
    outcome.world.when(remember).then()


@pytest.mark.parametrize(("acr_values", "expected"), [("", MULTI_FACTOR), (f"phr {PASSWORD} {MULTI_FACTOR}", PASSWORD)])
def test_class_of_the_sign_in_is_told_as_the_application_wants_it(acr_values: str, expected: str) -> None:
    """OIDC Core section 2, ``acr``: of the classes that hold the first that it named, else the strongest."""
    checked = SessionFactorChecked(factor=Factor.TOTP.value, checked_at=NOW)
    after, answer = begun(home().given(SESSION.append("session-1", checked)), acr_values=acr_values)
    outcome = approved(after, answer.user_code).world.when(poll(answer.device_code))
    assert (family(outcome).acr, claims_of(outcome.result.id_token)["acr"]) == (expected, expected)


# --- the device polls ------------------------------------------------------------------------------------------------


def test_device_waits_and_then_gets_tokens_once() -> None:
    """Sections 3.4 and 3.5: pending, then tokens for the person who said yes; a second time nothing."""
    after, answer = begun(scope=OFFLINE)
    waiting = after.when(poll(answer.device_code))
    waiting.refused(AuthorizationPending)
    after = approved(waiting.world.later(seconds=5), answer.user_code).world
    outcome = after.when(poll(answer.device_code))
    tokens = outcome.result
    claims = claims_of(tokens.access_token)
    assert (claims["sub"], claims["client_id"], claims["sid"]) == ("ada", "tv", "session-1")
    assert claims_of(tokens.id_token)["aud"] == "tv"
    started = family(outcome)
    assert (started.grant_type, started.user_id) == (GrantType.DEVICE_CODE, "ada")
    later = outcome.world.later(seconds=5)
    later.when(poll(answer.device_code)).refused(InvalidGrant)
    further = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token, "client_id": "tv"}
    assert later.when(ExchangeToken(params=further)).result.access_token


def test_device_that_does_not_wait_is_slowed_down() -> None:
    """Section 3.5: the interval holds for questions to all nodes together, approved or not."""
    after, answer = begun()
    after = approved(after.when(poll(answer.device_code)).world.later(seconds=3), answer.user_code).world
    after.when(poll(answer.device_code)).refused(SlowDown)
    assert after.later(seconds=2).when(poll(answer.device_code)).result


def test_of_two_questions_at_the_same_moment_one_gets_the_tokens() -> None:
    """Where both pass the pace, whoever takes the code gets them; the other is told that it is used up."""
    after, answer = begun()
    after = approved(after, answer.user_code).world
    first = after.when(poll(answer.device_code))
    assert first.result.access_token
    raced = after.answerer.copy()
    raced.kept.pop((rfc8628.DEVICE_CODE, answer.device_code))
    replace(after, answerer=raced).when(poll(answer.device_code)).refused(InvalidGrant)


def test_denied_and_expired_are_told_apart() -> None:
    """Section 3.5, for some time after the code has expired."""
    after, answer = begun()
    denied = after.when(DenyDeviceAuthorization(user_code=answer.user_code, session_token=SESSION_TOKEN))
    denied.then(DEVICE_AUTHORIZATION.append("id-1", DeviceDenied(client_id="tv", user_id="ada")))
    assert denied.world.when(poll(answer.device_code)).refused(GrantDenied).status == 400
    after.later(minutes=10).when(poll(answer.device_code)).refused(ExpiredToken)
    late = approved(after.later(minutes=9), answer.user_code).world
    late.later(minutes=1).when(poll(answer.device_code)).refused(ExpiredToken)
    after.later(minutes=20).when(poll(answer.device_code)).refused(InvalidGrant)


def test_code_is_of_no_use_to_another_client_or_instance() -> None:
    """Section 5.2: it is bound to its client; instances share nothing."""
    after, answer = begun()
    after = approved(after, answer.user_code).world
    after.when(poll(answer.device_code, "box")).refused(InvalidGrant)
    after.within("elsewhere").when(poll(answer.device_code)).refused(InvalidClient)
    assert after.when(poll(answer.device_code)).result


@pytest.mark.parametrize(
    "meanwhile",
    [
        USER.append("ada", UserDeactivated()),
        SESSION.append("session-1", SessionEnded()),
        CONSENT.append(
            consent_id("ada", "tv"),
            ConsentGranted(user_id="ada", client_id="tv", scopes=("openid",), granted_at=NOW),
            ConsentRevoked(revoked_at=NOW + timedelta(hours=1)),
        ),
    ],
    ids=["user", "session", "consent"],
)
def test_what_ends_between_approval_and_redemption_counts(meanwhile: Append) -> None:
    """The person is judged anew when tokens are issued."""
    after, answer = begun()
    after = approved(after, answer.user_code).world.given(meanwhile)
    after.when(poll(answer.device_code)).refused(InvalidGrant)


def test_device_of_an_application_that_was_deactivated_is_refused() -> None:
    """Everywhere: on the page, and at the token endpoint."""
    after, answer = begun()
    after = after.given(APPLICATION.append("tv", ApplicationDeactivated()))
    approved(after, answer.user_code).refused(NotFound)
    after.when(poll(answer.device_code)).refused(InvalidClient)


def test_tokens_are_those_of_the_session_that_approved() -> None:
    """Not of another session of the same person, or of whoever else has opened the page before."""
    other = session("session-2", "of-ada-elsewhere")
    after, answer = begun(home().given(other))
    assert after.when(GetDeviceAuthorization(user_code=answer.user_code, session_token=SESSION_TOKEN)).result
    after = approved(after, answer.user_code, token_of("session-2", "of-ada-elsewhere")).world
    assert claims_of(after.when(poll(answer.device_code)).result.access_token)["sid"] == "session-2"
