import json
from datetime import timedelta

import pytest

from hexkeep.core.application.events import ApplicationDeactivated, ApplicationRemoved
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authorization.events import AuthorizationDeactivated, AuthorizationRemoved
from hexkeep.core.authorization.state import AUTHORIZATION
from hexkeep.core.consent.events import ConsentGranted, ConsentRevoked
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.event import Event
from hexkeep.core.key.events import SigningKeyDeactivated
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.core.oidc.errors import (
    InvalidClient,
    InvalidGrant,
    InvalidRequest,
    InvalidScope,
    InvalidToken,
    UnauthorizedClient,
    UnsupportedGrantType,
)
from hexkeep.core.oidc.oidc_core import half_hash
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import LifetimePolicy, LifetimePolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.project.events import ProjectDeactivated, ProjectRemoved, ProjectRoleRemoved
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.events import SessionClientJoined, SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.events import RefreshTokenRotated, TokenFamilyRevoked, TokenFamilyStarted
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo
from hexkeep.core.token.state import GRACE, TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated, UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of, keyed_hash
from hexkeep.testing.decisions import ISSUER, NOW
from tests.unit.core.oidc_world import (
    VERIFIER,
    appended,
    application,
    authorized,
    basic,
    redeem,
    refresh,
    signed_in,
    tokens,
    with_plugin_claims,
    world,
)

OFFLINE = "openid offline_access"
LIFETIMES = LifetimePolicy()
IDLE, LONGEST = LIFETIMES.refresh_token_idle_lifetime, LIFETIMES.refresh_token_lifetime
STOPS = [
    USER.append("ada", UserDeactivated()),
    ORGANIZATION.append("acme", OrganizationDeactivated()),
    SESSION.append("session-1", SessionEnded()),
]


def revoked(reason: str) -> Append:
    """The end of the first family."""
    return TOKEN_FAMILY.append("id-1", TokenFamilyRevoked(reason=reason))


# --- authorization code --------------------------------------------------------------------------------------------


def test_code_gives_an_access_token_of_rfc_9068() -> None:
    """RFC 9068 section 2.2: issuer, subject, audience, client, scope, times, session."""
    after, answer = tokens(world())
    claims = claims_of(answer.access_token)
    now = int(after.now.timestamp())
    assert (claims["iss"], claims["sub"], claims["client_id"]) == (ISSUER, "ada", "web")
    assert (claims["aud"], claims["scope"], claims["sid"]) == (["web", "shop"], "openid", "session-1")
    assert (claims["iat"], claims["exp"], claims["auth_time"]) == (now, now + 900, int(NOW.timestamp()))
    assert (answer.token_type, answer.expires_in, answer.scope) == ("Bearer", 900, "openid")


def test_code_gives_an_id_token_bound_to_nonce_and_access_token() -> None:
    """OIDC Core sections 2 and 3.1.3.6."""
    _, answer = tokens(world(), nonce="n-0S6")
    claims = claims_of(answer.id_token or "")
    assert (claims["iss"], claims["sub"], claims["aud"], claims["nonce"]) == (ISSUER, "ada", "web", "n-0S6")
    assert (claims["amr"], claims["sid"], claims["auth_time"]) == (["pwd"], "session-1", int(NOW.timestamp()))
    assert claims["at_hash"] == half_hash(answer.access_token, "RS256")
    assert {"email", "name"} & claims.keys() == set()


def test_redemption_is_recorded_without_secrets() -> None:
    """The log says who got tokens for what; of a refresh token it has keyed hashes alone."""
    after, code = signed_in(world(), scope=OFFLINE)
    outcome = after.when(redeem(code))
    family_secret, secret = outcome.result.refresh_token.split(".")[1:]
    started = TokenFamilyStarted(
        client_id="web",
        user_id="ada",
        session_id="session-1",
        scopes=("openid", "offline_access"),
        acr="urn:hexkeep:acr:pwd",
        auth_time=NOW,
        started_at=after.now,
        family_hash=keyed_hash("refresh_family", family_secret),
        token_hash=keyed_hash("refresh_token", secret),
    )
    joined = SessionClientJoined(client_id="web", joined_at=after.now)
    outcome.then(TOKEN_FAMILY.append("id-1", started), SESSION.append("session-1", joined))
    assert code not in repr(outcome.changes)


def test_public_client_redeems_with_its_verifier() -> None:
    """RFC 7636 section 4.5: no secret, but proof of possession."""
    _, answer = tokens(world(), "spa")
    assert claims_of(answer.access_token)["client_id"] == "spa"


