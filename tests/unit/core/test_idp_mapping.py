"""What a provider tells becomes what here: names and addresses by mapped claims, groups and metadata by rules."""

import base64
import json
from typing import Any

import pytest
from pydantic import JsonValue, ValidationError

from hexkeep.core.authorization.state import AUTHORIZATION
from hexkeep.core.group.events import GroupMemberAdded, GroupMemberRemoved, GroupRemoved
from hexkeep.core.group.state import GROUP, USER_GROUPS
from hexkeep.core.idp.catalog import ENTRA_ID, OIDC
from hexkeep.core.idp.mapping import ClaimMapping, GroupRule, MetadataRule
from hexkeep.core.idp.messages import IdentityProviderId, messages_of
from hexkeep.core.idp.state import Options
from hexkeep.core.idpintent.identity import MAX_GROUPS, Identity
from hexkeep.core.idpintent.mapping import found, mapped
from hexkeep.core.idpintent.state import Proof
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import InvalidInput, NotFound, PermissionDenied
from hexkeep.core.metadata.events import UserMetadataRemoved, UserMetadataSet
from hexkeep.core.metadata.state import USER_METADATA
from hexkeep.core.user.events import UserEmailChanged
from hexkeep.testing.decisions import NOW
from tests.unit.core.test_idp_intent import GRACE, WORLD, events, link, provider, returned
from tests.unit.core.worlds import added, caller, group, human, project

CLAIMS: dict[str, JsonValue] = {
    "upn": "grace.hopper",
    "https://example.com/name": "Grace H.",
    "realm": {"roles": ["editors", "staff"], "a/b": {"c": 7}},
    "emails": [{"value": "grace@navy.example", "verified": "true"}],
    "unit": ["ships", "compilers"],
    "admin": True,
}
MESSAGES = messages_of(OIDC)


def told(**mapping: Any) -> Identity:
    """Who Grace is by a mapping."""
    trusted = mapping.pop("email_trusted", False)
    options = Options(claim_mapping=ClaimMapping(**mapping), email_trusted=trusted)
    return mapped(GRACE.model_copy(update={"claims": CLAIMS}), options)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("upn", "grace.hopper"),
        ("https://example.com/name", "Grace H."),
        ("realm.roles.1", "staff"),
        ("/realm/roles/0", "editors"),
        ("/realm/a~1b/c", 7),
        ("emails.0.value", "grace@navy.example"),
        ("emails.1.value", None),
        ("emails.x", None),
        ("upn.x", None),
        (".".join(["realm"] * 200), None),
        ("", None),
    ],
)
def test_place_among_claims_is_a_name_or_a_way(path: str, value: JsonValue) -> None:
    """A claim of that very name comes first, dots and all; what is not there is nothing."""
    assert found(CLAIMS, path) == value


def test_mapped_claims_take_the_place_of_what_the_kind_tells() -> None:
    """Of several values the first counts, and what has not the form of its field is not known; who it is stays."""
    identity = told(user_name="upn", family_name="unit", nickname="realm", phone="upn", display_name="/realm/a~1b/c")
    assert (identity.user_name, identity.family_name, identity.display_name) == ("grace.hopper", "ships", "7")
    assert (identity.nickname, identity.phone, identity.given_name) == ("", "", "Grace")
    assert identity.external_id == GRACE.external_id


def test_address_from_elsewhere_is_not_verified_by_the_way() -> None:
    """What the provider has said of one address says nothing of another, unless a claim does, or all are trusted."""
    assert told().email_verified
    assert told(email="emails.0.value").email == "grace@navy.example"
    assert not told(email="emails.0.value").email_verified
    assert told(email="emails.0.value", email_verified="emails.0.verified").email_verified
    assert not told(email_verified="upn").email_verified
    assert told(email="emails.0.value", email_trusted=True).email_verified
    assert not told(email="upn", email_trusted=True).email_verified, "it is no address"


def test_groups_are_read_from_a_claim() -> None:
    """A list of names, or one."""
    assert told(groups="realm.roles").groups == ("editors", "staff")
    assert told(groups="upn").groups == ("grace.hopper",)
    assert told(groups="admin").groups == ()


RULES: dict[str, Any] = {
    "claim_mapping": ClaimMapping(
        groups="realm.roles",
        metadata=(MetadataRule(key="unit", claim="unit.0"), MetadataRule(key="rank", claim="rank")),
    ),
    "group_rules": (
        GroupRule(name="editors", group_id="writers"),
        GroupRule(name="admins", group_id="bosses"),
        GroupRule(name="staff", group_id="elsewhere"),
        GroupRule(name="staff", group_id="gone"),
    ),
}
GROUPS: tuple[Change, ...] = (
    *group("writers"),
    *group("bosses", "acme", "grace"),
    *group("others", "acme", "grace"),
    *group("elsewhere", "other"),
    *group("gone"),
    GROUP.append("gone", GroupRemoved()),
)
THERE = GRACE.model_copy(update={"claims": CLAIMS})
UNIT = base64.b64encode(b"ships").decode()


