"""What the operations of metadata take and give."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.fields import Id, one_line
from hexkeep.core.kernel.operation import Message

AT_ONCE = 50
MAX_ENTRIES = 100
MAX_VALUE = 64 * 1024
MAX_TOTAL = 256 * 1024
"""Bytes of all values of one user, organization or project together, about."""

Key = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/]*[^/.][^/]*$"), AfterValidator(one_line)
]
"""What a value is found by: one line without a slash, and not of dots alone."""
Prefix = Annotated[str, Field(max_length=200, description="Only keys that begin with this.")]
Value = Annotated[bytes, Field(max_length=MAX_VALUE, description="Any bytes, 64 KiB at most.")]
Keys = Annotated[tuple[Key, ...], Field(min_length=1, max_length=MAX_ENTRIES)]


class MetadataEntry(Message):
    """A key and its value."""

    key: Key
    value: Value


Entries = Annotated[tuple[MetadataEntry, ...], Field(min_length=1, max_length=AT_ONCE)]


class MetadataValue(Message):
    """The value of a key."""

    key: str
    value: bytes


class MetadataEntries(Message):
    """Keys and their values, by key."""

    entries: tuple[MetadataValue, ...]


class SetUserMetadata(Message):
    """A value to keep with a user."""

    user_id: Id
    key: Key
    value: Value


class BulkSetUserMetadata(Message):
    """Values to keep with a user."""

    user_id: Id
    entries: Entries


class GetUserMetadata(Message):
    """The key of a user whose value to read."""

    user_id: Id
    key: Key


class ListUserMetadata(Message):
    """The user whose metadata to list."""

    user_id: Id
    key_prefix: Prefix = ""


class DeleteUserMetadata(Message):
    """The keys of a user to remove."""

    user_id: Id
    keys: Keys


class ListMyMetadata(Message):
    """Which of the caller's own metadata to list."""

    key_prefix: Prefix = ""


class SetOrganizationMetadata(Message):
    """A value to keep with an organization."""

    organization_id: Id
    key: Key
    value: Value


class BulkSetOrganizationMetadata(Message):
    """Values to keep with an organization."""

    organization_id: Id
    entries: Entries


class GetOrganizationMetadata(Message):
    """The key of an organization whose value to read."""

    organization_id: Id
    key: Key


class ListOrganizationMetadata(Message):
    """The organization whose metadata to list."""

    organization_id: Id
    key_prefix: Prefix = ""


class DeleteOrganizationMetadata(Message):
    """The keys of an organization to remove."""

    organization_id: Id
    keys: Keys


class SetProjectMetadata(Message):
    """A value to keep with a project."""

    project_id: Id
    key: Key
    value: Value


class BulkSetProjectMetadata(Message):
    """Values to keep with a project."""

    project_id: Id
    entries: Entries


class GetProjectMetadata(Message):
    """The key of a project whose value to read."""

    project_id: Id
    key: Key


class ListProjectMetadata(Message):
    """The project whose metadata to list."""

    project_id: Id
    key_prefix: Prefix = ""


class DeleteProjectMetadata(Message):
    """The keys of a project to remove."""

    project_id: Id
    keys: Keys
