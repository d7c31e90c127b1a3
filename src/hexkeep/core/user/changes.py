"""What follows for a person's profile and addresses when some of it is to be different; nothing if it is so already."""

from collections.abc import Mapping
from typing import Any

from hexkeep.core.kernel.decision import Decision
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.user.events import UserEmailChanged, UserPhoneChanged, UserProfileChanged
from hexkeep.core.user.state import USER, User
from hexkeep.core.user.status import Gender

Wanted = Mapping[str, Any]
"""What is to become of which field, as ``UpdateRequest.changes`` gives it."""


def profile_change(user: User, wanted: Wanted) -> tuple[Event, ...]:
    """The event of a changed profile."""
    present = {name: str(getattr(user, name)) for name in UserProfileChanged.model_fields}
    after = {name: wanted.get(name, value) for name, value in present.items()}
    after["gender"] = stored_gender(after["gender"])
    return () if after == present else (UserProfileChanged(**after),)


def email_change(user: User, wanted: Wanted) -> tuple[Event, ...]:
    """The event of another address, or of one that is verified now. The old address is told."""
    email = wanted.get("email", user.email)
    verified = wanted.get("email_verified", user.email_verified and email == user.email)
    if (email, verified) == (user.email, user.email_verified):
        return ()
    return (UserEmailChanged(email=email, verified=verified, previous=user.email if email != user.email else ""),)


def phone_change(user: User, wanted: Wanted) -> tuple[Event, ...]:
    """The event of another number, or of one that is verified now. The old one is told if it was the person's."""
    phone = wanted.get("phone", user.phone)
    verified = bool(phone) and wanted.get("phone_verified", user.phone_verified and phone == user.phone)
    if (phone, verified) == (user.phone, user.phone_verified):
        return ()
    told = user.phone if user.phone_verified and phone != user.phone else ""
    return (UserPhoneChanged(phone=phone, verified=verified, previous=told),)


def stored_gender(gender: str) -> str:
    """A gender as events and rows have it: nothing when it is not known."""
    return "" if gender == Gender.UNSPECIFIED else str(gender)


def appended(user_id: str, events: tuple[Event, ...]) -> Decision[Empty]:
    """The decision that writes ``events``, if there are any."""
    return Decision(Empty(), USER.append(user_id, *events)) if events else Decision(Empty())
