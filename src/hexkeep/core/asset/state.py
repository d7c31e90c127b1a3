"""The states of assets. An aggregate is one asset of one owner, or the picture of one user."""

from dataclasses import dataclass

from hexkeep.core.asset.events import AssetKind, AssetRemoved, AssetSet, AvatarRemoved, AvatarSet
from hexkeep.core.kernel.aggregate import Aggregate, Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log


@dataclass(frozen=True, slots=True)
class Asset:
    """What is shown at present. ``name`` is that of its bytes, and empty once its person is erased."""

    exists: bool = False
    organization_id: str = ""
    name: str = ""
    content_type: str = ""
    size: int = 0
    width: int = 0
    height: int = 0

    @property
    def blobs(self) -> frozenset[str]:
        """See ``HoldsBlobs``."""
        return frozenset({self.name} if self.name else ())


def evolve(state: Asset, event: Event) -> Asset:
    """The state after ``event``; an event that says nothing about an asset leaves it as it was."""
    match event:
        case AssetSet() | AvatarSet():
            fields = event.model_dump(include={"organization_id", "name", "content_type", "size", "width", "height"})
            return Asset(True, **fields)
        case AssetRemoved() | AvatarRemoved():
            return Asset()
        case _:
            return state


ASSET = Aggregate("asset", Log.DURABLE, Asset(), (AssetSet, AssetRemoved), evolve)
"""Its id is made by ``asset_id``."""
AVATAR = Aggregate("avatar", Log.DURABLE, Asset(), (AvatarSet, AvatarRemoved), evolve)
"""Its id is the user's."""


def avatar_path(user_id: str, name: str) -> str:
    """Where the bytes of a user's picture are served under their name, for ever."""
    return f"/assets/v1/users/{user_id}/avatar/{name}"


def asset_id(organization_id: str, kind: AssetKind) -> str:
    """The id of an organization's asset, or of the instance's where ``organization_id`` is empty."""
    return f"{organization_id}.{kind}"


def without_avatar(user_id: str, ctx: Context) -> tuple[Append, ...]:
    """The change that takes a user's picture away; none where there is none."""
    return (AVATAR.append(user_id, AvatarRemoved()),) if ctx.load(AVATAR, user_id).exists else ()


def without_assets(organization_id: str, ctx: Context) -> tuple[Append, ...]:
    """The changes that take all of an organization's assets away."""
    ids = [asset_id(organization_id, kind) for kind in AssetKind if kind is not AssetKind.UNSPECIFIED]
    return tuple(ASSET.append(one, AssetRemoved()) for one in ids if ctx.load(ASSET, one).exists)