def test_without_openid_there_is_no_id_token() -> None:
    """Plain OAuth 2.0 is answered as such."""
    _, answer = tokens(world(), scope="email")
    assert answer.id_token is None


@pytest.mark.parametrize(
    "params",
    [
        {"code": "unknown"},
        {"redirect_uri": "https://shop.example.com/other"},
        {"code_verifier": ""},
        {"code_verifier": VERIFIER[::-1]},
        {"code_verifier": "short"},
    ],
    ids=str,
)
def test_code_does_not_leave_its_binding(params: dict[str, str]) -> None:
    """RFC 6749 section 4.1.3, RFC 7636 section 4.6: client, redirect URI and verifier have to fit; nothing is lost."""
    after, code = signed_in(world())
    outcome = after.when(redeem(code, **params))
    outcome.refused(InvalidGrant)
    assert outcome.world.when(redeem(code)).result.access_token


def test_code_is_bound_to_its_client() -> None:
    """Another client, itself authenticated, has no use of a stolen code."""
    after, code = signed_in(world())
    after.when(redeem(code, "strict")).refused(InvalidGrant)


def test_code_expires_after_a_minute() -> None:
    """RFC 9700: short-lived."""
    after, code = signed_in(world())
    assert after.later(seconds=59).when(redeem(code)).result.access_token
    after.later(seconds=60).when(redeem(code)).refused(InvalidGrant)


@pytest.mark.parametrize("wait", [0, 30, 300])
def test_reused_code_revokes_what_it_founded(wait: int) -> None:
    """RFC 6749 section 4.1.2: a second use is refused and ends the tokens of the first, also after it has expired."""
    after, code = signed_in(world(), scope=OFFLINE)
    first = after.when(redeem(code))
    second = first.world.later(seconds=wait).when(redeem(code))
    second.refused(InvalidGrant, revoked("code_reused"))
    second.world.when(refresh(first.result.refresh_token)).refused(InvalidGrant)
    second.world.when(redeem(code)).refused(InvalidGrant)


def test_redemption_that_was_overtaken_by_a_reuse_gives_nothing() -> None:
    """The family was revoked between the claim of the code and the writing: the decision made anew refuses."""
    after, code = signed_in(world())
    after.given(revoked("code_reused")).when(redeem(code)).refused(InvalidGrant)


@pytest.mark.parametrize("change", STOPS, ids=lambda change: change.events[0].type)
def test_code_is_worthless_once_the_person_is_gone(change: Append) -> None:
    """User or organization deactivated, or session ended, before the code was redeemed."""
    after, code = signed_in(world())
    error = InvalidClient if change.ref.type == "organization" else InvalidGrant
    after.given(change).when(redeem(code)).refused(error)


def test_tokens_are_signed_with_the_algorithms_of_the_specifications() -> None:
    """ES256 for access tokens; RS256 for ID tokens (OIDC Core section 15.1). Without a key there is no token."""
    after, code = signed_in(world())
    gone = SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="key-2"))
    after.given(gone).when(redeem(code)).refused(Unavailable)


# --- what tokens say -----------------------------------------------------------------------------------------------


def test_roles_and_organization_are_told_when_asked_for() -> None:
    """The same claims stand in the access token and in the ID token."""
    scope = "openid urn:hexkeep:roles urn:hexkeep:organization"
    _, answer = tokens(world(*authorized("clerk", "gone")), scope=scope)
    for text in (answer.access_token, answer.id_token or ""):
        claims = claims_of(text)
        assert claims["urn:hexkeep:roles"] == {"shop": ["clerk"]}
        assert claims["urn:hexkeep:organization:id"] == "acme"
        assert claims["urn:hexkeep:organization:name"] == "Acme"


def test_nothing_is_told_unasked() -> None:
    """Neither roles nor organization without scope or assertion."""
    _, answer = tokens(world(*authorized("clerk")))
    assert not any(name.startswith("urn:") for name in claims_of(answer.access_token))


def test_project_or_application_may_assert_roles() -> None:
    """Then they come without the scope, also when there are none."""
    _, answer = tokens(world(role_assertion=True))
    assert claims_of(answer.access_token)["urn:hexkeep:roles"] == {"shop": []}
    asserting = application("asserting", role_assertion=True)
    _, answer = tokens(world(asserting, *authorized("clerk")), "asserting")
    assert claims_of(answer.access_token)["urn:hexkeep:roles"] == {"shop": ["clerk"]}


