"""Looking at instances: at all of them from outside, at one's own from within."""

import enum

from pydantic import Field

from hexkeep.core.instance.access import existing, insist_on_system
from hexkeep.core.instance.projection import INSTANCES
from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, Instance, InstanceStatus
from hexkeep.core.kernel.access import listed
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Row, eq
from hexkeep.core.setting.state import settings_of


class GetInstance(Message):
    """Names the instance to get."""

    instance_id: Id


class InstanceView(Message):
    """One instance. ``hosts`` has the host of ``origin`` first."""

    instance_id: str
    name: str
    origin: str
    hosts: tuple[str, ...]
    status: InstanceStatus
    default_organization_id: str


class InstanceDetails(InstanceView):
    """One instance as operators see it."""

    version: int


class InstanceSort(enum.StrEnum):
    """What instances can be sorted by."""

    UNSPECIFIED = "unspecified"
    NAME = "name"
    CREATED_AT = "created_at"


class ListInstances(PageRequest):
    """Asks for instances; without a filter for all."""

    name: Line = Field("", description="Only those whose name contains this")
    status: InstanceStatus = Field(InstanceStatus.UNSPECIFIED, description="Only those with this status")
    sort: InstanceSort = Field(InstanceSort.UNSPECIFIED, description="Sorted by this, else by age")


class InstanceSummary(Message):
    """One instance in a list."""

    instance_id: str
    name: str
    origin: str
    status: InstanceStatus


class ListInstancesOutput(Page):
    """One page of instances."""

    instances: tuple[InstanceSummary, ...]


def get_instance(request: GetInstance, ctx: Context) -> Decision[InstanceDetails]:
    """Get an instance with its hosts."""
    view = _view(request.instance_id, existing(ctx, request.instance_id))
    return Decision(InstanceDetails(**dict(view), version=ctx.version(INSTANCE, request.instance_id)))


def get_my_instance(_request: Empty, ctx: Context) -> Decision[InstanceView]:
    """Get the instance that was called, with its hosts."""
    ctx.authorize()
    state = ctx.load(INSTANCE, ctx.instance, instance=SYSTEM_INSTANCE)
    if not state.exists:
        raise NotFound
    own = settings_of(ctx).default_organization_id or state.default_organization_id
    return Decision(_view(ctx.instance, state).model_copy(update={"default_organization_id": own}))


def list_instances(request: ListInstances, ctx: Context) -> Decision[ListInstancesOutput]:
    """List instances."""
    insist_on_system(ctx)
    sort = "" if request.sort is InstanceSort.UNSPECIFIED else request.sort.value
    page = page_of(INSTANCES, request, _where(request), sort=sort)
    found = listed(ctx, request, page)
    return Decision(
        ListInstancesOutput(
            instances=tuple(_summary(row) for row in found.rows), next_cursor=found.next_cursor, total=found.total
        )
    )


def _where(request: ListInstances) -> Condition:
    conditions: list[Condition] = []
    if request.name:
        conditions.append(Contains("name", request.name))
    if request.status is not InstanceStatus.UNSPECIFIED:
        conditions.append(eq("status", request.status.value))
    return And(tuple(conditions))


def _view(instance_id: str, state: Instance) -> InstanceView:
    return InstanceView(
        instance_id=instance_id,
        name=state.name,
        origin=state.origin,
        hosts=state.hosts,
        status=state.status,
        default_organization_id=state.default_organization_id,
    )


def _summary(row: Row) -> InstanceSummary:
    return InstanceSummary(
        instance_id=str(row["id"]),
        name=str(row["name"]),
        origin=str(row["origin"]),
        status=InstanceStatus(str(row["status"])),
    )
