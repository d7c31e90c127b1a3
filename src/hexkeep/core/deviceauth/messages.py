"""What goes in and out of the device authorization endpoint and its pages."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.shown_details import ShownDetails


class StartDeviceAuthorization(ClientRequest):
    """A device authorization request (RFC 8628 section 3.1) as it came in by POST."""


class DeviceAuthorizationResponse(Message):
    """The answer to the device (RFC 8628 section 3.2)."""

    device_code: str = Field(repr=False)
    user_code: str = Field(repr=False)
    verification_uri: str
    verification_uri_complete: str = Field(repr=False)
    expires_in: int
    interval: int


class EnteredCode(Message):
    """A user code as a person has typed it, in the session of the person's browser."""

    user_code: Annotated[str, Field(max_length=100, repr=False)]
    session_token: Annotated[str, Field(max_length=1024, repr=False)] = ""


class GetDeviceAuthorization(EnteredCode):
    """Ask what the page has to show."""


class DeviceAuthorizationDetails(Message):
    """What a device waits for, as the person is asked. ``user_code`` is to be compared with what the device shows.

    ``organization_id`` and ``organization_name`` are of the one whose people alone may let it in, if it is for one's.
    """

    user_code: str = Field(repr=False)
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    authorization_details: tuple[ShownDetails, ...]
    organization_id: str = ""
    organization_name: str = ""
    expires_at: datetime


class ApproveDeviceAuthorization(EnteredCode):
    """The person has compared the code and said yes."""


class DenyDeviceAuthorization(EnteredCode):
    """The person said no."""
