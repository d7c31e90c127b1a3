"""What happens to a consent of one user to one application."""

from datetime import datetime
from typing import ClassVar

from hexkeep.core.kernel.event import Event


class ConsentGranted(Event):
    """The user agreed that the application gets what these scopes stand for; earlier scopes are among them."""

    type: ClassVar[str] = "consent.granted"

    user_id: str
    client_id: str
    scopes: tuple[str, ...]
    granted_at: datetime


class ConsentRevoked(Event):
    """The user took the consent back; what the application got before ends with it."""

    type: ClassVar[str] = "consent.revoked"

    revoked_at: datetime
