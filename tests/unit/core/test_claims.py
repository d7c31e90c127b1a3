"""Which claims are told where, by scope and by the application's settings."""

import base64
import json
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authorization.state import AUTHORIZATION, authorization_key
from hexkeep.core.domain.events import OrganizationPrimaryDomainSet
from hexkeep.core.domain.state import DOMAINS
from hexkeep.core.group.events import GroupAdded, GroupMemberAdded, GroupRemoved
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.metadata.events import UserMetadataSet
from hexkeep.core.metadata.state import USER_METADATA
from hexkeep.core.project.events import ProjectAdded, ProjectRoleAdded
from hexkeep.core.project.state import PROJECT
from hexkeep.core.token.messages import GetUserInfo, TokenResponse
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import application, authorized, redeem, signed_in, tokens, world
from tests.unit.core.worlds import added as authorization_added

ROLES, GROUPS, METADATA = "urn:hexkeep:roles", "groups", "urn:hexkeep:metadata"
STOCK = "urn:hexkeep:project:stock"


def rich(**metadata: Any) -> World:
    """Ada has two roles here, one elsewhere, is in groups of three organizations, and is known a little."""
    shop = PROJECT.append("shop", ProjectRoleAdded(key="boss", display_name="Boss", group=""))
    stock = ProjectAdded(organization_id="acme", name="Stock", role_assertion=False, authorization_required=False)
    keeper = ProjectRoleAdded(key="keeper", display_name="Keeper", group="")
    there = AUTHORIZATION.append(
        "auth-2", authorization_added("ada", roles=("keeper",)).model_copy(update={"project_id": "stock"})
    )
    named = {"sales": "acme", "admins": "acme", "spies": "other", "gone": "acme"}
    groups = [
        GROUP.append(name, GroupAdded(organization_id=owner, name=name.title(), description=""))
        for name, owner in named.items()
    ]
    joined = [GroupMemberAdded(group_id=name, organization_id=owner) for name, owner in named.items()]
    notes = {"locker": b"17", "badge": bytes([0xFF, 0xFE])}
    known = [
        UserMetadataSet(user_id="ada", key=key, value=base64.b64encode(value).decode()) for key, value in notes.items()
    ]
    changes: tuple[Change, ...] = (
        *(shop, *authorized("clerk", "boss")),
        *(PROJECT.append("stock", stock, keeper), there),
        Claim(authorization_key("ada", "stock"), AUTHORIZATION.ref("auth-2")),
        *(*groups, USER_GROUPS.append("ada", *joined), GROUP.append("gone", GroupRemoved())),
        USER_METADATA.append("ada", *known),
        application("told", client_metadata=ClientMetadata(resources=(STOCK,), **metadata)),
    )
    return world(*changes)


def told(before: World, scope: str, *resources: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """What the access token, the ID token and userinfo say."""
    after, code = signed_in(before, "told", scope=scope)
    outcome = after.when(redeem(code, "told").model_copy(update={"resources": resources}))
    answer: TokenResponse = outcome.result
    document = outcome.world.when(GetUserInfo(access_token=answer.access_token)).result.document
    return claims_of(answer.access_token), claims_of(answer.id_token or ""), json.loads(document)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid", None),
        (f"openid {ROLES}", ["boss", "clerk"]),
        ("openid urn:hexkeep:role:clerk", ["clerk"]),
        ("openid urn:hexkeep:role:clerk urn:hexkeep:role:boss", ["boss", "clerk"]),
        ("openid urn:hexkeep:role:pilot", []),
        (f"openid urn:hexkeep:role:clerk {ROLES}", ["boss", "clerk"]),
        ("openid urn:hexkeep:role:", None),
        ("openid urn:hexkeep:role:grace@example.com", None),
    ],
)
def test_roles_are_told_all_or_one_by_one(scope: str, expected: list[str] | None) -> None:
    """Who asks for single ones learns of no others, and of none that the person does not have."""
    for claims in told(rich(), scope):
        assert claims.get(ROLES) == (None if expected is None else {"shop": expected})


def test_roles_are_told_in_each_project_that_the_token_is_for() -> None:
    """The application's own, and those whose APIs it names (RFC 8707)."""
    for claims in told(rich(), f"openid {ROLES}", STOCK):
        assert claims[ROLES] == {"shop": ["boss", "clerk"], "stock": ["keeper"]}


def test_groups_of_the_person_and_of_the_application_are_told() -> None:
    """Not those of strangers, and none that is gone (RFC 9068 section 2.2.3.1)."""
    for claims in told(rich(), f"openid {GROUPS}"):
        assert claims[GROUPS] == ["Admins", "Sales"]
    assert all(GROUPS not in claims for claims in told(rich(), "openid"))


def test_groups_can_be_told_unasked() -> None:
    """As the application has it."""
    assert all(claims[GROUPS] == ["Admins", "Sales"] for claims in told(rich(group_assertion=True), "openid"))


def test_metadata_do_not_travel_with_every_call() -> None:
    """Userinfo tells those that are text; an ID token where the application has it so; an access token never."""
    access, identity, userinfo = told(rich(), f"openid {METADATA}")
    assert userinfo[METADATA] == {"locker": "17"}
    assert METADATA not in access
    assert METADATA not in identity
    access, identity, userinfo = told(rich(id_token_userinfo_assertion=True), f"openid {METADATA}")
    assert identity[METADATA] == userinfo[METADATA] == {"locker": "17"}
    assert METADATA not in access


def test_metadata_can_be_told_unasked() -> None:
    """As the application has it; otherwise nothing is told."""
    assert told(rich(metadata_assertion=True), "openid")[2][METADATA] == {"locker": "17"}
    assert METADATA not in told(rich(), "openid")[2]


def test_organization_is_told_with_its_primary_domain() -> None:
    """Where one was verified."""
    scope = "openid urn:hexkeep:organization"
    primary = DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain="acme.example", former=""))
    for before, expected in ((world(), None), (world(primary), "acme.example")):
        _, answer = tokens(before, scope=scope)
        assert claims_of(answer.access_token).get("urn:hexkeep:organization:primary_domain") == expected
