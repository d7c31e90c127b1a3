"""What goes in and out of connections."""

from datetime import datetime

from pydantic import Field

from hexkeep.core.kernel.fields import ClientId, Id
from hexkeep.core.kernel.operation import Message


class ListMyConnections(Message):
    """The caller's own connections; there are few, so they come at once."""


class ListUserConnections(Message):
    """Names the user whose connections are listed."""

    user_id: Id


class Connection(Message):
    """What one application has of a person.

    ``refresh_tokens`` are those by which it may act while the person is away, ``sessions`` those of the present
    sessions in which it takes part. ``consented`` says whether the person was asked and agreed.
    """

    client_id: str
    client_name: str
    logo_uri: str = Field(
        description="Where its logo is, as we drew it anew, or empty; there may turn out to be none that can be had"
    )
    initiate_login_uri: str = Field(description="Where a sign-in to it begins (OIDC Core section 4), or empty")
    scopes: tuple[str, ...]
    granted_at: datetime
    last_used_at: datetime
    refresh_tokens: int
    sessions: int
    consented: bool


class ConnectionList(Message):
    """The connections of one user, by the application's name."""

    connections: tuple[Connection, ...]


class ShowConnectionLogo(Message):
    """Ask for the logo of an application by the name that stands in its address."""

    client_id: ClientId
    name: Id


class ConnectionLogo(Message):
    """A logo as we drew it."""

    content_type: str
    content: bytes = Field(repr=False)


class RevokeMyConnection(Message):
    """Names the application whose connection to the caller is cut."""

    client_id: ClientId


class RevokeUserConnection(Message):
    """Names the user and the application between whom nothing is to be left."""

    user_id: Id
    client_id: ClientId
