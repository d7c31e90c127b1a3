from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.oidc.errors import InvalidTarget
from hexkeep.core.project.events import ProjectAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.projectgrant.events import ProjectGrantAdded, ProjectGrantDeactivated
from hexkeep.core.projectgrant.state import PROJECT_GRANT, project_grant_key
from hexkeep.core.token.events import TokenFamilyStarted
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.testing.answers import claims_of, keyed_hash
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.oidc_world import application, basic, redeem, refresh, signed_in, told, world
from tests.unit.core.oidc_world import start as ask

ORDERS, STOCK, OWN = "https://orders.example.com/api", "urn:hexkeep:project:stock", "urn:hexkeep:project:shop"
METADATA = ClientMetadata(resources=(ORDERS, STOCK))


NO_SWITCHES = {"role_assertion": False, "authorization_required": False}


def stock(owner: str) -> Append:
    """Another project, whose APIs the applications name."""
    return PROJECT.append("stock", ProjectAdded(organization_id=owner, name="Stock", **NO_SWITCHES))


def start(*changes: Change, owner: str = "acme") -> World:
    """A world with an application that may ask for tokens for two APIs besides its own project's."""
    console = application("console", api_access=True, client_metadata=METADATA)
    return world(application("front", client_metadata=METADATA), console, stock(owner), *changes)


def naming(request: ExchangeToken, *resources: str) -> ExchangeToken:
    """The same request for certain resources."""
    return request.model_copy(update={"resources": resources})


def audience(text: str) -> Any:
    """Whom a token is for."""
    return claims_of(text)["aud"]


@pytest.mark.parametrize(
    ("resources", "expected"),
    [((), ["front", "shop"]), ((ORDERS,), [ORDERS]), ((OWN,), [OWN]), ((STOCK, ORDERS), [STOCK, ORDERS])],
)
def test_the_audience_is_what_was_asked_for(resources: tuple[str, ...], expected: list[str]) -> None:
    """RFC 8707 section 2: the resources and nobody else; without any, who it is usually for."""
    after, code = signed_in(start(), "front")
    answer = after.when(naming(redeem(code, "front"), *resources)).result
    assert audience(answer.access_token) == expected
    assert audience(answer.id_token) == "front"


def test_what_the_client_may_not_name_costs_nothing() -> None:
    """Section 2: `invalid_target`; the code can still be redeemed."""
    after, code = signed_in(start(), "front")
    outcome = after.when(naming(redeem(code, "front"), "https://other.example.com"))
    outcome.refused(InvalidTarget)
    assert outcome.world.when(naming(redeem(code, "front"), ORDERS)).result.access_token


def test_an_authorization_request_names_them_for_all_its_tokens() -> None:
    """RFC 8707 section 2.1: what was asked for there is what the tokens are for, and the most they can be for."""
    asked = ask("front").model_copy(update={"resources": (ORDERS, STOCK)})
    outcome = start().when(asked)
    code = told(outcome.result)["code"]
    assert audience(outcome.world.when(redeem(code, "front")).result.access_token) == [ORDERS, STOCK]
    assert audience(outcome.world.when(naming(redeem(code, "front"), STOCK)).result.access_token) == [STOCK]
    outcome.world.when(naming(redeem(code, "front"), OWN)).refused(InvalidTarget)
    elsewhere = ask("front").model_copy(update={"resources": ("https://other.example.com",)})
    assert told(start().when(elsewhere).result)["error"] == "invalid_target"


def granted(*resources: str) -> World:
    """A world with a family that was granted certain resources, and its refresh token `family.fs.s`."""
    started = TokenFamilyStarted(
        client_id="front",
        user_id="ada",
        session_id="session-1",
        scopes=("openid", "offline_access"),
        auth_time=NOW,
        started_at=NOW,
        resources=resources,
        family_hash=keyed_hash("refresh_family", "fs"),
        token_hash=keyed_hash("refresh_token", "s"),
    )
    return start(TOKEN_FAMILY.append("family", started))


