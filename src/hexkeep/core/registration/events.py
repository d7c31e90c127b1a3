"""What happens to the registration of clients."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden


class ClientRegistrationSet(Event):
    """Who may register clients is now this; ``project_id`` is where those go whom nobody has invited.

    ``token_endpoint_audience`` is what they get of the setting of that name.
    """

    type = "client_registration.set"

    mode: str
    project_id: str = ""
    metadata_documents: bool = False
    token_endpoint_audience: bool = False


class InitialAccessTokenCreated(Event):
    """Whoever presents the token of which this is the keyed hash may register clients in a project.

    As often as ``uses`` says, until ``expires_at``.
    """

    type = "initial_access_token.created"

    organization_id: str
    project_id: str
    name: str
    token_hash: Annotated[str, Hidden()]
    uses: int
    expires_at: datetime


class InitialAccessTokenUsed(Event):
    """A client was registered with it, so that it is good for this many more."""

    type = "initial_access_token.used"

    client_id: str
    uses_left: int


class InitialAccessTokenDeleted(Event):
    """It is good for nothing any more. What was registered with it stays."""

    type = "initial_access_token.deleted"
