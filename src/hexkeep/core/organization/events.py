"""What happens to an organization."""

from hexkeep.core.kernel.event import Event


class OrganizationAdded(Event):
    """There is a new organization, active from the start."""

    type = "organization.added"

    name: str


class OrganizationRenamed(Event):
    """It is called otherwise."""

    type = "organization.renamed"

    name: str


class OrganizationDeactivated(Event):
    """Nobody of it may sign in and none of its applications may be used."""

    type = "organization.deactivated"


class OrganizationReactivated(Event):
    """It is as it was before it was deactivated."""

    type = "organization.reactivated"


class OrganizationRemoved(Event):
    """It is gone for good. It had neither users nor projects any more."""

    type = "organization.removed"
