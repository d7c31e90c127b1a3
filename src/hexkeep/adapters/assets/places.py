"""The paths of assets: what each stands for, and which operations read, set and remove it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hexkeep.core.asset import api, commands, queries
from hexkeep.core.asset.events import AssetKind
from hexkeep.core.asset.state import avatar_path
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.operation import Operation

PREFIX = "/assets/v1"
_ID = r"[A-Za-z0-9._~-]{1,200}"
_KIND = "|".join(kind.value for kind in AssetKind if kind is not AssetKind.UNSPECIFIED)

Show = Operation[Any, queries.ShownAsset]
Change = Operation[Any, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A path: ``show`` reads what is there; ``set`` and ``delete`` are missing where only reading makes sense.

    What is ``named`` never changes; what is ``open`` is for everybody.
    """

    pattern: re.Pattern[str]
    show: Show
    set: Change | None = None
    delete: Change | None = None
    open: bool = False

    @property
    def named(self) -> bool:
        """Whether the path holds the name of the bytes."""
        return "name" in self.pattern.groupindex


def _place(path: str, show: Show, **more: Any) -> Place:
    named: Final = {"user_id": _ID, "organization_id": _ID, "kind": _KIND, "name": _ID}
    pattern = re.sub(r"{(\w+)}", lambda found: f"(?P<{found[1]}>{named[found[1]]})", re.escape(PREFIX) + path)
    return Place(re.compile(pattern), show, **more)


PLACES = (
    _place("/me/avatar", api.SHOW_MY_AVATAR, set=api.SET_MY_AVATAR, delete=api.DELETE_MY_AVATAR),
    _place("/users/{user_id}/avatar", api.SHOW_AVATAR, set=api.SET_USER_AVATAR, delete=api.DELETE_USER_AVATAR),
    _place("/users/{user_id}/avatar/{name}", api.SHOW_NAMED_AVATAR),
    _place(
        "/instance/{kind}",
        api.SHOW_ASSET,
        set=api.SET_INSTANCE_ASSET,
        delete=api.DELETE_INSTANCE_ASSET,
        open=True,
    ),
    _place("/instance/{kind}/{name}", api.SHOW_ASSET, open=True),
    _place(
        "/organizations/{organization_id}/{kind}",
        api.SHOW_ASSET,
        set=api.SET_ORGANIZATION_ASSET,
        delete=api.DELETE_ORGANIZATION_ASSET,
        open=True,
    ),
    _place("/organizations/{organization_id}/{kind}/{name}", api.SHOW_ASSET, open=True),
)
"""All of them. Which instance they are in the host says."""


def found(path: str) -> tuple[Place, Mapping[str, str]]:
    """The place of a path and what stands in it; raises ``NotFound``."""
    for place in PLACES:
        match = place.pattern.fullmatch(path)
        if match:
            return place, match.groupdict()
    raise NotFound("There is no such path")


def named_path(path: str, user_id: str, stored: commands.AssetStored) -> str:
    """Where what was just stored under ``path`` is served for ever; the caller's own under the id of its user."""
    return avatar_path(user_id, stored.name) if user_id else f"{path}/{stored.name}"