def test_each_refresh_may_be_for_less_than_what_was_granted() -> None:
    """Section 2.2: for one API now, for the other the next time, for all without a word."""
    first = granted(ORDERS, STOCK).when(naming(refresh("family.fs.s", "front"), ORDERS))
    assert audience(first.result.access_token) == [ORDERS]
    second = first.world.when(naming(refresh(first.result.refresh_token, "front"), STOCK))
    assert audience(second.result.access_token) == [STOCK]
    third = second.world.when(refresh(second.result.refresh_token, "front"))
    assert audience(third.result.access_token) == [ORDERS, STOCK]


def test_no_refresh_is_for_more_than_what_was_granted() -> None:
    """Section 2.2, although the client could have asked for it at first; nothing is used up."""
    outcome = granted(ORDERS).when(naming(refresh("family.fs.s", "front"), STOCK))
    outcome.refused(InvalidTarget)
    assert outcome.world.when(refresh("family.fs.s", "front")).result.access_token


def test_a_client_asks_for_itself_as_well() -> None:
    """RFC 6749 section 4.4 with RFC 8707."""
    request = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("front"))
    assert audience(start().when(naming(request, ORDERS)).result.access_token) == [ORDERS]
    start().when(naming(request, "https://other.example.com")).refused(InvalidTarget)
    start().when(naming(request, f"{ORDERS} {STOCK}x")).refused(InvalidTarget)


def test_our_own_api_takes_its_scope_and_its_name() -> None:
    """Neither a resource without the scope nor the scope with another resource makes a token for it."""
    for scope, resources, expected in (
        ("openid urn:hexkeep:api", (), ["console", "shop", ISSUER]),
        ("openid urn:hexkeep:api", (ISSUER,), [ISSUER]),
        ("openid urn:hexkeep:api", (ORDERS,), [ORDERS]),
        ("openid", (ISSUER,), None),
    ):
        after, code = signed_in(start(), "console", scope=scope)
        outcome = after.when(naming(redeem(code, "console"), *resources))
        if expected is None:
            outcome.refused(InvalidTarget)
        else:
            assert audience(outcome.result.access_token) == expected


def test_a_machine_has_our_own_api_alone() -> None:
    """There is no project that it belongs to."""
    params = {"grant_type": "client_credentials", "scope": "urn:hexkeep:api"}
    request = ExchangeToken(params=params, authorization=basic("robot"))
    assert audience(world().when(naming(request, ISSUER)).result.access_token) == [ISSUER]
    world().when(naming(request, ORDERS)).refused(InvalidTarget)
    without = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("robot"))
    world().when(naming(without, ISSUER)).refused(InvalidTarget)


def test_a_project_of_another_organization_has_to_be_granted() -> None:
    """Who runs an application may register any project, and have its people sign in: that opens no door of others."""
    closed = start(owner="globex")
    after, code = signed_in(closed, "front", scope="openid offline_access")
    after.when(naming(redeem(code, "front"), STOCK)).refused(InvalidTarget)
    grant = ProjectGrantAdded(
        organization_id="globex", project_id="stock", granted_organization_id="acme", roles=("keeper",)
    )
    ref = PROJECT_GRANT.ref("grant-1")
    granted = after.given(PROJECT_GRANT.append("grant-1", grant), Claim(project_grant_key("stock", "acme"), ref))
    got = granted.when(naming(redeem(code, "front"), STOCK))
    assert audience(got.result.access_token) == [STOCK]
    ended = got.world.given(PROJECT_GRANT.append("grant-1", ProjectGrantDeactivated()))
    ended.when(naming(refresh(got.result.refresh_token or "", "front"), STOCK)).refused(InvalidTarget)


def test_what_was_granted_is_not_when_it_may_not_be_named_any_more() -> None:
    """A refresh token holds no more than its application may ask for today."""
    asked = ask("front", scope="openid offline_access").model_copy(update={"resources": (ORDERS,)})
    outcome = start().when(asked)
    got = outcome.world.when(redeem(told(outcome.result)["code"], "front"))
    without = application("front", client_metadata=ClientMetadata(resources=(STOCK,)))
    got.world.given(without).when(refresh(got.result.refresh_token or "", "front")).refused(InvalidTarget)
