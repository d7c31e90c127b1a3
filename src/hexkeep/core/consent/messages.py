"""What goes in and out of consents."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.operation import Message


class GrantConsent(Message):
    """The person said yes on the consent page of a pending authorization request."""

    auth_request_id: Annotated[str, Field(max_length=200)]
    session_token: str = Field(max_length=1024, repr=False)


class RememberConsent(Message):
    """A person said yes to an application, and not on the consent page."""

    user_id: Annotated[str, Field(max_length=200)]
    client_id: Annotated[str, Field(max_length=200)]
    scopes: tuple[Annotated[str, Field(max_length=200)], ...]


class ForgetConsent(Message):
    """An application ended what it had of a person."""

    user_id: Annotated[str, Field(max_length=200)]
    client_id: Annotated[str, Field(max_length=200)]


class ConsentGiven(Message):
    """What is consented to by now."""

    client_id: str
    scopes: tuple[str, ...]


class ListMyConsents(Message):
    """The caller's own consents; there are few, so they come at once."""


class ConsentItem(Message):
    """A consent that an application relies on."""

    client_id: str
    client_name: str
    scopes: tuple[str, ...]
    granted_at: datetime


class ConsentList(Message):
    """The caller's consents, by client id."""

    consents: tuple[ConsentItem, ...]


class RevokeConsent(Message):
    """Take back a consent: the application has to ask again, and its refresh tokens for the caller end."""

    client_id: str = Field(max_length=200, examples=["0198c0de-0000-7000-8000-000000000001"])
