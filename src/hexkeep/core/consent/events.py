"""What happens to a consent of one user to one application."""

from datetime import datetime
from typing import ClassVar

from hexkeep.core.kernel.event import Event


class ConsentGranted(Event):
    """The user agreed that the application gets what these scopes stand for; earlier scopes are among them.

    ``auth_request_id`` names the authorization request whose wishes the user was shown, all that it asks for in detail
    among them.
    """

    type: ClassVar[str] = "consent.granted"

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    granted_at: datetime
    auth_request_id: str = ""


class ConsentForgotten(Event):
    """The user is asked anew, for the application ended what it had; what else it has of the user still holds."""

    type: ClassVar[str] = "consent.forgotten"


class ConsentRevoked(Event):
    """The user took back what the application had: consent, tokens, and its part in the user's sessions."""

    type: ClassVar[str] = "consent.revoked"

    user_id: str = ""
    client_id: str = ""
    revoked_at: datetime