def test_groups_and_metadata_follow_the_provider_where_it_updates() -> None:
    """In and out of the groups that the rules name, of the user's own organization, and no other; metadata likewise."""
    rank = USER_METADATA.append("grace", UserMetadataSet(user_id="grace", key="rank", value=UNIT))
    world = WORLD.given(*provider(auto_update=True, **RULES), *human("grace"), *link(), *GROUPS, rank)
    outcome = returned(world, THERE)
    changes = {change.ref.type: events(change) for change in outcome.changes if not hasattr(change, "key")}
    assert changes["user_groups"] == (
        GroupMemberAdded(group_id="writers", organization_id="acme"),
        GroupMemberRemoved(group_id="bosses"),
    )
    assert changes["user_metadata"] == (
        UserMetadataSet(user_id="grace", key="unit", value=UNIT),
        UserMetadataRemoved(user_id="grace", key="rank"),
    )
    again = returned(outcome.world, THERE)
    again.then()


RANKED: tuple[Change, ...] = (
    *GROUPS,
    USER_METADATA.append("grace", UserMetadataSet(user_id="grace", key="rank", value=UNIT)),
)


@pytest.mark.parametrize(
    ("there", "stays"),
    [
        ({}, False),
        ({"partial": True}, True),
        ({"claims": {"realm": {"roles": []}, "rank": None}, "partial": True}, True),
        ({"claims": {"unit": "x" * 20_000}}, True),
        ({"claims": {"_claim_names": {"realm": "src", "rank": "src"}}}, True),
        ({"claims": {"_claim_names": {"groups": "src"}}}, False),
    ],
    ids=["none", "partial", "told_as_none", "too_long", "elsewhere", "others_elsewhere"],
)
def test_what_is_left_out_takes_nothing_away(there: dict[str, Any], *, stays: bool) -> None:
    """Only who is told of all there is, and has no such group or claim, loses it."""
    identity = Identity.model_validate({**GRACE.model_dump(), "claims": {}, **there})
    world = WORLD.given(*provider(auto_update=True, **RULES), *human("grace"), *link(), *RANKED)
    changed = [one for change in returned(world, identity).changes for one in events(change)]
    taken_out = there.get("claims", {}).get("realm") is not None or not stays
    assert (GroupMemberRemoved(group_id="bosses") in changed) is taken_out
    assert (UserMetadataRemoved(user_id="grace", key="rank") in changed) is not stays


def test_groups_that_rules_name_are_not_cut_off() -> None:
    """However many there are before them."""
    many = [f"group {number}" for number in range(MAX_GROUPS)]
    named = {"group_rules": RULES["group_rules"]}
    identity = Identity.model_validate({**GRACE.model_dump(), "groups": [*many, "editors"]})
    outcome = returned(WORLD.given(*provider(auto_update=True, **named), *human("grace"), *link(), *GROUPS), identity)
    changed = [one for change in outcome.changes for one in events(change)]
    assert GroupMemberAdded(group_id="writers", organization_id="acme") in changed
    assert len(mapped(identity, Options()).groups) == MAX_GROUPS


def test_without_update_a_user_stays_as_the_user_is() -> None:
    """Rules count for a new user at once, and for others only where `auto_update` is on."""
    old = returned(WORLD.given(*provider(**RULES), *human("grace"), *link(), *GROUPS), THERE)
    old.then()
    new = returned(WORLD.given(*provider(auto_creation=True, **RULES), *group("writers")), THERE)
    joined = USER_GROUPS.append(new.result.user_id, GroupMemberAdded(group_id="writers", organization_id="acme"))
    assert joined in new.changes


def test_trusted_addresses_are_taken_over_as_verified() -> None:
    """Where the provider does not say so itself."""
    there = GRACE.model_copy(update={"email": "new@example.com", "email_verified": False})
    world = WORLD.given(*provider(auto_update=True, email_trusted=True), *human("grace"), *link())
    changes = [one for change in returned(world, there).changes for one in events(change)]
    assert UserEmailChanged(email="new@example.com", verified=True, previous="grace@example.com") in changes


@pytest.mark.parametrize(("allowed", "trusted"), [((), False), (("b2a8d9a4-9f0e-4a3e-8a41-4f7b6f3f9a51",), True)])
def test_addresses_of_strangers_are_not_trusted(allowed: tuple[str, ...], *, trusted: bool) -> None:
    """Whoever makes a directory writes into it what they like, whichever setting it is that would believe it."""
    settings = {"client_id": "hexkeep", "client_secret": "s3cret", "tenant": "common", "allowed_directories": allowed}
    asked = messages_of(ENTRA_ID).create.model_validate({"organization_id": "acme", "name": "Entra", **settings})
    made = WORLD.as_(OWNER).when(asked, "CreateEntraIdIdentityProvider")
    change = {"identity_provider_id": made.result.identity_provider_id, "email_trusted": True}
    believed = made.world.when(messages_of(ENTRA_ID).update.model_validate(change), "UpdateEntraIdIdentityProvider")
    at_once = WORLD.as_(OWNER).when(asked.model_copy(update={"email_trusted": True}), "CreateEntraIdIdentityProvider")
    for outcome in (believed, at_once):
        if trusted:
            assert outcome.changes
        else:
            outcome.refused(InvalidInput)


