from dataclasses import replace

import pytest
from pydantic import JsonValue

from hexkeep.core.application.events import (
    ApplicationDeactivated,
    ApplicationRemoved,
    OidcApplicationAdded,
    OidcApplicationChanged,
)
from hexkeep.core.application.settings import settings_of
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.authorization.events import AuthorizationDeactivated, AuthorizationRemoved
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.consent.events import ConsentGranted, ConsentRevoked
from hexkeep.core.consent.state import CONSENT, consent_id
from hexkeep.core.identity import MAX_TOKEN, identify
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import Unauthenticated
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import ANONYMOUS, PUBLIC, ROLES, Level, Membership, Role, Scope
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, created
from hexkeep.core.membership.events import MembershipAdded
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.oidc.possession import Presented
from hexkeep.core.oidc.rfc9068 import LEEWAY_SECONDS
from hexkeep.core.organization.events import OrganizationDeactivated, OrganizationRemoved
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import SecurityPolicySet
from hexkeep.core.policy.state import INSTANCE_POLICIES, POLICIES
from hexkeep.core.project.events import ProjectAdded, ProjectDeactivated, ProjectRemoved, ProjectRoleAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.session.commands import CreateSession, EndMySession
from hexkeep.core.slices import SLICES
from hexkeep.core.token.events import TokenFamilyRevoked, TokenFamilyStarted
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated, UserPasswordSet
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import jwt, password_hash, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, Kit, World
from tests.unit.core.people import PASSWORD, caller, human, machine, organization, owner_of_organization
from tests.unit.core.worlds import added


class WhoAmI(Message):
    """A token."""

    token: str


class Identified(Message):
    """The caller it stands for."""

    actor: str
    organization_id: str
    session_id: str
    client_id: str
    memberships: str


def who_am_i(request: WhoAmI, ctx: Context) -> Decision[Identified]:
    """Identify the token's caller."""
    found = identify(Presented(request.token), ctx)
    return Decision(
        Identified(
            actor=found.actor,
            organization_id=found.organization_id,
            session_id=found.session_id,
            client_id=found.client_id,
            memberships=repr(found.memberships),
        )
    )


DOOR = Slice("door", operations=(Operation("WhoAmI", ApiName.PROTOCOL, WhoAmI, Identified, PUBLIC, who_am_i),))
KIT = Kit(*SLICES, DOOR)
KEY, STRANGE_KEY = signing_key("ES256", 1), signing_key("ES256", 2)
SECONDS = int(NOW.timestamp())
CLAIMS: dict[str, JsonValue] = {
    "iss": ISSUER,
    "sub": "ada",
    "aud": ["client", ISSUER],
    "client_id": "client",
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "jti": "family.1",
    "sid": "id-1",
}
OF_ROBOT: dict[str, JsonValue] = {"sub": "robot", "client_id": "robot", "jti": "1", "sid": None}
SESSION_TOKEN = "hks_id-1_secret-1"
CONSENT_ID = consent_id("ada", "client")


def world() -> World:
    """Ada owns an organization with a program in it and is signed in, here and to an application with API access."""
    people = (*organization(), *human("ada"), *machine("robot"), *owner_of_organization("ada"))
    people = (*people, *organization("maker"), *signed_in_to_an_application())
    keys = SIGNING_KEYS.append(SIGNING_KEYS_ID, created(KEY), SigningKeyActivated(key_id="key-1"))
    start = KIT.given(*people, keys).as_(ANONYMOUS)
    return start.when(CreateSession(login_name="ada", password=PASSWORD)).world


