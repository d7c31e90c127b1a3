"""Scopes that restrict a sign-in to the people of one organization: who may come in, and what is told of it."""

import pytest

from hexkeep.core.authrequest.look import GetPageLook
from hexkeep.core.authrequest.messages import GetAuthRequest
from hexkeep.core.deviceauth.messages import GetDeviceAuthorization
from hexkeep.core.domain.events import OrganizationDomainAdded, OrganizationDomainVerified, OrganizationPrimaryDomainSet
from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.decision import Change, Context, Request
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.oidc.errors import AccessDenied, InvalidGrant, InvalidScope, InvalidToken
from hexkeep.core.organization.events import OrganizationAdded, OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.events import BrandingActivated
from hexkeep.core.policy.state import POLICIES
from hexkeep.core.session.commands import CreateSession
from hexkeep.core.session.errors import InvalidCredentials
from hexkeep.core.session.events import SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.messages import GetUserInfo
from hexkeep.core.user import naming
from hexkeep.core.user.events import HumanUserAdded, UserPasswordSet
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.answers import claims_of, password_hash
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from tests.unit.core import test_backchannel_authentication as ciba
from tests.unit.core import test_device_authorization as device
from tests.unit.core.oidc_world import (
    SESSION_TOKEN,
    redeem,
    refresh,
    resume,
    session,
    signed_in,
    start,
    tokens,
    told,
    world,
)

ACME, OTHER = "urn:hexkeep:organization:id:acme", "urn:hexkeep:organization:id:other"
ACME_DOMAIN = "urn:hexkeep:organization:primary_domain:acme.example"
OF_EVE = "hks_session-2_of-eve"
PASSWORD = "nine plain umbrellas"


def domains() -> tuple[Change, ...]:
    """Two verified domains of one organization, of which the first is the primary."""
    names = ("acme.example", "acme.example.net")
    made = [one for name in names for one in (OrganizationDomainAdded(domain=name), _verified(name))]
    first = OrganizationPrimaryDomainSet(domain=names[0], former="")
    claims = (Claim(domain_key(name), DOMAINS.ref("acme")) for name in names)
    return DOMAINS.append("acme", *made, first), *claims


def _verified(name: str) -> OrganizationDomainVerified:
    return OrganizationDomainVerified(domain=name)


def eve(user_id: str = "eve", organization_id: str = "other", *, scope: str = "") -> tuple[Change, ...]:
    """Somebody whose user name is unique in the instance or in an organization."""
    added = HumanUserAdded(
        organization_id=organization_id,
        user_name="eve",
        given_name="Eve",
        family_name="",
        display_name="Eve",
        email=f"{user_id}@example.com",
        email_verified=True,
        preferred_language="en",
        name_scope=scope,
    )
    return USER.append(user_id, added), Claim(user_name_key("eve", scope), USER.ref(user_id))


def other() -> tuple[Change, ...]:
    """Another organization, with a person who is signed in."""
    added = ORGANIZATION.append("other", OrganizationAdded(name="Other"))
    return added, *eve(), session("session-2", "of-eve", "eve")


def two() -> World:
    """Two organizations, each with a person who is signed in."""
    return world(*other(), *domains())


@pytest.mark.parametrize("scope", [ACME, ACME_DOMAIN, f"{ACME} {ACME_DOMAIN}", ACME_DOMAIN.replace("acme.", "Acme.")])
def test_people_of_the_organization_come_in_and_the_tokens_say_so(scope: str) -> None:
    """Named by its id, by its primary domain, or both; the claims are those of the scope of that name."""
    _, answer = tokens(two(), scope=f"openid {scope}")
    assert answer.scope == f"openid {scope}"
    for token in (answer.access_token, answer.id_token or ""):
        assert claims_of(token)["urn:hexkeep:organization:id"] == "acme"
        assert claims_of(token)["urn:hexkeep:organization:primary_domain"] == "acme.example"


