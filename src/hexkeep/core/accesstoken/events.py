"""What happens to a personal access token."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal


class PersonalAccessTokenCreated(Event):
    """A user has a token more, of which this is the keyed hash; it holds until ``expires_at`` at the longest.

    ``password_version`` is that of the user's password at the time: the token ends with it.
    """

    type = "personal_access_token.created"

    user_id: str
    organization_id: str
    name: Annotated[str, Personal("user_id")]
    token_hash: Annotated[str, Hidden()]
    password_version: int
    expires_at: datetime


class PersonalAccessTokenDeleted(Event):
    """The token holds no more."""

    type = "personal_access_token.deleted"
