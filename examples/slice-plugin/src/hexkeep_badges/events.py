"""What happens to a badge."""

from hexkeep.core.kernel.event import Event


class BadgeCreated(Event):
    """There is a new badge, to be awarded from now on."""

    type = "badge.created"

    organization_id: str
    name: str
    description: str = ""


class BadgeChanged(Event):
    """The badge is called or described otherwise."""

    type = "badge.changed"

    name: str
    description: str


class BadgeRetired(Event):
    """The badge is not awarded any more. Its name is free again."""

    type = "badge.retired"