def test_session_from_elsewhere_is_as_good_as_none() -> None:
    """Its holder is asked to sign in; once somebody of the organization has, the same request goes on."""
    assert "code" in told(two().when(start(token=OF_EVE, scope=f"openid {OTHER}")).result)
    step = two().when(start(token=OF_EVE, scope=f"openid {ACME}"))
    assert step.result.kind == "login"
    again = step.world.when(resume(step.result.auth_request_id, OF_EVE))
    assert again.result.kind == "login"
    assert "code" in told(again.world.when(resume(step.result.auth_request_id, SESSION_TOKEN)).result)


def test_session_from_elsewhere_does_not_answer_unseen() -> None:
    """OIDC Core section 3.1.2.6: with prompt=none the application is told `login_required`, and nothing of whom."""
    refused = told(two().when(start(token=OF_EVE, scope=f"openid {ACME}", prompt="none")).result)
    assert (refused["error"], "code" in refused) == ("login_required", False)
    assert "code" in told(two().when(start(scope=f"openid {ACME}", prompt="none")).result)


def test_half_a_sign_in_from_elsewhere_does_not_answer_unseen() -> None:
    """OIDC Core section 3.1.2.6: who has something left to do is told of where it would help, and nowhere else."""
    change = USER.append("eve", UserPasswordSet(hash="h", change_required=True))
    proven = SESSION.append("session-2", SessionPasswordChecked(checked_at=NOW, password_version=1))
    half = world(*other(), change, proven)
    for scope, error in (("openid", "interaction_required"), (f"openid {OTHER}", "interaction_required")):
        assert told(half.when(start(token=OF_EVE, scope=scope, prompt="none")).result)["error"] == error
    elsewhere = half.when(start(token=OF_EVE, scope=f"openid {ACME}", prompt="none"))
    assert told(elsewhere.result)["error"] == "login_required"


def test_code_is_worth_nothing_where_the_scope_means_others_by_now() -> None:
    """What counts is how things are when it is redeemed."""
    after, code = signed_in(two(), scope=f"openid {ACME_DOMAIN}")
    moved = DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain="acme.example.net", former="acme.example"))
    after.given(moved).when(redeem(code)).refused(InvalidGrant)


def test_tokens_are_worth_nothing_where_the_scope_means_others_by_now() -> None:
    """Who gets the domain next must not be taken for whom it was of; refreshing helps as little."""
    after, answer = tokens(two(), scope=f"openid offline_access {ACME_DOMAIN}")
    moved = DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain="acme.example.net", former="acme.example"))
    after.given(moved).when(refresh(answer.refresh_token or "")).refused(InvalidGrant)
    after.given(moved).when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)
    assert after.when(refresh(answer.refresh_token or "")).result.access_token


@pytest.mark.parametrize(
    "scope",
    [
        "urn:hexkeep:organization:id:nobody",
        "urn:hexkeep:organization:id:",
        "urn:hexkeep:organization:id:a/b",
        "urn:hexkeep:organization:primary_domain:nobody.example",
        "urn:hexkeep:organization:primary_domain:",
        "urn:hexkeep:organization:primary_domain:acme.example.net",
        "urn:hexkeep:organization:domain:acme.example",
        f"{ACME} {OTHER}",
    ],
)
def test_organization_that_cannot_be_meant_is_refused(scope: str) -> None:
    """Unlike other scopes that nobody knows it is not ignored: who asks for few must not get everybody."""
    assert told(two().when(start(scope=f"openid {scope}")).result)["error"] == "invalid_scope"
    device.home().given(*domains()).when(device.asked("tv", scope=f"openid {scope}")).refused(InvalidScope)
    ciba.home().given(*domains()).when(ciba.asks(scope=f"openid {scope}")).refused(InvalidScope)


