"""The state of an organization: the owner of users and projects within an instance."""

from dataclasses import dataclass, replace

from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.organization.events import (
    OrganizationAdded,
    OrganizationDeactivated,
    OrganizationReactivated,
    OrganizationRemoved,
    OrganizationRenamed,
)


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization. Whoever signs a user in or serves an application has to see that its organization is active."""

    status: Status = Status.UNSPECIFIED
    name: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is such an organization, switched off or not."""
        return self.status.exists

    @property
    def active(self) -> bool:
        """Whether its users may sign in and its applications be used."""
        return self.status is Status.ACTIVE


def evolve(state: Organization, event: Event) -> Organization:
    """The state after ``event``; an event that says nothing about an organization leaves it as it was."""
    match event:
        case OrganizationAdded(name=name):
            return Organization(Status.ACTIVE, name)
        case OrganizationRenamed(name=name):
            return replace(state, name=name)
        case OrganizationDeactivated():
            return replace(state, status=Status.INACTIVE)
        case OrganizationReactivated():
            return replace(state, status=Status.ACTIVE)
        case OrganizationRemoved():
            return Organization(Status.REMOVED)
        case _:
            return state


ORGANIZATION: Aggregate[Organization] = Aggregate(
    name="organization",
    log=Log.DURABLE,
    initial=Organization(),
    events=(
        OrganizationAdded,
        OrganizationRenamed,
        OrganizationDeactivated,
        OrganizationReactivated,
        OrganizationRemoved,
    ),
    evolve=evolve,
)