def signed_in_to_an_application() -> tuple[Change, ...]:
    """An application that lets in who is authorized, as Ada is, and Ada's tokens for it."""
    project = ProjectAdded(organization_id="maker", name="Shop", role_assertion=False, authorization_required=True)
    application = OidcApplicationAdded(
        organization_id="maker",
        project_id="shop",
        name="Console",
        application_type="spa",
        auth_method="none",
        secret_hash="",
        redirect_uris=("https://console.example.com/cb",),
        post_logout_redirect_uris=(),
        grant_types=("authorization_code",),
        consent_required=True,
        api_access=True,
        role_assertion=False,
    )
    family = TokenFamilyStarted(
        client_id="client",
        user_id="ada",
        session_id="id-1",
        scopes=("openid",),
        auth_time=NOW,
        password_version=1,
        started_at=NOW,
    )
    return (
        PROJECT.append("shop", project, ProjectRoleAdded(key="clerk", display_name="Clerk", group="")),
        APPLICATION.append("client", application),
        AUTHORIZATION.append("grant", added("ada", organization_id="maker", roles=("clerk",))),
        Claim(authorization_key("ada", "shop"), AUTHORIZATION.ref("grant")),
        CONSENT.append(
            CONSENT_ID, ConsentGranted(user_id="ada", client_id="client", scopes=("openid",), granted_at=NOW)
        ),
        TOKEN_FAMILY.append("family", family),
    )


def token(**changes: JsonValue) -> str:
    """An access token for Ada with some claims changed, or with ``None`` left out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return jwt(KEY.private, "at+jwt", claims)


def refused(start: World, presented: str) -> None:
    """Insist that a token stands for nobody, and that the answer does not say why."""
    error = start.when(WhoAmI(token=presented)).refused(Unauthenticated)
    assert error.message == Unauthenticated.title
    assert error.details == {}


# --- session tokens ------------------------------------------------------------------------------------------------


def test_session_token_stands_for_its_user() -> None:
    """The caller is the session's user with all that the user holds."""
    found = world().when(WhoAmI(token=SESSION_TOKEN)).result
    held = (Membership(ROLES["ORGANIZATION_OWNER"], Scope(Level.ORGANIZATION, "acme")),)
    assert (found.actor, found.organization_id, found.session_id, found.client_id) == ("ada", "acme", "id-1", "")
    assert found.memberships == repr(held)


@pytest.mark.parametrize(
    "presented", ["", "hks_", "hks_id-1", "hks_id-1_", "hks_id-1_secret-2", "hks_id-2_secret-1", "hks_id-1_secret-1 "]
)
def test_wrong_session_token_is_refused(presented: str) -> None:
    """Id and secret must both be right."""
    refused(world(), presented)


def test_session_that_is_over_is_refused() -> None:
    """An ended session ends at once, and every session after its lifetime."""
    ended = world().as_(caller("ada")).when(EndMySession(session_id="id-1")).world
    refused(ended.as_(ANONYMOUS), SESSION_TOKEN)
    refused(world().later(hours=12), SESSION_TOKEN)
    assert world().later(hours=11, minutes=59).when(WhoAmI(token=SESSION_TOKEN)).result.actor == "ada"


def test_session_without_a_proof_stands_for_nobody() -> None:
    """A session that was begun for a user does not speak for the user before the password was checked."""
    trusted = world().as_(caller("eve", "INSTANCE_OWNER"))
    opened = trusted.when(CreateSession(login_name="ada"))
    refused(opened.world.as_(ANONYMOUS), opened.result.session_token)


# --- access tokens -------------------------------------------------------------------------------------------------


def test_access_token_of_who_impersonates_stands_for_nobody() -> None:
    """Even one with our API for its audience, which is not issued: nobody changes an account in another one's name."""
    family = TokenFamilyStarted(
        client_id="client",
        user_id="ada",
        session_id="id-1",
        scopes=("openid",),
        auth_time=NOW,
        password_version=1,
        started_at=NOW,
    )
    boss = (
        *human("boss"),
        MEMBERSHIPS.append(
            "boss",
            MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("INSTANCE_OWNER",)),
        ),
        POLICIES.append(INSTANCE_POLICIES, SecurityPolicySet(impersonation_allowed=True)),
    )
    presented = token(sid="id-1", jti="other.token", act={"sub": "boss"})
    own = world().given(*boss, TOKEN_FAMILY.append("other", family))
    assert own.when(WhoAmI(token=presented)).result.actor == "ada"
    acting = world().given(*boss, TOKEN_FAMILY.append("other", family.model_copy(update={"actor_id": "boss"})))
    refused(acting, presented)


