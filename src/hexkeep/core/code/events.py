"""What happens to codes. That one was used shows in what it was used for."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal

AboutUser = Annotated[str, Personal("user_id")]
"""Text about the person who gets the code."""
InTransit = Annotated[str, Personal("user_id"), Hidden()]
"""A secret on its way to its person: sealed, and shown to nobody who reads the log."""


class CodeFormSet(Event):
    """Codes for a purpose have this length, 0 for links, and are good for so long from now on."""

    type = "code_form.set"

    symbols: int
    lifetime_seconds: int


class CodeFormReset(Event):
    """Codes for a purpose are as they were at first."""

    type = "code_form.reset"


class CodeIssued(Event):
    """A person is to get a code at an address. ``purpose`` says what for; an earlier code for the same is void."""

    type = "code.issued"

    user_id: str
    purpose: str
    channel: str
    address: AboutUser
    language: AboutUser
    display_name: AboutUser
    code: InTransit
    link: InTransit
    expires_at: datetime
