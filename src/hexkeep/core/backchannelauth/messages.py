"""What goes in and out of the backchannel authentication endpoint, and of what people say to its requests."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Message
from hexkeep.core.oidc.messages import ClientRequest
from hexkeep.core.oidc.shown_details import ShownDetails


class StartBackchannelAuthentication(ClientRequest):
    """An authentication request (CIBA Core 1.0 section 7.1) as it came in by POST."""


class BackchannelAuthenticationResponse(Message):
    """The acknowledgement (CIBA Core 1.0 section 7.3)."""

    auth_req_id: str = Field(repr=False)
    expires_in: int
    interval: int


class BackchannelRequestItem(Message):
    """What an application asks the caller."""

    request_id: str
    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    authorization_details: tuple[ShownDetails, ...]
    binding_message: str = Field(description="What the application shows as well, so that the two can be compared.")
    requested_at: datetime
    expires_at: datetime


class BackchannelRequestList(Message):
    """What waits for the caller's answer, the oldest first."""

    requests: tuple[BackchannelRequestItem, ...]


class ApproveBackchannelRequest(Message):
    """Say yes to one of them."""

    request_id: Id = Field(examples=["0198c0de-0000-7000-8000-000000000001"])


class DenyBackchannelRequest(Message):
    """Say no to one of them."""

    request_id: Id = Field(examples=["0198c0de-0000-7000-8000-000000000001"])


class PlanBackchannelPing(Message):
    """The answer of which the application is to be told."""

    request_id: Id


class BackchannelPing(Message):
    """How the application is told (CIBA Core 1.0 section 10.2); an empty ``endpoint`` where that is not needed."""

    endpoint: str = ""
    auth_req_id: str = Field("", repr=False)
    token: str = Field("", repr=False)
