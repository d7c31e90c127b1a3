from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.membership import SLICE as MEMBERSHIP
from hexkeep.core.organization import SLICE as ORGANIZATIONS
from hexkeep.core.policy import SLICE
from hexkeep.core.policy.api import OPERATIONS
from hexkeep.core.policy.events import (
    Branding,
    BrandingActivated,
    BrandingPreviewSet,
    DomainPolicySet,
    LifetimePolicy,
    LoginPolicySet,
    PasswordComplexityPolicy,
    PasswordComplexityPolicySet,
    PolicyReset,
    SecurityPolicySet,
    UserNameScope,
)
from hexkeep.core.policy.fields import LONGEST
from hexkeep.core.policy.state import INSTANCE_POLICIES, KINDS, POLICIES, Kind
from hexkeep.core.retention.state import LEAST_DAYS
from hexkeep.core.user import SLICE as USERS
from hexkeep.testing.decisions import Kit, Outcome, World
from tests.unit.core.people import caller, human, organization

KIT = Kit(SLICE, ORGANIZATIONS, USERS, MEMBERSHIP)
OWNER = caller("ada", "ORGANIZATION_OWNER", "acme")
ALL = tuple(KINDS.values())
OVERRIDABLE = tuple(kind for kind in ALL if kind.overridable)


def world() -> World:
    """Two organizations and nobody in them."""
    return KIT.given(*organization("acme"), *organization("other"))


def call(world_: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world_.when(KIT.operation(name).input(**fields), name)


def policy(world_: World, name: str, /, **fields: Any) -> Message:
    """The policy that a reading operation shows."""
    shown: Message = call(world_, name, **fields).result.policy
    return shown


def default_set(*events: Any) -> Append:
    """What is set for the instance."""
    return POLICIES.append(INSTANCE_POLICIES, *events)


# --- which one counts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_built_in_value_counts_until_something_is_set(kind: Kind[Any]) -> None:
    """Of every kind; it says that it is not set here."""
    shown = call(world(), f"GetDefault{kind.noun}").result
    assert (shown.policy, shown.is_default, shown.version) == (kind.value(), True, 0)
    if kind.overridable:
        shown = call(world(), f"Get{kind.noun}", organization_id="acme").result
        assert (shown.policy, shown.is_default, shown.version) == (kind.value(), True, 0)


def test_organization_has_the_instances_policy_until_it_has_its_own() -> None:
    """And again once it is taken back; other organizations see nothing of it."""
    instance = world().given(default_set(PasswordComplexityPolicySet(min_length=10)))
    name = "GetPasswordComplexityPolicy"
    assert policy(instance, name, organization_id="acme") == PasswordComplexityPolicy(min_length=10)
    own = call(instance, "SetPasswordComplexityPolicy", organization_id="acme", digit=True)
    own.then(POLICIES.append("acme", PasswordComplexityPolicySet(min_length=10, digit=True)))
    assert policy(own.world, name, organization_id="acme") == PasswordComplexityPolicy(min_length=10, digit=True)
    assert policy(own.world, name, organization_id="other") == PasswordComplexityPolicy(min_length=10)
    back = call(own.world, "ResetPasswordComplexityPolicy", organization_id="acme")
    back.then(POLICIES.append("acme", PolicyReset(kind="password_complexity")))
    assert policy(back.world, name, organization_id="acme") == PasswordComplexityPolicy(min_length=10)


def test_own_policy_stays_when_the_instances_changes() -> None:
    """To set what counts anyway fixes it."""
    fixed = call(world(), "SetPasswordComplexityPolicy", organization_id="acme", min_length=8)
    fixed.then(POLICIES.append("acme", PasswordComplexityPolicySet()))
    changed = call(fixed.world, "SetDefaultPasswordComplexityPolicy", min_length=20).world
    assert policy(changed, "GetPasswordComplexityPolicy", organization_id="acme") == PasswordComplexityPolicy()
    assert policy(changed, "GetPasswordComplexityPolicy", organization_id="other").min_length == 20  # type: ignore[attr-defined]  # its own type


def test_the_same_again_is_no_event() -> None:
    """Nor is taking back what is not set."""
    once = call(world(), "SetDefaultLoginPolicy", force_mfa=True)
    once.then(default_set(LoginPolicySet(force_mfa=True)))
    call(once.world, "SetDefaultLoginPolicy", force_mfa=True).then()
    call(once.world, "ResetDefaultLockoutPolicy").then()
    call(once.world, "ResetLoginPolicy", organization_id="acme").then()


def test_kinds_do_not_touch_each_other() -> None:
    """One aggregate holds them all."""
    both = world().given(default_set(LoginPolicySet(force_mfa=True), PasswordComplexityPolicySet(digit=True)))
    after = call(both, "ResetDefaultLoginPolicy").world
    assert policy(after, "GetDefaultLoginPolicy") == KINDS["login"].value()
    assert policy(after, "GetDefaultPasswordComplexityPolicy") == PasswordComplexityPolicy(digit=True)


def test_a_reset_of_a_kind_that_is_gone_is_passed_over() -> None:
    """What is in the log has happened, whoever knows about it."""
    assert POLICIES.fold((LoginPolicySet(), PolicyReset(kind="of another release"))).login is not None


# --- how it is set -------------------------------------------------------------------------------------------------


def test_mask_names_what_is_changed() -> None:
    """One that it names without a value is emptied, where the policy may be empty."""
    links = call(world(), "SetDefaultPrivacyPolicy", terms_link="https://example.com/t", help_link="https://e.com/h")
    emptied = call(links.world, "SetDefaultPrivacyPolicy", update_mask="terms_link")
    shown = policy(emptied.world, "GetDefaultPrivacyPolicy").model_dump()
    assert (shown["terms_link"], shown["help_link"]) == ("", "https://e.com/h")
    call(world(), "SetDefaultPasswordComplexityPolicy", update_mask="min_length").refused(InvalidInput)


def test_setting_insists_on_the_version_that_was_seen() -> None:
    """It is that of all policies of the place, and shown with each."""
    once = call(world(), "SetDefaultLoginPolicy", force_mfa=True).world
    assert call(once, "GetDefaultPrivacyPolicy").result.version == 1
    call(once, "SetDefaultLoginPolicy", force_mfa=False, expected_version=2).refused(VersionConflict)
    call(once, "ResetDefaultLoginPolicy", expected_version=2).refused(VersionConflict)
    call(once, "SetDefaultLoginPolicy", force_mfa=False, expected_version=1).then(default_set(LoginPolicySet()))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("PasswordComplexityPolicy", {"min_length": 7}),
        ("PasswordComplexityPolicy", {"min_length": 129}),
        ("PasswordHistoryPolicy", {"remembered": 25}),
        ("PasswordAgePolicy", {"max_days": -1}),
        ("LockoutPolicy", {"max_password_attempts": 101}),
        ("LockoutPolicy", {"owner_lock_minutes": 0}),
        ("LifetimePolicy", {"access_token_lifetime": timedelta(days=2)}),
        ("LifetimePolicy", {"refresh_token_lifetime": timedelta(days=91)}),
        ("LifetimePolicy", {"session_lifetime": timedelta(seconds=1)}),
        ("PrivacyPolicy", {"terms_link": "javascript:alert(1)"}),
        ("PrivacyPolicy", {"terms_link": 'https://example.com/"onclick='}),
        ("BrandingPreview", {"primary_colour": "red;}"}),
        ("SecurityPolicy", {"framing_origins": ("https://a.example.com; script-src *",)}),
        ("SecurityPolicy", {"framing_origins": ("*",)}),
        ("SecurityPolicy", {"framing_origins": ("https://a.example.com",) * 21}),
    ],
)
def test_bounds_of_a_policy_are_those_of_its_setting(name: str, fields: dict[str, Any]) -> None:
    """What a policy cannot hold is refused before anything is decided, at the field where it stands."""
    with pytest.raises(ValidationError) as caught:
        KIT.operation(f"SetDefault{name}").input(**fields)
    assert caught.value.errors()[0]["loc"][0] in fields


