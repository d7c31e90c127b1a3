"""Badges by the decision kit: given what happened, when asked, then this is written."""

from hexkeep_badges import SLICE
from hexkeep_badges.commands import BadgeId, CreateBadge
from hexkeep_badges.events import BadgeCreated, BadgeRetired
from hexkeep_badges.queries import ListBadges
from hexkeep_badges.state import BADGE, name_key

from hexkeep.core import organization
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, NotFound
from hexkeep.core.kernel.permission import Caller, CallerKind
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
    stranger.when(BadgeId(badge_id="helpful"), operation="RetireBadge").refused(NotFound)
    stranger.when(BadgeId(badge_id="other"), operation="RetireBadge").refused(NotFound)


def test_retired_badge_frees_its_name_and_stays_retired() -> None:
    """What changes nothing writes nothing."""
    retire = BadgeId(badge_id="helpful")
    outcome = ACME.given(*HELPFUL).when(retire, operation="RetireBadge")
    outcome.then(BADGE.append("helpful", BadgeRetired()), Release(name_key("acme", "Helpful"), BADGE.ref("helpful")))
    outcome.world.when(retire, operation="RetireBadge").then()


def test_list_is_filled_by_the_projection() -> None:
    """The kit runs the real projection over what was given."""
    [badge] = ACME.given(*HELPFUL).when(ListBadges()).result.badges
    assert (badge.badge_id, badge.name, badge.retired) == ("helpful", "Helpful", False)
