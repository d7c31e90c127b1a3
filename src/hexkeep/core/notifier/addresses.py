"""Where a test message may go: one address of the channel, as everywhere else."""

from pydantic import TypeAdapter, ValidationError

from hexkeep.core.kernel.fields import Email, Phone
from hexkeep.core.notifier.state import NotificationChannel

MAIL: TypeAdapter[str] = TypeAdapter(Email)
SMS: TypeAdapter[str] = TypeAdapter(Phone)


def receiver(channel: str, text: str) -> str:
    """``text`` as an address of the channel, or nothing when it is none."""
    try:
        return (MAIL if channel == NotificationChannel.MAIL else SMS).validate_python(text)
    except ValidationError:
        return ""