def test_access_token_stands_for_its_subject() -> None:
    """The caller is the subject, acting through the client and, if there is one, in the session."""
    found = world().when(WhoAmI(token=token(sid="id-1"))).result
    assert (found.actor, found.organization_id, found.session_id, found.client_id) == ("ada", "acme", "id-1", "client")
    assert "ORGANIZATION_OWNER" in found.memberships


def test_program_is_identified_by_its_access_token() -> None:
    """Client credentials lead to a machine user."""
    assert world().when(WhoAmI(token=token(**OF_ROBOT))).result.actor == "robot"


def test_audience_may_be_a_single_string() -> None:
    """RFC 7519 section 4.1.3 allows both forms."""
    assert world().when(WhoAmI(token=token(aud=ISSUER))).result.actor == "ada"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example.com"},
        {"iss": None},
        {"iss": [ISSUER]},
        {"aud": "client"},
        {"aud": ["client"]},
        {"aud": None},
        {"aud": []},
        {"aud": {ISSUER: True}},
        {"sub": None},
        {"sub": ""},
        {"sub": "nobody-known"},
        {"sub": 7},
        {"sub": "robot"},
        {"client_id": "another"},
        {"client_id": "robot"},
        {"jti": "1"},
        {"jti": "another.1"},
        {"sid": None},
        {"sid": "another"},
        {"exp": None},
        {"exp": "never"},
        {"exp": True},
        {"exp": SECONDS},
        {"iat": None},
        {"iat": SECONDS + LEEWAY_SECONDS + 1},
        {"nbf": SECONDS + LEEWAY_SECONDS + 1},
        {"nbf": "tomorrow"},
    ],
    ids=str,
)
def test_access_token_with_wrong_claims_is_refused(changes: dict[str, JsonValue]) -> None:
    """Issuer, audience, times and subject must all hold; a missing one does not."""
    refused(world(), token(**changes))


@pytest.mark.parametrize(
    "changes",
    [{"exp": SECONDS + 1}, {"iat": SECONDS + LEEWAY_SECONDS}, {"nbf": SECONDS + LEEWAY_SECONDS}],
    ids=str,
)
def test_clocks_may_differ_a_little(changes: dict[str, JsonValue]) -> None:
    """Nodes whose clocks are seconds apart accept each other's tokens."""
    assert world().when(WhoAmI(token=token(**changes))).result.actor == "ada"


def test_only_published_keys_count() -> None:
    """A key that rests verifies, and one that another node may have begun to use; a removed or foreign one does not."""
    rests = world().given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="key-1")))
    assert rests.when(WhoAmI(token=token())).result.actor == "ada"
    refused(rests.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyRemoved(key_id="key-1"))), token())
    foreign = jwt(STRANGE_KEY.private, "at+jwt", CLAIMS)
    refused(world(), foreign)
    made = world().given(SIGNING_KEYS.append(SIGNING_KEYS_ID, created(STRANGE_KEY)))
    assert made.when(WhoAmI(token=foreign)).result.actor == "ada"


@pytest.mark.parametrize("type_", ["JWT", "", "logout+jwt"])
def test_other_kinds_of_jwt_are_refused(type_: str) -> None:
    """An ID token is no access token, though the same key signed it (RFC 8725 section 3.11)."""
    refused(world(), jwt(KEY.private, type_, CLAIMS))


@pytest.mark.parametrize("presented", ["x", "a.b", "a.b.c", "....", "ä.ö.ü", "x" * (MAX_TOKEN + 1), "\x7f"])
def test_what_is_no_token_is_refused(presented: str) -> None:
    """Whatever is presented, the answer is the same."""
    refused(world(), presented)


# --- who is behind it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("presented", [SESSION_TOKEN, token()])
def test_inactive_user_and_organization_end_every_credential(presented: str) -> None:
    """Deactivation takes effect at once, not when tokens expire."""
    refused(world().given(USER.append("ada", UserDeactivated())), presented)
    refused(world().given(ORGANIZATION.append("acme", OrganizationDeactivated())), presented)