def test_our_own_api_is_an_audience_only_for_applications_that_may() -> None:
    """The scope alone is not enough: the application needs `api_access`."""
    trusted = application("console", api_access=True)
    _, answer = tokens(world(trusted), "console", scope="openid urn:hexkeep:api")
    assert claims_of(answer.access_token)["aud"] == ["console", "shop", ISSUER]
    _, answer = tokens(world(trusted), "console", scope="openid")
    assert claims_of(answer.access_token)["aud"] == ["console", "shop"]
    _, answer = tokens(world(), scope="openid urn:hexkeep:api")
    assert claims_of(answer.access_token)["aud"] == ["web", "shop"]


def test_plugins_add_claims_and_replace_none() -> None:
    """What a plugin says about the subject is added; what has a meaning is ours."""
    _, answer = tokens(with_plugin_claims(world(), department="sales", sub="eve", aud="evil"))
    claims = claims_of(answer.access_token)
    assert (claims["department"], claims["sub"], claims["aud"]) == ("sales", "ada", ["web", "shop"])


# --- refresh -------------------------------------------------------------------------------------------------------


def test_refresh_token_comes_for_offline_access_alone() -> None:
    """The application has to register the grant and ask for the scope."""
    assert tokens(world())[1].refresh_token is None
    assert tokens(world(), scope=OFFLINE)[1].refresh_token
    without = application("without", grant_types=("authorization_code",))
    assert tokens(world(without), "without", scope=OFFLINE)[1].refresh_token is None


def test_refresh_rotates() -> None:
    """RFC 6749 section 6, OIDC Core section 12.2: new tokens for the same sign-in, without a nonce."""
    after, first = tokens(world(), scope=OFFLINE, nonce="n")
    outcome = after.later(hours=1).when(refresh(first.refresh_token or ""))
    second = outcome.result
    assert second.refresh_token not in (None, first.refresh_token)
    assert second.scope == OFFLINE
    claims = claims_of(second.id_token)
    assert (claims["sub"], claims["auth_time"]) == ("ada", int(NOW.timestamp()))
    assert "nonce" not in claims
    assert isinstance(appended(outcome).events[0], RefreshTokenRotated)
    assert outcome.world.later(hours=1).when(refresh(second.refresh_token)).result.refresh_token


def test_old_refresh_token_ends_the_family() -> None:
    """RFC 9700 section 4.14.2: one of two holders is a thief, so nobody keeps a token."""
    after, first = tokens(world(), scope=OFFLINE)
    rotated = after.when(refresh(first.refresh_token or ""))
    later = rotated.world.later(seconds=GRACE.total_seconds())
    reuse = later.when(refresh(first.refresh_token or ""))
    reuse.refused(InvalidGrant, revoked("refresh_token_reused"))
    reuse.world.when(refresh(rotated.result.refresh_token)).refused(InvalidGrant)


def test_lost_answer_is_survived() -> None:
    """Within the grace the token before the present one works once more; the lost one then does not."""
    after, first = tokens(world(), scope=OFFLINE)
    lost = after.when(refresh(first.refresh_token or ""))
    again = lost.world.later(seconds=5).when(refresh(first.refresh_token or ""))
    assert again.world.when(refresh(again.result.refresh_token)).result.access_token
    again.world.when(refresh(lost.result.refresh_token)).refused(InvalidGrant, revoked("refresh_token_reused"))


def test_grace_is_not_prolonged_by_its_use() -> None:
    """Ten seconds from the first rotation, not from the last."""
    after, first = tokens(world(), scope=OFFLINE)
    once = after.when(refresh(first.refresh_token or "")).world.later(seconds=6)
    twice = once.when(refresh(first.refresh_token or "")).world.later(seconds=6)
    twice.when(refresh(first.refresh_token or "")).refused(InvalidGrant, revoked("refresh_token_reused"))


def test_grace_ends_when_the_next_token_is_used() -> None:
    """Once the answer has evidently arrived, the token before it is an old one."""
    after, first = tokens(world(), scope=OFFLINE)
    second = after.when(refresh(first.refresh_token or ""))
    third = second.world.when(refresh(second.result.refresh_token))
    third.world.when(refresh(first.refresh_token or "")).refused(InvalidGrant, revoked("refresh_token_reused"))


