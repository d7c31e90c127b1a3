"""The kind: what has to be known of a forum."""

from typing import Annotated

from pydantic import Field, StringConstraints

from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from hexkeep.core.kernel.urls import ServerUrl

SharedSecret = Annotated[str, StringConstraints(min_length=32, max_length=200), Field(repr=False)]
"""Whoever signs in sees what it signs, so it has to be as long as the MAC (RFC 2104 section 3)."""


class DiscourseSettings(IdpSettings):
    """A forum that has DiscourseConnect as a provider switched on."""

    url: ServerUrl = Field(description="Where the forum is.", examples=["https://forum.example.com"])
    secret: SharedSecret = Field(
        repr=False, description="What the forum has for our host in its provider secrets. It is not shown again."
    )
    email_verified: bool = Field(
        default=False, description="E-mail addresses count as verified: the forum does not tell."
    )


URL = frozenset({"url"})
DISCOURSE = IdpKind("discourse", "Discourse", "Discourse forum", DiscourseSettings, URL, accounts_at=URL)