@pytest.mark.parametrize("presented", [SESSION_TOKEN, token()])
def test_credentials_are_worthless_in_another_instance(presented: str) -> None:
    """The same user id, even the same person, in another instance is somebody else."""
    elsewhere = world().given(*organization(), *human("ada"), instance="other").within("other")
    refused(elsewhere, presented)


# --- what it rests on ----------------------------------------------------------------------------------------------


def without_api_access(start: World) -> OidcApplicationChanged:
    """The application as it is, but for its API access."""
    application = start.history("main").state(APPLICATION, "client")
    return settings_of(application).model_copy(update={"api_access": False})


@pytest.mark.parametrize(
    "gone",
    [
        APPLICATION.append("client", ApplicationDeactivated()),
        APPLICATION.append("client", ApplicationRemoved()),
        APPLICATION.append("client", without_api_access(world())),
        PROJECT.append("shop", ProjectDeactivated()),
        PROJECT.append("shop", ProjectRemoved()),
        ORGANIZATION.append("maker", OrganizationDeactivated()),
        ORGANIZATION.append("maker", OrganizationRemoved()),
        AUTHORIZATION.append("grant", AuthorizationDeactivated()),
        AUTHORIZATION.append("grant", AuthorizationRemoved()),
        CONSENT.append(CONSENT_ID, ConsentRevoked(revoked_at=NOW)),
        TOKEN_FAMILY.append("family", TokenFamilyRevoked(reason="code_reused")),
    ],
    ids=lambda change: f"{change.ref.id}-{type(change.events[0]).__name__}",
)
def test_access_token_ends_at_once_with_what_it_rests_on(gone: Append) -> None:
    """The application and all above it, the right to use it, the consent, the family: none of them can be missing.

    Ada's own session has nothing to do with any of it.
    """
    after = world().given(gone)
    refused(after, token())
    assert after.when(WhoAmI(token=SESSION_TOKEN)).result.actor == "ada"


def test_access_token_ends_with_its_session_unless_granted_offline() -> None:
    """Signing out ends what was issued in the session (OIDC Core section 11 for the exception)."""
    out = world().as_(caller("ada")).when(EndMySession(session_id="id-1")).world.as_(ANONYMOUS)
    refused(out, token())
    assert out.when(WhoAmI(token=token(scope="openid offline_access"))).result.actor == "ada"


@pytest.mark.parametrize("presented", [SESSION_TOKEN, token(), token(scope="openid offline_access")])
def test_another_password_ends_every_credential(presented: str) -> None:
    """Whoever knew the old password is out at once, offline access or not (RFC 9700 section 4.14.2)."""
    refused(world().given(USER.append("ada", UserPasswordSet(hash="x", change_required=False))), presented)


def test_who_must_choose_another_password_holds_no_roles_until_then() -> None:
    """A password that somebody else chose is good for choosing one's own, not for administration."""
    forced = UserPasswordSet(hash=password_hash("from the manager"), change_required=True)
    reset = world().given(USER.append("ada", forced))
    opened = reset.when(CreateSession(login_name="ada", password="from the manager"))
    found = opened.world.when(WhoAmI(token=opened.result.session_token)).result
    assert (found.actor, found.memberships) == ("ada", "()")


def test_roles_of_plugins_count() -> None:
    """A role that a plugin registers is held like a built-in one."""
    auditor = Role("AUDITOR", Level.INSTANCE, frozenset({"event.read"}))
    held = MembershipAdded(level=Level.INSTANCE, scope_id="", organization_id="", roles=("AUDITOR",))
    start = world().given(MEMBERSHIPS.append("ada", held))
    assert "AUDITOR" not in start.when(WhoAmI(token=SESSION_TOKEN)).result.memberships
    plugged = replace(start, registry=Kit(*SLICES, DOOR, Slice("audit", roles=(auditor,))).registry)
    assert "AUDITOR" in plugged.when(WhoAmI(token=SESSION_TOKEN)).result.memberships
