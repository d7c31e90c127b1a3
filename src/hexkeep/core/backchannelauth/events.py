"""What applications ask a person, and what the person says to it."""

from datetime import datetime
from typing import Annotated, ClassVar

from hexkeep.core.kernel.event import Event, Personal

AboutUser = Annotated[str, Personal("user_id")]
"""Text about the person who is asked, or meant for that person alone."""


class BackchannelRequested(Event):
    """An application asks. ``address`` is where the person is told, empty for nowhere; the link leads to the page.

    ``authorization_details`` is JSON (RFC 9396).
    """

    type: ClassVar[str] = "backchannel_authentication.requested"

    request_id: str
    client_id: str
    client_name: str
    user_id: str
    scopes: tuple[str, ...]
    acr_values: tuple[str, ...] = ()
    binding_message: AboutUser = ""
    authorization_details: AboutUser = ""
    address: AboutUser = ""
    language: AboutUser = ""
    display_name: AboutUser = ""
    link: AboutUser = ""
    requested_at: datetime
    expires_at: datetime


class BackchannelApproved(Event):
    """The person lets the application have what it asked for, with the session that this was said in.

    ``pinged`` says that the application is told; else it asks. ``acr`` is the class of the sign-in then, as the
    application wants it told.
    """

    type: ClassVar[str] = "backchannel_authentication.approved"

    request_id: str
    client_id: str
    user_id: str
    session_id: str
    auth_time: datetime
    approved_at: datetime
    expires_at: datetime
    pinged: bool = False
    acr: str = ""


class BackchannelDenied(Event):
    """The person does not."""

    type: ClassVar[str] = "backchannel_authentication.denied"

    request_id: str
    client_id: str
    user_id: str
    expires_at: datetime
    pinged: bool = False
