"""What of the claims of an identity provider becomes what here: the rules, as they are kept."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.fields import Id, Name, one_line
from hexkeep.core.kernel.operation import Message

MAX_RULES = 50
ClaimPath = Annotated[
    str,
    StringConstraints(max_length=200, strip_whitespace=True),
    AfterValidator(one_line),
]
"""A claim by its name, or a place within one: names with dots between, or a JSON pointer (RFC 6901)."""
MetadataKey = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/]*[^/.][^/]*$"), AfterValidator(one_line)
]
"""A key of a user's metadata."""


class MetadataRule(Message):
    """A claim that is kept in the metadata of the user."""

    key: MetadataKey = Field(description="The key of the metadata.", examples=["department"])
    claim: ClaimPath = Field(min_length=1, description="Where the value is among the claims.", examples=["org.unit"])


class GroupRule(Message):
    """A group of the provider's whose members are in a group here."""

    name: Name = Field(description="What the provider calls it, in this spelling.", examples=["editors"])
    group_id: Id = Field(description="The group here.")


class ClaimMapping(Message):
    """Where things are told among the claims of a provider; what is left out is as the kind of the provider has it.

    A claim is named by its name, or by a place within one: names with dots between, or a JSON pointer (RFC 6901). Of
    several values the first counts. What is not there, or has not the form of its field, is not known.
    """

    user_name: ClaimPath = Field(default="", description="Of a new user; later it stays.", examples=["upn"])
    given_name: ClaimPath = ""
    family_name: ClaimPath = ""
    display_name: ClaimPath = ""
    nickname: ClaimPath = ""
    email: ClaimPath = Field(default="", examples=["emails.0.value"])
    email_verified: ClaimPath = Field(default="", description="True, or the text `true`, if the address is verified.")
    phone: ClaimPath = Field(default="", description="In the international form of ITU-T E.164.")
    phone_verified: ClaimPath = Field(default="", description="Likewise for the phone number.")
    preferred_language: ClaimPath = Field(default="", description="A language tag (RFC 5646).")
    groups: ClaimPath = Field(default="", description="Names of groups: a list, or one.", examples=["/realm/roles"])
    metadata: Annotated[tuple[MetadataRule, ...], Field(max_length=MAX_RULES)] = Field(
        default=(), description="Claims that are kept in the metadata of the user."
    )


UNMAPPED = ClaimMapping()
"""Everything as the kind of the provider has it."""
GroupRules = Annotated[tuple[GroupRule, ...], Field(max_length=MAX_RULES)]
