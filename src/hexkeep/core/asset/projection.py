"""The views of assets."""

from collections.abc import Iterable

from hexkeep.core.asset.events import AssetRemoved, AssetSet, AvatarRemoved, AvatarSet
from hexkeep.core.asset.state import ASSET, AVATAR
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Projection,
    Put,
    RowOperation,
    Table,
    Visibility,
)

FILE = (
    Column("name"),
    Column("content_type"),
    *(Column(name, ColumnType.INTEGER) for name in ("size", "width", "height")),
)

ASSETS = Table(
    "assets",
    columns=(Column("asset_id"), Column("organization_id"), Column("kind"), *FILE),
    key=("asset_id",),
    indexes=(("organization_id", "kind"),),
    of=ASSET.name,
    visibility=Visibility(organization="organization_id"),
)
AVATARS = Table(
    "avatars",
    columns=(Column("user_id"), Column("organization_id"), *FILE),
    key=("user_id",),
    indexes=(("organization_id",),),
    of=AVATAR.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def project_assets(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row of an organization's or the instance's asset."""
    match recorded.event:
        case AssetSet() as event:
            yield Put(ASSETS, {"asset_id": recorded.aggregate_id, **event.model_dump(mode="json")})
        case AssetRemoved():
            yield Delete(ASSETS, (recorded.aggregate_id,))


def project_avatars(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row of a user's picture."""
    match recorded.event:
        case AvatarSet() as event:
            yield Put(AVATARS, event.model_dump(mode="json"))
        case AvatarRemoved():
            yield Delete(AVATARS, (recorded.aggregate_id,))


PROJECTIONS = (
    Projection("assets", 1, Log.DURABLE, (ASSETS,), ASSET.events, project_assets),
    Projection("avatars", 1, Log.DURABLE, (AVATARS,), AVATAR.events, project_avatars),
)
