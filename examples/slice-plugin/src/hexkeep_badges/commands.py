"""What may be done with badges: inputs, outputs, and the decisions between them."""

from pydantic import Field

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep_badges.events import BadgeCreated, BadgeRetired
from hexkeep_badges.state import BADGE, name_key


class CreateBadge(Message):
    """A new badge."""

    organization_id: Id
    name: Name = Field(examples=["Helpful"])


class BadgeId(Message):
    """Names one badge."""

    badge_id: Id


def create_badge(request: CreateBadge, ctx: Context) -> Decision[BadgeId]:
    """Define a badge for an organization."""
    organization = ctx.load(ORGANIZATION, request.organization_id)
    reach(ctx, "organization.read", exists=organization.exists, organization=request.organization_id)
    if not organization.active:
        raise FailedPrecondition("The organization is not active")
    badge_id = ctx.new_id()
    return Decision(
        BadgeId(badge_id=badge_id),
        BADGE.append(badge_id, BadgeCreated(organization_id=request.organization_id, name=request.name)),
        Claim(name_key(request.organization_id, request.name), BADGE.ref(badge_id)),
    )


def retire_badge(request: BadgeId, ctx: Context) -> Decision[Empty]:
    """Award a badge no more. A retired one stays so."""
    badge = ctx.load(BADGE, request.badge_id)
    reach(ctx, "organization.read", exists=badge.exists, organization=badge.organization_id)
    if badge.retired:
        return Decision(Empty())
    return Decision(
        Empty(),
        BADGE.append(request.badge_id, BadgeRetired()),
        Release(name_key(badge.organization_id, badge.name), BADGE.ref(request.badge_id)),
    )
