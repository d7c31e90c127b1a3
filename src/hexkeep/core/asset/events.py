"""What happens to assets. The bytes lie beside the log; the events hold the names under which they do."""

import enum
from typing import Annotated

from hexkeep.core.kernel.event import Event, Personal


class AssetKind(enum.StrEnum):
    """What an asset is for. Wire values are stable."""

    UNSPECIFIED = "unspecified"
    LOGO = "logo"
    """On a light ground."""
    LOGO_DARK = "logo_dark"
    """On a dark ground."""
    ICON = "icon"
    ICON_DARK = "icon_dark"
    FONT = "font"


class AssetSet(Event):
    """An organization, or the instance where ``organization_id`` is empty, shows this from now on."""

    type = "asset.set"

    organization_id: str
    kind: AssetKind
    name: str
    content_type: str
    size: int
    width: int
    """In points, like the height; 0 for a font."""
    height: int


class AssetRemoved(Event):
    """It is shown no more."""

    type = "asset.removed"


class AvatarSet(Event):
    """A user has this picture from now on."""

    type = "avatar.set"

    user_id: str
    organization_id: str
    name: Annotated[str, Personal("user_id")]
    content_type: Annotated[str, Personal("user_id")]
    size: Annotated[int, Personal("user_id", erased=0)]
    width: Annotated[int, Personal("user_id", erased=0)]
    height: Annotated[int, Personal("user_id", erased=0)]


class AvatarRemoved(Event):
    """The user has no picture any more."""

    type = "avatar.removed"