@pytest.mark.parametrize("text", ["x", "id-1", "id-1.a.b", "id-9.a.b", "id-1.a.b.c", ".."])
def test_guessed_refresh_token_does_no_harm(text: str) -> None:
    """Who knows no more than the family's id can neither refresh nor revoke."""
    after, answer = tokens(world(), scope=OFFLINE)
    outcome = after.when(refresh(text))
    outcome.refused(InvalidGrant)
    assert outcome.world.when(refresh(answer.refresh_token or "")).result.access_token


def test_refresh_token_is_bound_to_its_client() -> None:
    """RFC 6749 section 6: another client's token is invalid for this one, and stays good for its own."""
    after, answer = tokens(world(), scope=OFFLINE)
    outcome = after.when(refresh(answer.refresh_token or "", "strict"))
    outcome.refused(InvalidGrant)
    assert outcome.world.when(refresh(answer.refresh_token or "")).result.access_token


def test_scope_can_be_narrowed_and_not_widened() -> None:
    """RFC 6749 section 6: less for this access token; the refresh token keeps what was granted."""
    after, answer = tokens(world(), scope=OFFLINE + " email")
    narrowed = after.when(refresh(answer.refresh_token or "", scope="openid"))
    assert (narrowed.result.scope, claims_of(narrowed.result.access_token)["scope"]) == ("openid", "openid")
    widened = narrowed.world.when(refresh(narrowed.result.refresh_token, scope="openid profile"))
    widened.refused(InvalidScope)
    assert narrowed.world.when(refresh(narrowed.result.refresh_token)).result.scope == OFFLINE + " email"


def test_idle_token_is_void() -> None:
    """Thirty days without use."""
    after, answer = tokens(world(), scope=OFFLINE)
    request = refresh(answer.refresh_token or "")
    assert after.at(after.now + IDLE - timedelta(seconds=1)).when(request).result.access_token
    after.at(after.now + IDLE).when(request).refused(InvalidGrant)


def test_no_use_prolongs_a_family_for_ever() -> None:
    """ASVS 10.4.8: after ninety days somebody signs in again, however often the token was used."""
    after, answer = tokens(world(), scope=OFFLINE)
    end, token = after.now + LONGEST, answer.refresh_token or ""
    while after.now + IDLE / 2 < end:
        outcome = after.at(after.now + IDLE / 2).when(refresh(token))
        after, token = outcome.world, outcome.result.refresh_token
    after.at(end).when(refresh(token)).refused(InvalidGrant)


def test_tokens_live_as_long_as_the_policy_of_the_persons_organization_says() -> None:
    """What is issued from now on; a refresh token by what counts when it is used."""
    short = LifetimePolicySet(
        access_token_lifetime=timedelta(minutes=2),
        id_token_lifetime=timedelta(minutes=3),
        refresh_token_idle_lifetime=timedelta(hours=1),
        refresh_token_lifetime=timedelta(hours=2),
    )
    for place in (INSTANCE_POLICIES, "acme"):
        after, answer = tokens(world(POLICIES.append(place, short)), scope=OFFLINE)
        access, id_token = claims_of(answer.access_token), claims_of(answer.id_token or "")
        lives = [int(str(claims["exp"])) - int(str(claims["iat"])) for claims in (access, id_token)]
        assert (*lives, answer.expires_in) == (120, 180, 120)
        after.later(minutes=60).when(refresh(answer.refresh_token or "")).refused(InvalidGrant)
    after, answer = tokens(world(), scope=OFFLINE)
    tightened = after.given(POLICIES.append(INSTANCE_POLICIES, short)).later(minutes=61)
    tightened.when(refresh(answer.refresh_token or "")).refused(InvalidGrant)


def test_offline_access_outlives_the_session_and_not_the_user() -> None:
    """That is what the scope is for; a deactivated user has no tokens at all."""
    after, answer = tokens(world(), scope=OFFLINE)
    ended = after.given(SESSION.append("session-1", SessionEnded()))
    assert ended.when(refresh(answer.refresh_token or "")).result.access_token
    after.given(USER.append("ada", UserDeactivated())).when(refresh(answer.refresh_token or "")).refused(InvalidGrant)


def test_revoked_consent_ends_refresh_tokens() -> None:
    """What was issued before the consent was taken back does not revive with the next one."""
    granted_at = NOW
    granted = ConsentGranted(user_id="ada", client_id="web", scopes=("openid",), granted_at=granted_at)
    after, answer = tokens(world(CONSENT.append(consent_id("ada", "web"), granted)), scope=OFFLINE)
    later = after.later(minutes=1)
    gone = later.given(CONSENT.append(consent_id("ada", "web"), ConsentRevoked(revoked_at=later.now), granted))
    gone.when(refresh(answer.refresh_token or "")).refused(InvalidGrant)
    later, answer = tokens(gone.later(minutes=1), scope=OFFLINE)
    assert later.when(refresh(answer.refresh_token or "")).result.access_token


