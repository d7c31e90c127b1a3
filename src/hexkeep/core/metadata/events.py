"""What happens to metadata. Values are bytes, in base64; those of a user are that person's."""

from typing import Annotated

from hexkeep.core.kernel.event import Event, Personal


class UserMetadataSet(Event):
    """The value of a key of a user is this from now on."""

    type = "user_metadata.set"

    user_id: str
    key: Annotated[str, Personal("user_id")]
    value: Annotated[str, Personal("user_id")]


class UserMetadataRemoved(Event):
    """A user has no value of this key any more."""

    type = "user_metadata.removed"

    user_id: str
    key: Annotated[str, Personal("user_id")]


class OrganizationMetadataSet(Event):
    """The value of a key of an organization is this from now on."""

    type = "organization_metadata.set"

    key: str
    value: str


class OrganizationMetadataRemoved(Event):
    """An organization has no value of this key any more."""

    type = "organization_metadata.removed"

    key: str


class ProjectMetadataSet(Event):
    """The value of a key of a project is this from now on."""

    type = "project_metadata.set"

    key: str
    value: str


class ProjectMetadataRemoved(Event):
    """A project has no value of this key any more."""

    type = "project_metadata.removed"

    key: str
