"""What may be done with badges: inputs, outputs, and the decisions between them."""

from pydantic import Field

from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep_badges.events import BadgeChanged, BadgeCreated, BadgeRetired
from hexkeep_badges.state import BADGE, name_key


class CreateBadge(Message):
    """A new badge."""

    organization_id: Id
    name: Name = Field(description="Unique in the organization, whatever its case.", examples=["Helpful"])
    description: Line = ""


class BadgeId(Message):
    """Names one badge."""

    badge_id: Id


class UpdateBadge(UpdateRequest):
    """What to change about a badge."""

    badge_id: Id
    name: Name | None = None
    description: Line | None = None


class RetireBadge(Conditional):
    """The badge that is to be awarded no more."""

    badge_id: Id


def create_badge(request: CreateBadge, ctx: Context) -> Decision[BadgeId]:
    """Define a badge for an organization."""
    ctx.authorize(organization=request.organization_id)
    ctx.load(ORGANIZATION, request.organization_id, guarded=True).status.insist(Status.ACTIVE, "organization")
    badge_id = ctx.new_id()
    return Decision(
        BadgeId(badge_id=badge_id),
        BADGE.append(badge_id, BadgeCreated(**request.model_dump())),
        Claim(name_key(request.organization_id, request.name), BADGE.ref(badge_id)),
    )


def update_badge(request: UpdateBadge, ctx: Context) -> Decision[Empty]:
    """Call or describe a badge otherwise. A retired one stays as it is."""
    badge = ctx.load(BADGE, request.badge_id)
    reach(ctx, "badge.read", exists=badge.exists, organization=badge.organization_id)
    expect(ctx, BADGE, request.badge_id, request)
    if badge.retired:
        raise FailedPrecondition("The badge is retired")
    present = BadgeChanged(name=badge.name, description=badge.description)
    after = present.model_copy(update=request.changes())
    if after == present:
        return Decision(Empty())
    ref = BADGE.ref(request.badge_id)
    before, key = (name_key(badge.organization_id, name) for name in (present.name, after.name))
    renamed: tuple[Change, ...] = () if before == key else (Release(before, ref), Claim(key, ref))
    return Decision(Empty(), BADGE.append(request.badge_id, after), *renamed)


def retire_badge(request: RetireBadge, ctx: Context) -> Decision[Empty]:
    """Award a badge no more. A retired one stays so."""
    badge = ctx.load(BADGE, request.badge_id)
    reach(ctx, "badge.read", exists=badge.exists, organization=badge.organization_id)
    expect(ctx, BADGE, request.badge_id, request)
    if badge.retired:
        return Decision(Empty())
    return Decision(
        Empty(),
        BADGE.append(request.badge_id, BadgeRetired()),
        Release(name_key(badge.organization_id, badge.name), BADGE.ref(request.badge_id)),
    )
