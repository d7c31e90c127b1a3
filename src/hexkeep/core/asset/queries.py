"""What can be read of assets: what is known of them, and their bytes."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from hexkeep.core.asset.events import AssetKind
from hexkeep.core.asset.projection import ASSETS, AVATARS
from hexkeep.core.asset.state import ASSET, AVATAR, Asset, asset_id
from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.blob import ReadBlob
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, eq
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.projection import USERS
from hexkeep.core.user.state import USER


class AssetView(RowMessage):
    """An asset as its managers see it."""

    organization_id: str
    kind: AssetKind
    name: str
    content_type: str
    size: int
    width: int
    height: int
    version: int
    created_at: datetime
    changed_at: datetime


class AssetPage(Page):
    """Some assets."""

    assets: tuple[AssetView, ...]


class AvatarView(RowMessage):
    """What is known of a user's picture."""

    user_id: str
    name: str
    content_type: str
    size: int
    width: int
    height: int
    version: int
    created_at: datetime
    changed_at: datetime


class ListOrganizationAssets(PageRequest):
    """Whose assets to list."""

    organization_id: Id


class ListInstanceAssets(PageRequest):
    """Which of the instance's own assets to list."""


class GetUserAvatar(Message):
    """Whose picture."""

    user_id: Id


class ShowAsset(Message):
    """An asset that the pages of an instance show to everybody."""

    organization_id: Line = Field(default="", description="Whose; empty for the instance's own.")
    kind: AssetKind
    name: Line = Field(default="", description="Only if it still has this name.")
    known: tuple[str, ...] = Field(default=(), max_length=64, description="Names whose bytes need not be sent.")


class ShowAvatar(Message):
    """A user's picture."""

    user_id: Id
    known: tuple[str, ...] = Field(default=(), max_length=64, description="Names whose bytes need not be sent.")


class ShowMyAvatar(Message):
    """The caller's own picture."""

    known: tuple[str, ...] = Field(default=(), max_length=64, description="Names whose bytes need not be sent.")


class ShowNamedAvatar(Message):
    """A user's picture, by the name that nobody knows who was not told."""

    user_id: Id
    name: Id
    known: tuple[str, ...] = Field(default=(), max_length=64, description="Names whose bytes need not be sent.")


class ShownAsset(Message):
    """Bytes, unless the asker has them."""

    name: str
    content_type: str
    size: int
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Wish:
    """The name that is asked for, if it has to be that one, and those whose bytes the asker has."""

    name: str
    known: tuple[str, ...]


def list_organization_assets(request: ListOrganizationAssets, ctx: Context) -> Decision[AssetPage]:
    """List what an organization shows of its own."""
    return _page(request.organization_id, request, ctx)


def list_instance_assets(request: ListInstanceAssets, ctx: Context) -> Decision[AssetPage]:
    """List what the instance shows where an organization has nothing of its own."""
    return _page("", request, ctx)


def get_user_avatar(request: GetUserAvatar, ctx: Context) -> Decision[AvatarView]:
    """Read what is known of a user's picture."""
    return Decision(AvatarView.of(visible_row(ctx, AVATARS, request.user_id)))


def get_my_avatar(_: Empty, ctx: Context) -> Decision[AvatarView]:
    """Read what is known of one's own picture."""
    return Decision(AvatarView.of(visible_row(ctx, AVATARS, ctx.caller.user_id)))


def show_asset(request: ShowAsset, ctx: Context) -> Decision[ShownAsset]:
    """The bytes of an organization's or the instance's asset, for everybody: they stand on pages before any sign-in."""
    if request.organization_id and not ctx.load(ORGANIZATION, request.organization_id).exists:
        raise NotFound
    ref = ASSET.ref(asset_id(request.organization_id, request.kind))
    return _shown(ref, ctx.load(ASSET, ref.id), Wish(request.name, request.known), ctx)


def show_avatar(request: ShowAvatar, ctx: Context) -> Decision[ShownAsset]:
    """The bytes of a user's picture, for who may see the user."""
    visible_row(ctx, USERS, request.user_id)
    return _avatar(request.user_id, Wish("", request.known), ctx)


def show_my_avatar(request: ShowMyAvatar, ctx: Context) -> Decision[ShownAsset]:
    """The bytes of the caller's own picture."""
    visible_row(ctx, USERS, ctx.caller.user_id)
    return _avatar(ctx.caller.user_id, Wish("", request.known), ctx)


def show_named_avatar(request: ShowNamedAvatar, ctx: Context) -> Decision[ShownAsset]:
    """The bytes of a user's picture, for who knows its present name.

    The name is as hard to guess as a token: pages and applications, which can present none, show pictures by it.
    """
    if not ctx.load(USER, request.user_id).exists:
        raise NotFound
    return _avatar(request.user_id, Wish(request.name, request.known), ctx)


def _avatar(user_id: str, wish: Wish, ctx: Context) -> Decision[ShownAsset]:
    return _shown(AVATAR.ref(user_id), ctx.load(AVATAR, user_id), wish, ctx, person=user_id)


def _page(organization_id: str, request: PageRequest, ctx: Context) -> Decision[AssetPage]:
    select = page_of(ASSETS, request, And((eq("organization_id", organization_id),)))
    found = listed(ctx, request, select)
    views = tuple(AssetView.of(row) for row in found.rows)
    return Decision(AssetPage(assets=views, next_cursor=found.next_cursor, total=found.total))


def _shown(owner: Ref, asset: Asset, wish: Wish, ctx: Context, person: str = "") -> Decision[ShownAsset]:
    if not asset.name or wish.name not in {"", asset.name}:
        raise NotFound
    content = None
    if asset.name not in wish.known:
        content = ctx.ask(ReadBlob(owner, asset.name, person))
        if content is None:
            raise NotFound
    return Decision(ShownAsset(name=asset.name, content_type=asset.content_type, size=asset.size, content=content))
