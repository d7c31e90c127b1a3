"""How much an instance may be used: calls a minute, and calls a month.

Who operates the installation sets the limits of each instance; without any nothing is limited. The engine counts
(see ``hexkeep.engine.limiting``) and refuses with ``ResourceExhausted``, which says when to come back.
"""

from typing import Annotated

from pydantic import Field

from hexkeep.core.instance.access import existing
from hexkeep.core.instance.events import InstanceLimitsSet, InstanceQuotaReached
from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, Instance, Limits
from hexkeep.core.kernel.ask import Kept
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.update import Conditional, expect

USAGE = "quota.usage"
"""Under which the expiring store keeps how many calls an instance has had in a month."""

Amount = Annotated[int, Field(ge=0, le=1_000_000_000_000)]


class SetInstanceLimits(Conditional):
    """The limits in place of the present ones; 0 means that there is none."""

    instance_id: Id
    calls_per_minute: Amount = Field(default=0, description="Of the whole instance.")
    calls_per_minute_per_address: Amount = Field(default=0, description="From one network address.")
    calls_per_minute_per_user: Amount = Field(default=0, description="In the name of one user.")
    calls_per_minute_per_client: Amount = Field(default=0, description="Through one application.")
    calls_per_month: Amount = Field(default=0, description="The quota: calls in a calendar month, in UTC.")
    refuse_beyond_quota: bool = Field(
        default=True, description="Whether calls beyond the quota are refused, or only recorded."
    )


class GetInstanceLimits(Message):
    """The instance whose limits to get."""

    instance_id: Id


class InstanceLimits(Message):
    """The limits of an instance, 0 where there is none, and what it has used this month."""

    calls_per_minute: int
    calls_per_minute_per_address: int
    calls_per_minute_per_user: int
    calls_per_minute_per_client: int
    calls_per_month: int
    refuse_beyond_quota: bool
    calls_this_month: int = Field(description="Counted in steps of a thousandth of the quota; 0 without a quota.")


class RecordQuotaReached(Message):
    """That an instance has used a share of its quota."""

    instance_id: Id
    month: str = Field(pattern=r"^\d{4}-\d{2}$")
    percent: int = Field(ge=1, le=100)


def set_instance_limits(request: SetInstanceLimits, ctx: Context) -> Decision[Empty]:
    """Set how much an instance may be used. It holds on every node within seconds."""
    state = existing(ctx, request.instance_id)
    expect(ctx, INSTANCE, request.instance_id, request)
    wanted = InstanceLimitsSet(**request.model_dump(exclude={"instance_id", "expected_version"}))
    if Limits(**wanted.model_dump()) == state.limits:
        return Decision(Empty())
    return Decision(Empty(), INSTANCE.append(request.instance_id, wanted))


def get_instance_limits(request: GetInstanceLimits, ctx: Context) -> Decision[InstanceLimits]:
    """Get how much an instance may be used, and how much of its quota it has used this month."""
    return Decision(_shown(request.instance_id, existing(ctx, request.instance_id), ctx))


def get_my_instance_limits(_: Empty, ctx: Context) -> Decision[InstanceLimits]:
    """Get how much the instance that was called may be used, and how much of its quota it has used this month."""
    ctx.authorize()
    state = ctx.load(INSTANCE, ctx.instance, instance=SYSTEM_INSTANCE)
    if not state.exists:
        raise NotFound
    return Decision(_shown(ctx.instance, state, ctx))


def _shown(instance_id: str, state: Instance, ctx: Context) -> InstanceLimits:
    limits = state.limits
    return InstanceLimits(
        calls_per_minute=limits.calls_per_minute,
        calls_per_minute_per_address=limits.calls_per_minute_per_address,
        calls_per_minute_per_user=limits.calls_per_minute_per_user,
        calls_per_minute_per_client=limits.calls_per_minute_per_client,
        calls_per_month=limits.calls_per_month,
        refuse_beyond_quota=limits.refuse_beyond_quota,
        calls_this_month=_used(instance_id, ctx) if limits.calls_per_month else 0,
    )


def _used(instance_id: str, ctx: Context) -> int:
    kept = ctx.ask(Kept(USAGE, usage_key(instance_id, f"{ctx.now:%Y-%m}")))
    return int(kept) if kept else 0


def usage_key(instance_id: str, month: str) -> str:
    """Where the usage of an instance in a month is kept."""
    return f"{instance_id}/{month}"


def record_quota_reached(request: RecordQuotaReached, ctx: Context) -> Decision[Empty]:
    """Record that an instance has used a share of its quota of a month. Repeated, nothing happens."""
    state = existing(ctx, request.instance_id)
    if (request.month, request.percent) <= state.quota_reached:
        return Decision(Empty())
    reached = InstanceQuotaReached(month=request.month, percent=request.percent)
    return Decision(Empty(), INSTANCE.append(request.instance_id, reached))