def test_organization_that_is_switched_off_is_refused() -> None:
    """Nobody of it could sign in."""
    off = ORGANIZATION.append("other", OrganizationDeactivated())
    assert told(two().given(off).when(start(scope=f"openid {OTHER}")).result)["error"] == "invalid_scope"


def test_pages_look_as_the_organization_wants() -> None:
    """Not as that of the application does, and they say for whom they are."""
    own = POLICIES.append("other", BrandingActivated(primary_colour="#aa0044"))
    step = two().given(own).when(start(token="", scope=f"openid {OTHER}"))
    look = step.world.when(GetPageLook(auth_request_id=step.result.auth_request_id)).result
    assert (look.organization_id, look.branding.primary_colour) == ("other", "#aa0044")
    details = step.world.when(GetAuthRequest(auth_request_id=step.result.auth_request_id)).result
    assert (details.organization_id, details.organization_name) == ("other", "Other")


def opens(before: World, name: str, organization_id: str) -> Outcome:
    """A sign-in where one organization's people are meant; all who are called Eve have the same password."""
    password = UserPasswordSet(hash=password_hash(PASSWORD), change_required=False)
    known = (USER.append(one, password) for one in ("eve", "eve-2") if before.history("main").state(USER, one).exists)
    return before.given(*known).when(CreateSession(login_name=name, password=PASSWORD, organization_id=organization_id))


def test_others_are_unknown_where_one_organization_is_meant() -> None:
    """The right password is answered as a wrong one, and nothing is written of it, as for a name that nobody has."""
    before = two()
    assert opens(before, "eve", "other").result.user_id == "eve"
    for name in ("eve", "nobody"):
        refused = opens(before, name, "acme")
        refused.refused(InvalidCredentials)
        assert refused.changes == ()


def test_names_need_no_domain_where_one_organization_is_meant() -> None:
    """Where names are unique within an organization the one in it is meant, and nowhere else."""
    before = two().given(*eve("eve-2", "acme", scope="acme"))
    assert opens(before, "eve", "acme").result.user_id == "eve-2"
    assert opens(before, "eve", "").result.user_id == "eve"


@pytest.mark.parametrize("name", ["eve", "eve@acme.example"])
def test_as_much_is_looked_for_whoever_exists_there(name: str) -> None:
    """Time would tell who has an account in the organization."""

    def asked(before: World) -> list[Ask[object]]:
        asks = list[Ask[object]]()

        def resolve(ask: Ask[object]) -> object:
            asks.append(ask)
            return before.answerer.answer(ask, before, request)

        naming.named(Context(request, resolve), name, "acme")
        return asks

    request = Request("main", ANONYMOUS, NOW, ISSUER, "", "test", "192.0.2.1")
    assert asked(two()) == asked(two().given(*eve("eve-2", "acme", scope="acme")))


def test_device_is_let_in_by_people_of_the_organization_alone() -> None:
    """RFC 8628 section 3.3: whoever else enters the code."""
    after, answer = device.begun(device.home().given(*other()), scope=f"openid {ACME}")
    device.approved(after, answer.user_code, OF_EVE).refused(AccessDenied)
    assert device.approved(after, answer.user_code).error is None


def test_page_for_a_device_says_for_whom_it_is() -> None:
    """Its organization is told to who has entered the code, so that the page looks as that wants."""
    for scope, told_ in ((f"openid {ACME}", ("acme", "Acme")), ("openid", ("", ""))):
        after, answer = device.begun(device.home().given(*other()), scope=scope)
        shown = after.when(GetDeviceAuthorization(user_code=answer.user_code, session_token=SESSION_TOKEN)).result
        assert (shown.organization_id, shown.organization_name) == told_


def test_people_elsewhere_are_not_asked() -> None:
    """CIBA Core section 7.1: for an application that means others they are nobody."""
    before = ciba.home().given(*other())
    before.when(ciba.asks(scope=f"openid {OTHER}")).then()
    assert ciba.waiting(ciba.begun(before, scope=f"openid {ACME}")[0]) == ["id-1"]
