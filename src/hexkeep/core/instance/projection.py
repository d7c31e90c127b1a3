"""The view of all instances, kept in the instance ``system``."""

from collections.abc import Iterable

from hexkeep.core.instance.events import (
    InstanceAdopted,
    InstanceDeactivated,
    InstanceOriginSet,
    InstanceReactivated,
    InstanceReady,
    InstanceRemoved,
    InstanceRenamed,
    InstanceRequested,
)
from hexkeep.core.instance.state import INSTANCE, InstanceStatus
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Column, Delete, Patch, Projection, Put, RowOperation, Table, Value

INSTANCES = Table(
    name="instances",
    columns=(
        Column("id"),  # not instance_id: that column is in every table, and here it is always `system`
        Column("name", search=True),
        Column("origin"),
        Column("status"),
        Column("default_organization_id"),
    ),
    key=("id",),
    of=INSTANCE.name,
)
"""One row an instance. Its hosts are not here: a row patches cells, it does not fold lists."""


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row of the instance that the event is about."""
    match recorded.event:
        case InstanceRequested() as event:
            return (Put(INSTANCES, _row(recorded.aggregate_id, event)),)
        case InstanceAdopted() as event:
            return (Put(INSTANCES, _adopted(recorded.aggregate_id, event)),)
        case InstanceRemoved():
            return (Delete(INSTANCES, (recorded.aggregate_id,)),)
        case event:
            changes = _changes(event)
            return (Patch(INSTANCES, (recorded.aggregate_id,), changes),) if changes else ()


def _row(instance_id: str, event: InstanceRequested) -> dict[str, Value]:
    return {
        "id": instance_id,
        "name": event.name,
        "origin": event.origin,
        "status": InstanceStatus.REQUESTED.value,
        "default_organization_id": event.organization_id,
    }


def _adopted(instance_id: str, event: InstanceAdopted) -> dict[str, Value]:
    status = InstanceStatus.ACTIVE if event.active else InstanceStatus.INACTIVE
    return {
        "id": instance_id,
        "name": event.name,
        "origin": event.origin,
        "status": status.value,
        "default_organization_id": event.default_organization_id,
    }


def _changes(event: Event) -> dict[str, Value]:
    match event:
        case InstanceReady() | InstanceReactivated():
            return {"status": InstanceStatus.ACTIVE.value}
        case InstanceDeactivated():
            return {"status": InstanceStatus.INACTIVE.value}
        case InstanceRenamed(name=name):
            return {"name": name}
        case InstanceOriginSet(origin=origin):
            return {"origin": origin}
        case _:
            return {}


PROJECTION = Projection(
    name="instances",
    version=2,
    log=Log.DURABLE,
    tables=(INSTANCES,),
    events=(
        InstanceRequested,
        InstanceAdopted,
        InstanceReady,
        InstanceRenamed,
        InstanceOriginSet,
        InstanceDeactivated,
        InstanceReactivated,
        InstanceRemoved,
    ),
    project=project,
)