def test_fields_that_do_not_go_together_are_refused() -> None:
    """Also when one of them was set long before."""
    aged = call(world(), "SetDefaultPasswordAgePolicy", max_days=30, warn_days=7).world
    call(aged, "SetDefaultPasswordAgePolicy", max_days=7).refused(InvalidInput)
    call(world(), "SetDefaultLifetimePolicy", refresh_token_lifetime=timedelta(days=7)).refused(InvalidInput)


def test_nothing_lives_longer_than_the_activity_log_is_kept() -> None:
    """Whatever is set: retention begins a day behind the longest life."""
    assert timedelta(days=LEAST_DAYS) > LONGEST
    assert LifetimePolicy(refresh_token_lifetime=LONGEST, session_lifetime=LONGEST).session_lifetime == LONGEST


# --- branding ------------------------------------------------------------------------------------------------------


def test_branding_is_previewed_and_then_activated() -> None:
    """Nobody sees the preview; activated it is what everybody sees."""
    previewed = call(world(), "SetBrandingPreview", organization_id="acme", primary_colour="#112233")
    wanted = Branding(primary_colour="#112233")
    previewed.then(POLICIES.append("acme", BrandingPreviewSet(primary_colour="#112233")))
    assert policy(previewed.world, "GetBrandingPreview", organization_id="acme") == wanted
    assert policy(previewed.world, "GetBranding", organization_id="acme") == Branding()
    active = call(previewed.world, "ActivateBranding", organization_id="acme")
    active.then(POLICIES.append("acme", BrandingActivated(primary_colour="#112233")))
    assert policy(active.world, "GetBranding", organization_id="acme") == wanted
    call(active.world, "ActivateBranding", organization_id="acme").then()


