"""What happens to a target: a place outside that is called when something happens here."""

import enum
from datetime import timedelta
from typing import Annotated

from pydantic import Field

from hexkeep.core.kernel.event import Event, Sealed


class TargetKind(enum.StrEnum):
    """How a target is called, and what its answer is worth."""

    UNSPECIFIED = "unspecified"
    WEBHOOK = "webhook"
    """It is waited for; whether it succeeds counts, what it answers does not."""
    CALL = "call"
    """It is waited for, and what it answers takes the place of what it was sent."""
    ASYNC = "async"
    """It is called, and not waited for."""


class TargetAdded(Event):
    """The instance has a further target. What it is sent is signed with ``signing_key`` (HMAC, RFC 2104)."""

    type = "target.added"

    name: str
    kind: TargetKind
    url: str
    timeout: timedelta
    interrupt_on_error: bool
    signing_key: Annotated[str, Sealed("target"), Field(repr=False)]


class TargetChanged(Event):
    """It is called otherwise, or elsewhere; what it is sent is signed as before."""

    type = "target.changed"

    name: str
    kind: TargetKind
    url: str
    timeout: timedelta
    interrupt_on_error: bool


class TargetSigningKeyRegenerated(Event):
    """What it is sent is signed with another key from now on."""

    type = "target.signing_key.regenerated"

    signing_key: Annotated[str, Sealed("target"), Field(repr=False)]


class TargetRemoved(Event):
    """It is called no more."""

    type = "target.removed"
