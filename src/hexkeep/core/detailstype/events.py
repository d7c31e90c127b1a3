"""What happens to the types of authorization details of an instance."""

from hexkeep.core.kernel.event import Event
from hexkeep.core.oidc.rfc9396 import DetailsField


class DetailsTypeAdded(Event):
    """There is a type, by which objects of a request name themselves. That name never changes."""

    type = "authorization_details_type.added"

    details_type_id: str
    details_type: str
    name: str
    description: str = ""
    details_fields: tuple[DetailsField, ...] = ()


class DetailsTypeChanged(Event):
    """A type is shown otherwise, or has other fields."""

    type = "authorization_details_type.changed"

    details_type_id: str
    name: str
    description: str = ""
    details_fields: tuple[DetailsField, ...] = ()


class DetailsTypeRemoved(Event):
    """A type is gone; what was granted under it stays granted."""

    type = "authorization_details_type.removed"

    details_type_id: str
