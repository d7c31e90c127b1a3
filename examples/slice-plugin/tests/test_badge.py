"""Badges by the decision kit: given what happened, when asked, then this is written."""

from hexkeep_badges import SLICE
from hexkeep_badges.commands import CreateBadge, RetireBadge, UpdateBadge
from hexkeep_badges.events import BadgeChanged, BadgeCreated, BadgeRetired
from hexkeep_badges.permission import KEEPER, VIEWER
from hexkeep_badges.queries import ListBadges
from hexkeep_badges.state import BADGE, name_key

from hexkeep.core import organization
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    VersionConflict,
)
from hexkeep.core.kernel.permission import Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.organization.events import OrganizationAdded, OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.testing.decisions import Kit

KIT = Kit(organization.SLICE, SLICE)
ACME = KIT.given(ORGANIZATION.append("acme", OrganizationAdded(name="Acme")))
CREATE = CreateBadge(organization_id="acme", name="Helpful")
HELPFUL = (
    BADGE.append("helpful", BadgeCreated(organization_id="acme", name="Helpful")),
    Claim(name_key("acme", "Helpful"), BADGE.ref("helpful")),
)


def test_created_badge_claims_its_name() -> None:
    """A badge is its organization's, and nobody else's of that name."""
    ACME.when(CREATE).then(
        BADGE.append("id-1", BadgeCreated(organization_id="acme", name="Helpful")),
        Claim(name_key("acme", "Helpful"), BADGE.ref("id-1")),
    )
    ACME.given(*HELPFUL).when(CREATE).refused(AlreadyExists)


def test_inactive_organization_defines_no_badges() -> None:
    """Who is switched off changes nothing."""
    ACME.given(ORGANIZATION.append("acme", OrganizationDeactivated())).when(CREATE).refused(FailedPrecondition)


def test_stranger_cannot_tell_whether_there_is_a_badge() -> None:
    """Without a role there, a badge is as absent as one that never was."""
    stranger = ACME.given(*HELPFUL).as_(Caller(CallerKind.USER, user_id="mallory"))
    stranger.when(RetireBadge(badge_id="helpful")).refused(NotFound)
    stranger.when(RetireBadge(badge_id="other")).refused(NotFound)


def test_retired_badge_frees_its_name_and_stays_retired() -> None:
    """What changes nothing writes nothing."""
    retire = RetireBadge(badge_id="helpful")
    outcome = ACME.given(*HELPFUL).when(retire)
    outcome.then(BADGE.append("helpful", BadgeRetired()), Release(name_key("acme", "Helpful"), BADGE.ref("helpful")))
    outcome.world.when(retire).then()
    outcome.world.when(UpdateBadge(badge_id="helpful", name="Kind")).refused(FailedPrecondition)


def keeping(role: Role, organization_id: str) -> Caller:
    """Somebody with one role in one organization."""
    held = Membership(role, Scope(Level.ORGANIZATION, organization_id))
    return Caller(CallerKind.USER, user_id="kim", organization_id=organization_id, memberships=(held,))


def test_role_keeps_the_badges_of_its_organization_alone() -> None:
    """A keeper defines and retires at home; a viewer only looks; elsewhere there is nothing to see."""
    given = ACME.given(*HELPFUL)
    retire = RetireBadge(badge_id="helpful")
    given.as_(keeping(VIEWER, "acme")).when(retire).refused(PermissionDenied)
    given.as_(keeping(KEEPER, "other")).when(retire).refused(NotFound)
    given.as_(keeping(KEEPER, "other")).when(CREATE).refused(PermissionDenied)
    assert given.as_(keeping(KEEPER, "other")).when(ListBadges()).result.badges == ()
    assert len(given.as_(keeping(VIEWER, "acme")).when(ListBadges()).result.badges) == 1
    given.as_(keeping(KEEPER, "acme")).when(retire)


def test_update_changes_what_is_named() -> None:
    """By what is given, or by a mask; what stays the same is not written."""
    given = ACME.given(*HELPFUL)
    changed = given.when(UpdateBadge(badge_id="helpful", description="Helps"))
    changed.then(BADGE.append("helpful", BadgeChanged(name="Helpful", description="Helps")))
    changed.world.when(UpdateBadge(badge_id="helpful", update_mask="description")).then(
        BADGE.append("helpful", BadgeChanged(name="Helpful", description=""))
    )
    given.when(UpdateBadge(badge_id="helpful", name="Helpful")).then()
    given.when(UpdateBadge(badge_id="helpful", update_mask="retired")).refused(InvalidInput)


def test_another_name_is_claimed_and_the_old_one_is_free() -> None:
    """Names stay unique when they change."""
    ref = BADGE.ref("helpful")
    ACME.given(*HELPFUL).when(UpdateBadge(badge_id="helpful", name="Kind")).then(
        BADGE.append("helpful", BadgeChanged(name="Kind", description="")),
        Release(name_key("acme", "Helpful"), ref),
        Claim(name_key("acme", "Kind"), ref),
    )


def test_a_badge_that_somebody_else_changed_is_left_alone() -> None:
    """Who names the version they have seen changes that one or none."""
    stale = {"badge_id": "helpful", "expected_version": 7}
    ACME.given(*HELPFUL).when(UpdateBadge(**stale, name="Kind")).refused(VersionConflict)
    ACME.given(*HELPFUL).when(RetireBadge(**stale)).refused(VersionConflict)


def test_list_is_filled_by_the_projection() -> None:
    """The kit runs the real projection over what was given."""
    [badge] = ACME.given(*HELPFUL).when(ListBadges()).result.badges
    assert (badge.badge_id, badge.name, badge.retired) == ("helpful", "Helpful", False)