# --- clients -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("params", "header"),
    [
        ({"client_id": "nobody", "client_secret": "x"}, ""),
        ({}, ""),
        ({}, basic("web", "wrong")),
        ({}, basic("nobody", "x")),
        ({"client_id": "web"}, ""),
        ({"client_id": "web", "client_secret": "secret of web"}, ""),
        ({}, basic("spa", "x")),
        ({"client_id": "spa", "client_secret": "x"}, ""),
        ({}, "Bearer x"),
    ],
    ids=str,
)
def test_client_authenticates_exactly_as_registered(params: dict[str, str], header: str) -> None:
    """RFC 6749 section 5.2: unknown, wrong secret, wrong method and no credentials are one error."""
    request = ExchangeToken(params={"grant_type": "authorization_code", "code": "x"} | params, authorization=header)
    error = world().when(request).refused(InvalidClient)
    assert error.message == InvalidClient.title
    assert bool(getattr(error, "challenge", "")) is bool(header)


def test_post_method_is_for_who_registered_it() -> None:
    """RFC 6749 section 2.3.1: the secret in the body."""
    posting = application("posting", auth_method="post")
    after, code = signed_in(world(posting), "posting")
    request = redeem(code, "posting", client_secret="secret of posting")
    after.when(request).refused(InvalidRequest)
    assert after.when(request.model_copy(update={"authorization": ""})).result.access_token


def test_deactivated_application_is_no_client() -> None:
    """It authenticates no more, so its refresh tokens are of no use."""
    after, answer = tokens(world(), scope=OFFLINE)
    gone = after.given(APPLICATION.append("web", ApplicationDeactivated()))
    gone.when(refresh(answer.refresh_token or "")).refused(InvalidClient)


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"grant_type": ""}, InvalidRequest),
        ({"grant_type": "password"}, UnsupportedGrantType),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:saml2-bearer"}, UnsupportedGrantType),
        ({"code": ""}, InvalidRequest),
        ({"redirect_uri": ""}, InvalidRequest),
    ],
    ids=str,
)
def test_malformed_requests_name_their_error(params: dict[str, str], error: type[InvalidRequest]) -> None:
    """RFC 6749 section 5.2."""
    after, code = signed_in(world())
    after.when(redeem(code, **params)).refused(error)


def test_repeated_parameter_is_refused() -> None:
    """RFC 6749 section 3.2."""
    after, code = signed_in(world())
    after.when(redeem(code).model_copy(update={"repeated": ("code",)})).refused(InvalidRequest)


def test_grant_has_to_be_registered() -> None:
    """RFC 6749 section 5.2: `unauthorized_client`."""
    only = application("only", grant_types=("authorization_code",))
    world(only).when(refresh("a.b.c", "only")).refused(UnauthorizedClient)


# --- client credentials --------------------------------------------------------------------------------------------


def credentials(client_id: str, secret: str = "", **params: str) -> ExchangeToken:
    """A client credentials request with the secret in the header."""
    return ExchangeToken(params={"grant_type": "client_credentials"} | params, authorization=basic(client_id, secret))


def test_machine_user_gets_a_token_for_itself() -> None:
    """RFC 6749 section 4.4: subject and client are the user; for our API when it asks."""
    answer = world().when(credentials("robot", scope="urn:hexkeep:api urn:hexkeep:organization openid")).then().result
    claims = claims_of(answer.access_token)
    assert (claims["sub"], claims["client_id"], claims["aud"]) == ("robot", "robot", ["robot", ISSUER])
    assert claims["urn:hexkeep:organization:id"] == "acme"
    assert {"sid", "auth_time"} & claims.keys() == set()
    assert (answer.refresh_token, answer.id_token) == (None, None)
    assert answer.scope == "urn:hexkeep:api urn:hexkeep:organization"


def test_machine_user_asks_before_it_may_call_our_api() -> None:
    """Without the scope the token is no key to it."""
    answer = world().when(credentials("robot")).result
    assert claims_of(answer.access_token)["aud"] == ["robot"]


@pytest.mark.parametrize(("user", "secret"), [("robot", "wrong"), ("ada", "secret of robot"), ("ada", "x")])
def test_only_the_machine_itself_gets_one(user: str, secret: str) -> None:
    """A wrong secret, or a person, who has no client secret."""
    world().when(credentials(user, secret)).refused(InvalidClient)


