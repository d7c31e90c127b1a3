"""What happens when a stranger wants an account. That it was made shows in the user's own events."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Unattributed

AboutStranger = Annotated[str, Unattributed()]
"""Text about somebody of whom nobody knows yet who it is."""
InTransit = Annotated[str, Unattributed(), Hidden()]
"""A secret on its way to an address: sealed, and shown to nobody who reads the log."""


class UserRegistrationRequested(Event):
    """Somebody wants an account, and a mail of the kind ``message`` goes to the address that was given.

    It brings the code that makes the account, or tells that there is one of that user name already.
    """

    type = "user_registration.requested"

    message: str
    address: AboutStranger
    language: AboutStranger
    code: InTransit
    link: InTransit
    expires_at: datetime
