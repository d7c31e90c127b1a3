"""The view of organizations."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.view import Column, Delete, Patch, Projection, Put, RowOperation, Table, Visibility
from hexkeep.core.organization.events import (
    OrganizationAdded,
    OrganizationDeactivated,
    OrganizationReactivated,
    OrganizationRemoved,
    OrganizationRenamed,
)
from hexkeep.core.organization.state import ORGANIZATION

ORGANIZATIONS = Table(
    "organizations",
    columns=(Column("organization_id"), Column("name", search=True), Column("status")),
    key=("organization_id",),
    indexes=(("name",),),
    of=ORGANIZATION.name,
    visibility=Visibility(organization="organization_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case OrganizationAdded(name=name):
            row = {"organization_id": recorded.aggregate_id, "name": name, "status": Status.ACTIVE.value}
            yield Put(ORGANIZATIONS, row)
        case OrganizationRenamed(name=name):
            yield Patch(ORGANIZATIONS, key, {"name": name})
        case OrganizationDeactivated():
            yield Patch(ORGANIZATIONS, key, {"status": Status.INACTIVE.value})
        case OrganizationReactivated():
            yield Patch(ORGANIZATIONS, key, {"status": Status.ACTIVE.value})
        case OrganizationRemoved():
            yield Delete(ORGANIZATIONS, key)


PROJECTION = Projection("organizations", 1, Log.DURABLE, (ORGANIZATIONS,), ORGANIZATION.events, project)
