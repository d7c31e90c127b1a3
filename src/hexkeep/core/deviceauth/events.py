"""What a person says to a device that wants to be let in. That a device has asked is no event: strangers may ask."""

from datetime import datetime
from typing import ClassVar

from hexkeep.core.kernel.event import Event


class DeviceApproved(Event):
    """The person lets the device act in its name, with the session that this was said in.

    ``acr`` is the class of the sign-in then, as the application wants it told.
    """

    type: ClassVar[str] = "device_authorization.approved"

    client_id: str
    user_id: str
    session_id: str
    scopes: tuple[str, ...]
    auth_time: datetime
    approved_at: datetime
    acr: str = ""


class DeviceDenied(Event):
    """The person does not."""

    type: ClassVar[str] = "device_authorization.denied"

    client_id: str
    user_id: str