def test_inactive_machine_is_no_client() -> None:
    """Deactivated users get no tokens."""
    world(USER.append("robot", UserDeactivated())).when(credentials("robot")).refused(InvalidClient)


def test_application_gets_a_token_for_itself() -> None:
    """For its own project's APIs, and never for ours: there is no user behind it."""
    answer = world(application("console", api_access=True)).when(credentials("console", scope="urn:hexkeep:api")).result
    claims = claims_of(answer.access_token)
    assert (claims["sub"], claims["aud"], answer.scope) == ("console", ["console", "shop"], "")


def test_public_or_unregistered_application_gets_none() -> None:
    """RFC 6749 section 4.4: for confidential clients alone, and for those that registered it."""
    request = ExchangeToken(params={"grant_type": "client_credentials", "client_id": "spa"})
    world().when(request).refused(UnauthorizedClient)
    only = application("only", grant_types=("authorization_code",))
    world(only).when(credentials("only")).refused(UnauthorizedClient)


# --- another password, and the right to use the application --------------------------------------------------------

ANOTHER_PASSWORD = USER.append("ada", UserPasswordSet(hash="x", change_required=False))


def test_another_password_ends_codes_and_refresh_tokens() -> None:
    """RFC 9700 section 4.14.2: what a leaked password opened ends with it, offline access included."""
    after, code = signed_in(world(), scope=OFFLINE)
    after.given(ANOTHER_PASSWORD).when(redeem(code)).refused(InvalidGrant)
    after, answer = tokens(world(), scope=OFFLINE)
    after.given(ANOTHER_PASSWORD).when(refresh(answer.refresh_token or "")).refused(InvalidGrant)


@pytest.mark.parametrize("event", [AuthorizationDeactivated(), AuthorizationRemoved()], ids=lambda event: event.type)
def test_who_may_not_use_the_application_any_more_gets_no_tokens(event: Event) -> None:
    """Where a project lets in only who is authorized, that holds for codes and refresh tokens as well."""
    start = world(*authorized("clerk"), authorization_required=True)
    gone = AUTHORIZATION.append("auth-1", event)
    after, code = signed_in(start, scope=OFFLINE)
    after.given(gone).when(redeem(code)).refused(InvalidGrant)
    after, answer = tokens(start, scope=OFFLINE)
    assert after.when(refresh(answer.refresh_token or "")).result.access_token
    after.given(gone).when(refresh(answer.refresh_token or "")).refused(InvalidGrant)


@pytest.mark.parametrize(
    "gone",
    [
        AUTHORIZATION.append("auth-1", AuthorizationDeactivated()),
        AUTHORIZATION.append("auth-1", AuthorizationRemoved()),
        PROJECT.append("shop", ProjectRoleRemoved(key="clerk")),
    ],
    ids=lambda change: change.events[0].type,
)
def test_roles_end_at_once_with_what_grants_them(gone: Append) -> None:
    """The next token and userinfo have no role that the authorization or the project does not have."""
    scope = f"{OFFLINE} urn:hexkeep:roles"
    after, answer = tokens(world(*authorized("clerk")), scope=scope)
    assert claims_of(answer.access_token)["urn:hexkeep:roles"] == {"shop": ["clerk"]}
    later = after.given(gone)
    refreshed = later.when(refresh(answer.refresh_token or "")).result
    assert claims_of(refreshed.access_token)["urn:hexkeep:roles"] == {"shop": []}
    document = json.loads(later.when(GetUserInfo(access_token=answer.access_token)).result.document)
    assert document["urn:hexkeep:roles"] == {"shop": []}


@pytest.mark.parametrize(
    "gone",
    [
        PROJECT.append("shop", ProjectDeactivated()),
        PROJECT.append("shop", ProjectRemoved()),
        ORGANIZATION.append("acme", OrganizationDeactivated()),
        APPLICATION.append("web", ApplicationRemoved()),
    ],
    ids=lambda change: change.events[0].type,
)
def test_tokens_end_at_once_with_the_applications_parents(gone: Append) -> None:
    """Neither code nor refresh token nor access token is worth anything without application, project, organization."""
    after, code = signed_in(world(), scope=OFFLINE)
    after.given(gone).when(redeem(code)).refused(InvalidClient)
    after, answer = tokens(world(), scope=OFFLINE)
    after.given(gone).when(refresh(answer.refresh_token or "")).refused(InvalidClient)
    after.given(gone).when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)
