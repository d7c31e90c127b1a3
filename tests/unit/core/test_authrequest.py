from datetime import timedelta

import pytest

from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authrequest.events import (
    AccountChosen,
    AuthorizationCodeIssued,
    AuthorizationRefused,
    AuthorizationRequested,
)
from hexkeep.core.authrequest.messages import (
    ContinueAuthorization,
    DenyAuthorization,
    GetAuthRequest,
    StartAuthorization,
)
from hexkeep.core.authrequest.state import AUTH_REQUEST, LIFETIME
from hexkeep.core.consent.messages import GrantConsent
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import FailedPrecondition, NotFound
from hexkeep.core.oidc.errors import InvalidRedirectUri
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import LoginPolicySet
from hexkeep.core.policy.state import POLICIES
from hexkeep.core.project.events import ProjectDeactivated
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionEnded, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.user.events import UserDeactivated, UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.factors import totp
from tests.unit.core.oidc_world import (
    PKCE,
    REDIRECT_URI,
    SESSION_TOKEN,
    appended,
    application,
    authorized,
    resume,
    session,
    start,
    tokens,
    told,
    world,
)

CANNOT_REDIRECT = [
    {"client_id": "nobody"},
    {"client_id": ""},
    {"redirect_uri": ""},
    {"redirect_uri": "https://evil.example.com/cb"},
    {"redirect_uri": REDIRECT_URI + "?x=1"},
    {"redirect_uri": REDIRECT_URI + "/"},
    {"redirect_uri": REDIRECT_URI + "#f"},
    {"redirect_uri": "https://shop.example.com@evil.example.com/cb"},
    {"redirect_uri": "javascript:alert(1)"},
]
REDIRECTED_ERRORS = [
    ({"response_type": ""}, "invalid_request"),
    ({"response_type": "token"}, "unsupported_response_type"),
    ({"response_type": "code id_token", "nonce": "n"}, "unauthorized_client"),
    ({"response_mode": "web_message"}, "unsupported_response_mode"),
    ({"scope": 'open"id'}, "invalid_scope"),
    ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": ""}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"),
    ({"prompt": "none login"}, "invalid_request"),
    ({"prompt": "none select_account"}, "invalid_request"),
    ({"prompt": "create"}, "invalid_request"),
    ({"prompt": "none create"}, "invalid_request"),
    ({"state": "s" * 4097}, "invalid_request"),
    ({"max_age": "soon"}, "invalid_request"),
    ({"request": "e30."}, "invalid_request_object"),
    ({"request": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request_object"),
    ({"request_uri": "https://shop.example.com/r"}, "request_uri_not_supported"),
    ({"registration": "{}"}, "registration_not_supported"),
    ({"id_token_hint": "not.a.token"}, "invalid_request"),
    ({"nonce": "n" * 4097}, "invalid_request"),
]


def checked_again(before: World, seconds: float = 5) -> World:
    """The world after Ada gave her password once more."""
    later = before.later(seconds=seconds)
    return later.given(SESSION.append("session-1", SessionPasswordChecked(checked_at=later.now)))


def test_session_goes_straight_on_to_a_code() -> None:
    """RFC 6749 section 4.1.2, RFC 9207: code, state and issuer go back, and both facts are recorded."""
    outcome = world().when(start())
    assert told(outcome.result) == {"code": "secret-1", "state": "xyz", "iss": ISSUER}
    assert outcome.result.redirect_to.startswith(REDIRECT_URI + "?")
    append = appended(outcome)
    assert append.ref == AUTH_REQUEST.ref("id-1")
    assert append.events[1] == AuthorizationCodeIssued(user_id="ada", session_id="session-1")


def test_code_can_come_in_the_fragment() -> None:
    """Multiple Response Type Encoding Practices section 2.1: the client chooses the mode."""
    step = world().when(start(response_mode="fragment")).result
    assert step.redirect_to.startswith(REDIRECT_URI + "#code=")


@pytest.mark.parametrize("params", CANNOT_REDIRECT, ids=str)
def test_nothing_is_redirected_to_an_unregistered_place(params: dict[str, str]) -> None:
    """RFC 6749 section 4.1.2.1: unknown client or redirect URI is told to the person, never redirected."""
    world().when(start(**params)).refused(InvalidRedirectUri)


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_ambiguous_address_is_no_address(name: str) -> None:
    """Which of two clients or redirect URIs is meant is not guessed."""
    request = StartAuthorization(params=start().params, repeated=(name,), session_token=SESSION_TOKEN)
    world().when(request).refused(InvalidRedirectUri)


@pytest.mark.parametrize(
    "change",
    [
        APPLICATION.append("web", ApplicationDeactivated()),
        PROJECT.append("shop", ProjectDeactivated()),
        ORGANIZATION.append("acme", OrganizationDeactivated()),
    ],
    ids=lambda change: change.ref.type,
)
def test_inactive_application_is_unknown(change: Append) -> None:
    """An application, project or organization that was switched off signs nobody in."""
    world(change).when(start()).refused(InvalidRedirectUri)


@pytest.mark.parametrize(("params", "error"), REDIRECTED_ERRORS, ids=str)
def test_errors_go_back_to_the_application(params: dict[str, str], error: str) -> None:
    """RFC 6749 section 4.1.2.1: with a valid address the error is redirected, with state and issuer, unwritten."""
    outcome = world().when(start("spa", **params)).then()
    answer = told(outcome.result)
    assert (answer["error"], answer["iss"]) == (error, ISSUER)
    assert answer.get("state") == (None if "state" in params else "xyz")
    assert "code" not in answer


def test_repeated_parameter_is_an_error_without_an_ambiguous_state() -> None:
    """RFC 6749 section 3.1: parameters come once; of two states none is echoed."""
    request = StartAuthorization(params=start().params, repeated=("state",), session_token=SESSION_TOKEN)
    answer = told(world().when(request).result)
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


def test_public_client_needs_pkce_and_confidential_one_does_not() -> None:
    """RFC 9700 section 2.1.1: who has no secret proves possession of the verifier."""
    without = dict.fromkeys(PKCE, "")
    assert told(world().when(start("spa", **without)).result)["error"] == "invalid_request"
    assert "code" in told(world().when(start("web", **without)).result)


def test_application_without_the_grant_is_not_answered() -> None:
    """RFC 6749 section 4.1.2.1: `unauthorized_client`."""
    only = application("machine-only", grant_types=("client_credentials",))
    assert told(world(only).when(start("machine-only")).result)["error"] == "unauthorized_client"


def test_unknown_parameters_and_scopes_are_ignored() -> None:
    """OIDC Core section 3.1.2.1: what is not understood does no harm; unregistered abilities are not granted."""
    scope = "openid addresses surprise offline_access urn:hexkeep:api"
    outcome = world(application("plain", grant_types=("authorization_code",))).when(
        start("plain", scope=scope, extra="1", acr_values="1", display="page", claims="{}")
    )
    assert "code" in told(outcome.result)
    requested = appended(outcome).events[0]
    assert isinstance(requested, AuthorizationRequested)
    assert requested.scopes == ("openid",)


@pytest.mark.parametrize("token", ["", "garbage", "hks_session-1_wrong", "hks_unknown_of-ada"])
def test_without_a_session_somebody_signs_in(token: str) -> None:
    """No cookie, a broken or a wrong one: the login page, with what it needs."""
    step = world().when(start(token=token, login_hint="ada@example.com")).result
    assert (step.kind, step.auth_request_id, step.client_name) == ("login", "id-1", "Web")
    assert step.login_hint == "ada@example.com"


def test_login_hint_is_kept_and_not_logged() -> None:
    """The page gets the hint again; the log, which is never cleaned of it, does not."""
    outcome = world().when(start(token="", login_hint="ada@example.com"))
    assert "ada@example.com" not in repr(outcome.changes)
    assert outcome.world.when(GetAuthRequest(auth_request_id="id-1")).result.login_hint == "ada@example.com"


@pytest.mark.parametrize(
    "change",
    [
        SESSION.append("session-1", SessionEnded()),
        USER.append("ada", UserDeactivated()),
        USER.append("ada", UserPasswordSet(hash="x", change_required=True)),
        USER.append("ada", UserPasswordSet(hash="x", change_required=False)),
    ],
    ids=repr,
)
def test_session_that_does_not_count_leads_to_the_login_page(change: Append) -> None:
    """An ended session, an inactive user, a password that has to be changed first or was changed since: no code."""
    assert world(change).when(start()).result.kind == "login"


def test_sign_in_counts_for_as_long_as_the_login_policy_says() -> None:
    """Then the password is asked for again, although the session goes on."""
    hourly = POLICIES.append("acme", LoginPolicySet(password_check_lifetime=timedelta(hours=1)))
    assert world(hourly).at(NOW + timedelta(minutes=60)).when(start()).result.kind == "redirect"
    late = NOW + timedelta(minutes=61)
    assert world(hourly).at(late).when(start()).result.kind == "login"
    assert world().at(late).when(start()).result.kind == "redirect"


def test_sign_in_continues_to_the_code() -> None:
    """After the login page the request goes on, once."""
    after = world().when(start(token="")).world
    outcome = after.when(resume("id-1"))
    assert told(outcome.result)["state"] == "xyz"
    outcome.world.when(resume("id-1")).refused(FailedPrecondition)


def test_continuing_without_a_session_shows_the_login_page_again() -> None:
    """Nothing is written until somebody has signed in."""
    after = world().when(start(token="")).world
    assert after.when(resume("id-1", "")).then().result.kind == "login"


def test_request_ends_with_its_lifetime() -> None:
    """A login page left open over night signs nobody in; an id that never was is not found."""
    after = world().when(start(token="")).world
    after.at(after.now + LIFETIME).when(resume("id-1")).refused(FailedPrecondition)
    after.when(resume("id-2")).refused(NotFound)


def test_application_is_judged_again_when_the_request_continues() -> None:
    """Deactivated meanwhile, it gets no code, and nothing is redirected."""
    after = world().when(start(token="")).world.given(APPLICATION.append("web", ApplicationDeactivated()))
    after.when(resume("id-1")).refused(InvalidRedirectUri)


def test_prompt_none_never_shows_a_page() -> None:
    """OIDC Core section 3.1.2.1: silent success, or an error at once."""
    assert "code" in told(world().when(start(prompt="none")).result)
    assert told(world().when(start(token="", prompt="none")).result)["error"] == "login_required"
    assert told(world().when(start("strict", prompt="none")).result)["error"] == "consent_required"


@pytest.mark.parametrize("params", [{"prompt": "login"}, {"max_age": "1"}], ids=str)
def test_fresh_sign_in_is_demanded_and_then_enough(params: dict[str, str]) -> None:
    """OIDC Core section 3.1.2.1: the password is asked for again, and one given for this request counts."""
    outcome = world().when(start(**params))
    assert outcome.result.kind == "login"
    assert outcome.world.when(resume("id-1")).result.kind == "login"
    signed = checked_again(outcome.world).later(seconds=30)
    assert "code" in told(signed.when(resume("id-1")).result)


def test_account_is_chosen_before_anything_else() -> None:
    """OIDC Core section 3.1.2.1, `select_account`: a choice on our page counts for this request, as a sign-in does."""
    outcome = world().when(start(prompt="select_account"))
    assert outcome.result.kind == "select_account"
    assert outcome.world.when(resume("id-1")).result.kind == "select_account"
    chosen = ContinueAuthorization(auth_request_id="id-1", session_token=SESSION_TOKEN, account_chosen=True)
    after = outcome.world.when(chosen)
    assert "code" in told(after.result)
    assert appended(after).events[0] == AccountChosen(session_id="session-1")
    assert "code" in told(checked_again(outcome.world).when(resume("id-1")).result)
    assert after.world.when(start(prompt="select_account")).result.kind == "select_account"


def test_choice_is_of_one_session_and_replaces_no_sign_in() -> None:
    """Chosen with one session, the request does not go on with another; `login` asks for the password all the same."""
    outcome = world().when(start(prompt="select_account login"))
    chosen = ContinueAuthorization(auth_request_id="id-1", session_token=SESSION_TOKEN, account_chosen=True)
    after = outcome.world.when(chosen)
    assert after.result.kind == "login"
    other = after.world.given(session("session-2", "of-ada-2"))
    assert other.later(seconds=1).when(resume("id-1", "hks_session-2_of-ada-2")).result.kind == "select_account"
    nobody = ContinueAuthorization(auth_request_id="id-1", session_token="", account_chosen=True)
    assert outcome.world.when(nobody).then().result.kind == "select_account"


def test_unfinished_sign_in_needs_interaction() -> None:
    """OIDC Core section 3.1.2.6: somebody is there, but has a password to choose or a factor to prove first."""
    change = USER.append("ada", UserPasswordSet(hash="x", change_required=True))
    renewed = SESSION.append("session-1", SessionPasswordChecked(checked_at=NOW, password_version=1))
    answer = told(world(change, renewed).when(start(prompt="none")).result)
    assert answer["error"] == "interaction_required"
    assert told(world(totp()).when(start(prompt="none")).result)["error"] == "interaction_required"


def test_recent_sign_in_satisfies_max_age() -> None:
    """The password was given five minutes ago; ten are allowed."""
    assert "code" in told(world().when(start(max_age="600")).result)


def test_consent_is_asked_once() -> None:
    """A remembered consent is not asked for again; new scopes are."""
    outcome = world().when(start("strict", scope="openid email"))
    assert (outcome.result.kind, outcome.result.scopes) == ("consent", ("openid", "email"))
    after = outcome.world.when(GrantConsent(auth_request_id="id-1", session_token=SESSION_TOKEN)).world
    outcome = after.when(resume("id-1"))
    assert "code" in told(outcome.result)
    assert "code" in told(outcome.world.when(start("strict", scope="openid")).result)
    assert outcome.world.when(start("strict", scope="openid profile")).result.kind == "consent"


def test_prompt_consent_asks_although_it_is_remembered() -> None:
    """OIDC Core section 3.1.2.1: the consent has to be given for this very request."""
    first = world().when(start(prompt="consent"))
    assert first.result.kind == "consent"
    consented = first.world.when(GrantConsent(auth_request_id="id-1", session_token=SESSION_TOKEN)).world
    assert "code" in told(consented.when(resume("id-1")).result)
    assert consented.later(minutes=1).when(start(prompt="consent")).result.kind == "consent"


def test_denial_is_told_and_ends_the_request() -> None:
    """RFC 6749 section 4.1.2.1: `access_denied`."""
    after = world().when(start("strict")).world
    outcome = after.when(DenyAuthorization(auth_request_id="id-1"))
    outcome.then(AUTH_REQUEST.append("id-1", AuthorizationRefused(error="access_denied")))
    assert told(outcome.result)["error"] == "access_denied"
    outcome.world.when(resume("id-1")).refused(FailedPrecondition)


def test_project_may_insist_on_an_authorization() -> None:
    """Without one the person may not use the project's applications."""
    answer = told(world(authorization_required=True).when(start()).result)
    assert answer["error"] == "access_denied"
    assert "code" in told(world(*authorized("clerk"), authorization_required=True).when(start()).result)


def test_hint_names_who_has_to_be_signed_in() -> None:
    """OIDC Core section 3.1.2.1: an ID token of ours, even an expired one, says who is asked for."""
    after, answer = tokens(world())
    later = after.later(hours=2)
    assert "code" in told(later.when(start(prompt="none", id_token_hint=answer.id_token or "")).result)


def test_another_person_than_the_hinted_one_is_refused() -> None:
    """First the login page is shown; who then signs in as somebody else gets `login_required`."""
    after, answer = tokens(world())
    other = after.given(*_eve(after), session("session-2", "of-eve", "eve"))
    hint = answer.id_token or ""
    silent = other.when(start(token="hks_session-2_of-eve", prompt="none", id_token_hint=hint))
    assert told(silent.result)["error"] == "login_required"
    outcome = other.when(start(token="hks_session-2_of-eve", id_token_hint=hint))
    assert outcome.result.kind == "login"
    now = outcome.world.now + timedelta(seconds=9)
    signed = outcome.world.at(now).given(SESSION.append("session-2", SessionPasswordChecked(checked_at=now)))
    request_id = outcome.result.auth_request_id
    assert told(signed.when(resume(request_id, "hks_session-2_of-eve")).result)["error"] == "login_required"


def _eve(before: World) -> tuple[Append, ...]:
    ada = next(one for one in before.history("main").recorded if one.aggregate_id == "ada")
    return (USER.append("eve", ada.event),)


def test_page_is_told_what_it_shows() -> None:
    """Client, scopes and languages; nothing secret, and nothing for the page's policy: a site is meant."""
    after = world().when(start(token="", scope="openid email", ui_locales="de-CH fr <script>")).world
    details = after.when(GetAuthRequest(auth_request_id="id-1")).result
    assert (details.client_id, details.client_name, details.scopes) == ("web", "Web", ("openid", "email"))
    assert (details.ui_locales, details.form_target) == (("de-CH", "fr"), "")