CREATE = MESSAGES.create.model_validate(
    {
        "organization_id": "acme",
        "name": "Login",
        "issuer": "https://login.example.net",
        "client_id": "hexkeep",
        "client_secret": "s3cret",
        "group_rules": [{"name": "editors", "group_id": "writers"}],
    }
)
OWNER, ROOT = caller("ORGANIZATION_OWNER", "acme"), caller("INSTANCE_OWNER")
OPERATION = "CreateOidcIdentityProvider"
GIVEN = WORLD.given(*project(), *project("hull", "other"), *group("writers"), *group("elsewhere", "other"))


def test_who_sets_up_groups_may_give_what_they_give() -> None:
    """Whoever decides who comes by a provider lets people in, so the roles have to be the caller's to give."""
    assert GIVEN.as_(OWNER).when(CREATE, OPERATION).changes
    granted = added(group_id="writers").model_copy(update={"user_id": ""})
    mighty = GIVEN.given(
        AUTHORIZATION.append("g", granted.model_copy(update={"organization_id": "other", "project_id": "hull"}))
    )
    mighty.as_(OWNER).when(CREATE, OPERATION).refused(PermissionDenied)
    assert mighty.as_(ROOT).when(CREATE, OPERATION).changes


def test_whatever_changes_a_provider_with_groups_takes_the_same_right() -> None:
    """Otherwise another issuer would do: who may not give the roles changes nothing."""
    made = GIVEN.as_(ROOT).when(CREATE, OPERATION)
    provider_id = made.result.identity_provider_id
    granted = added(group_id="writers").model_copy(
        update={"user_id": "", "organization_id": "other", "project_id": "hull"}
    )
    world = made.world.given(AUTHORIZATION.append("g", granted))
    update = MESSAGES.update.model_validate(
        {"identity_provider_id": provider_id, "issuer": "https://evil.example", "client_secret": "mine"}
    )
    world.as_(OWNER).when(update, "UpdateOidcIdentityProvider").refused(PermissionDenied)
    assert world.as_(ROOT).when(update, "UpdateOidcIdentityProvider").changes


@pytest.mark.parametrize("group_id", ["elsewhere", "nowhere"])
def test_groups_are_of_the_providers_organization(group_id: str) -> None:
    """A group of another organization is not there, nor is one that is not."""
    wish = CREATE.model_copy(update={"group_rules": (GroupRule(name="editors", group_id=group_id),)})
    GIVEN.as_(OWNER).when(wish, OPERATION).refused(NotFound)


def test_rules_are_well_formed() -> None:
    """A key without a slash, a claim, and no more rules than anybody needs."""
    for wrong in ({"key": "a/b", "claim": "x"}, {"key": "a", "claim": ""}, {"key": "a", "claim": "x\ny"}):
        with pytest.raises(ValidationError):
            MetadataRule.model_validate(wrong)
    with pytest.raises(ValidationError):
        ClaimMapping(metadata=(MetadataRule(key="a", claim="b"),) * 51)


def test_mapping_is_shown_and_changed_as_a_whole() -> None:
    """What is left out of an update stays; `*` without it has everything as the kind tells it."""
    world = GIVEN.as_(ROOT).when(CREATE.model_copy(update={"claim_mapping": ClaimMapping(email="mail")}), OPERATION)
    provider_id = world.result.identity_provider_id
    get = MESSAGES.update.model_validate({"identity_provider_id": provider_id, "name": "Other"})
    after = world.world.when(get, "UpdateOidcIdentityProvider").world
    assert _shown(after, provider_id).claim_mapping == ClaimMapping(email="mail")
    emptied = get.model_copy(update={"update_mask": "claim_mapping,group_rules"})
    after = after.when(emptied, "UpdateOidcIdentityProvider").world
    assert _shown(after, provider_id).claim_mapping == ClaimMapping()
    assert _shown(after, provider_id).group_rules == ()


def _shown(world: Any, provider_id: str) -> Any:

    return world.when(IdentityProviderId(identity_provider_id=provider_id), "GetOidcIdentityProvider").result


@pytest.mark.parametrize(
    ("claims", "kept"),
    [
        ({"org": {"unit": "Zürich"}}, True),
        ({"name": "\ud800"}, False),
        ({"\ud800": "name"}, False),
        ({"tree": json.loads("[" * 200 + "]" * 200)}, False),
        ({"text": "ü" * 15_000}, False),
    ],
    ids=["usual", "surrogate", "surrogate in a name", "deep", "long in UTF-8"],
)
def test_claims_that_cannot_be_kept_are_not_known(claims: dict[str, Any], *, kept: bool) -> None:
    """Whoever runs a provider may tell anything in JSON; who comes by it is signed in all the same."""
    identity = Identity(external_id="sub-1", claims=claims)
    assert identity.claims == (claims if kept else {})
    proof = Proof(identity_provider_id="login", identity=identity, checked_at=NOW)
    assert Proof.model_validate_json(proof.model_dump_json()) == proof