def test_preview_begins_with_what_is_active() -> None:
    """The instance's own preview is nothing that an organization is shown."""
    instance = call(world(), "SetDefaultBrandingPreview", primary_colour="#112233").world
    assert policy(instance, "GetBrandingPreview", organization_id="acme") == Branding()
    instance = call(instance, "ActivateDefaultBranding").world
    assert policy(instance, "GetBrandingPreview", organization_id="acme") == Branding(primary_colour="#112233")
    own = call(instance, "SetBrandingPreview", organization_id="acme", text_colour="#000000")
    own.then(POLICIES.append("acme", BrandingPreviewSet(primary_colour="#112233", text_colour="#000000")))
    call(world(), "ActivateBranding", organization_id="acme").then()


def test_branding_is_set_by_activation_alone() -> None:
    """There is no operation that skips the preview."""
    names = {operation.name for operation in OPERATIONS}
    assert not names & {"SetBranding", "SetDefaultBranding"}


# --- domain policies -----------------------------------------------------------------------------------------------


def test_where_user_names_are_unique_changes_only_while_there_are_no_users() -> None:
    """Of two users with one name neither could keep it."""
    per_organization: dict[str, Any] = {"user_names_unique_in": UserNameScope.ORGANIZATION}
    populated = world().given(*human("ada"))
    call(populated, "SetDefaultDomainPolicy", **per_organization).refused(FailedPrecondition)
    call(populated, "SetDomainPolicy", organization_id="acme", **per_organization).refused(FailedPrecondition)
    own = call(populated, "SetDomainPolicy", organization_id="other", **per_organization)
    own.then(POLICIES.append("other", DomainPolicySet(**per_organization)))
    inhabited = own.world.given(*human("bob", "other"))
    call(inhabited, "ResetDomainPolicy", organization_id="other").refused(FailedPrecondition)
    call(inhabited, "SetDomainPolicy", organization_id="other", validate_organization_domains=False)


def test_user_names_have_to_be_unique_somewhere() -> None:
    """Unspecified is no place."""
    call(world(), "SetDefaultDomainPolicy", user_names_unique_in="unspecified").refused(InvalidInput)


def test_domain_policy_is_for_those_who_own_the_instance() -> None:
    """An organization cannot let its users have the names of others by itself."""
    owned = world().as_(OWNER)
    call(owned, "SetDomainPolicy", organization_id="acme", user_names_are_addresses=True).refused(PermissionDenied)
    assert call(owned, "GetDomainPolicy", organization_id="acme").result.is_default


# --- who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.name)
def test_defaults_are_for_those_who_own_the_instance(kind: Kind[Any]) -> None:
    """To own an organization is not enough, and to look at everything is not to change it."""
    verbs = ("Activate" if kind.name == "branding" else "Set", "Reset")
    for role in (caller("ada", "ORGANIZATION_OWNER", "acme"), caller("eve", "INSTANCE_VIEWER")):
        for verb in verbs:
            call(world().as_(role), f"{verb}Default{kind.noun}").refused(PermissionDenied)
    call(world().as_(OWNER), f"GetDefault{kind.noun}").refused(PermissionDenied)
    assert call(world().as_(caller("eve", "INSTANCE_VIEWER")), f"GetDefault{kind.noun}").result


@pytest.mark.parametrize("kind", OVERRIDABLE, ids=lambda kind: kind.name)
def test_own_policies_are_for_those_who_own_the_organization(kind: Kind[Any]) -> None:
    """Viewers look; strangers are not told whether there is such an organization."""
    verbs = ("Activate" if kind.name == "branding" else "Set", "Reset")
    viewer, stranger = caller("eve", "ORGANIZATION_VIEWER", "acme"), caller("eve", "ORGANIZATION_OWNER", "other")
    assert call(world().as_(viewer), f"Get{kind.noun}", organization_id="acme").result
    for verb in verbs:
        call(world().as_(viewer), f"{verb}{kind.noun}", organization_id="acme").refused(PermissionDenied)
        call(world().as_(stranger), f"{verb}{kind.noun}", organization_id="acme").refused(NotFound)
        call(world().as_(stranger), f"{verb}{kind.noun}", organization_id="nowhere").refused(NotFound)
    call(world().as_(stranger), f"Get{kind.noun}", organization_id="acme").refused(NotFound)


def test_users_see_what_counts_for_them() -> None:
    """By the organization they are of; nobody in particular has none."""
    own = call(world(), "SetPasswordComplexityPolicy", organization_id="acme", digit=True).world
    ada = caller("ada")
    shown = call(own.as_(ada), "GetMyPasswordComplexityPolicy").result
    assert shown.policy == PasswordComplexityPolicy()
    mine = call(own.as_(replace(ada, organization_id="acme")), "GetMyPasswordComplexityPolicy").result
    assert mine.policy == PasswordComplexityPolicy(digit=True)
    world().when(Empty(), "GetMyLoginPolicy").refused(Unauthenticated)
    world().as_(ANONYMOUS).when(Empty(), "GetMyLoginPolicy").refused(Unauthenticated)


def test_security_is_the_instances_alone() -> None:
    """Whether a user is hidden cannot depend on where nobody knows whether the user is."""
    assert "SetSecurityPolicy" not in {operation.name for operation in OPERATIONS}
    call(world(), "SetDefaultSecurityPolicy", hide_unknown_users=False).then(
        default_set(SecurityPolicySet(hide_unknown_users=False))
    )
