"""What can be done to assets."""

from typing import Annotated

from pydantic import Field

from hexkeep.core.asset.asks import Picture, RedrawPicture
from hexkeep.core.asset.events import AssetKind, AssetRemoved, AssetSet, AvatarSet
from hexkeep.core.asset.fonts import font_type
from hexkeep.core.asset.state import ASSET, AVATAR, Asset, asset_id, without_avatar
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.ask import CountUp
from hexkeep.core.kernel.blob import StoreBlob
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import (
    InvalidInput,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Violation,
)
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.membership.state import MEMBERSHIPS, covers
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.state import USER

LARGEST = 2 << 20
"""Bytes that an upload may have."""
UPLOADS, WINDOW_SECONDS = 60, 3600
"""How many pictures of one user, or assets of one organization, are taken within a window: the bytes of each lie there
for a day at least."""
AVATAR_EDGE, LOGO_EDGE, ICON_EDGE = 512, 1024, 256
"""Points of the longer edge, above which a picture is scaled down."""
EDGES = {
    AssetKind.LOGO: LOGO_EDGE,
    AssetKind.LOGO_DARK: LOGO_EDGE,
    AssetKind.ICON: ICON_EDGE,
    AssetKind.ICON_DARK: ICON_EDGE,
}

Upload = Annotated[bytes, Field(min_length=1, max_length=LARGEST, repr=False)]


class SetMyAvatar(Conditional):
    """The caller's new picture."""

    content: Upload = Field(description="A picture: PNG, JPEG, WebP, GIF or ICO. It is drawn anew and scaled down.")


class DeleteMyAvatar(Conditional):
    """To have no picture any more."""


class SetUserAvatar(Conditional):
    """The new picture of a user."""

    user_id: Id
    content: Upload = Field(description="A picture: PNG, JPEG, WebP, GIF or ICO. It is drawn anew and scaled down.")


class DeleteUserAvatar(Conditional):
    """The user whose picture goes."""

    user_id: Id


class SetOrganizationAsset(Conditional):
    """What an organization shows from now on."""

    organization_id: Id
    kind: AssetKind
    content: Upload = Field(description="A picture, drawn anew and scaled down; or a font: WOFF2, WOFF, TTF or OTF.")


class DeleteOrganizationAsset(Conditional):
    """What an organization shows no more."""

    organization_id: Id
    kind: AssetKind


class SetInstanceAsset(Conditional):
    """What the instance shows where an organization has nothing of its own."""

    kind: AssetKind
    content: Upload = Field(description="A picture, drawn anew and scaled down; or a font: WOFF2, WOFF, TTF or OTF.")


class DeleteInstanceAsset(Conditional):
    """What the instance shows no more."""

    kind: AssetKind


class ForgetAvatar(Message):
    """The user who was erased."""

    user_id: Id


class AssetStored(Message):
    """What is kept of an upload, and the name under which it is served for ever."""

    name: str
    content_type: str
    size: int = Field(description="In bytes.")
    width: int = Field(description="In points; 0 for a font.")
    height: int


def set_my_avatar(request: SetMyAvatar, ctx: Context) -> Decision[AssetStored]:
    """Give oneself a picture."""
    user_id = _myself(ctx)
    expect(ctx, AVATAR, user_id, request)
    return _set_avatar(user_id, request.content, ctx)


def delete_my_avatar(request: DeleteMyAvatar, ctx: Context) -> Decision[Empty]:
    """Take one's own picture away. Without one nothing happens."""
    user_id = _myself(ctx)
    expect(ctx, AVATAR, user_id, request)
    return Decision(Empty(), *without_avatar(user_id, ctx))


def set_user_avatar(request: SetUserAvatar, ctx: Context) -> Decision[AssetStored]:
    """Give a user a picture."""
    _reach_user(request.user_id, ctx)
    expect(ctx, AVATAR, request.user_id, request)
    return _set_avatar(request.user_id, request.content, ctx)


def delete_user_avatar(request: DeleteUserAvatar, ctx: Context) -> Decision[Empty]:
    """Take a user's picture away. Without one nothing happens."""
    _reach_user(request.user_id, ctx)
    expect(ctx, AVATAR, request.user_id, request)
    return Decision(Empty(), *without_avatar(request.user_id, ctx))


def set_organization_asset(request: SetOrganizationAsset, ctx: Context) -> Decision[AssetStored]:
    """Let an organization show a logo, an icon or a font of its own."""
    _reach_organization(request.organization_id, ctx)
    return _set_asset(request.organization_id, request, ctx)


def delete_organization_asset(request: DeleteOrganizationAsset, ctx: Context) -> Decision[Empty]:
    """Let an organization show the instance's again. Without one of its own nothing happens."""
    _reach_organization(request.organization_id, ctx)
    return _delete_asset(request.organization_id, request, ctx)


def set_instance_asset(request: SetInstanceAsset, ctx: Context) -> Decision[AssetStored]:
    """Let the instance show a logo, an icon or a font."""
    ctx.authorize()
    return _set_asset("", request, ctx)


def delete_instance_asset(request: DeleteInstanceAsset, ctx: Context) -> Decision[Empty]:
    """Let the instance show none any more. Without one nothing happens."""
    ctx.authorize()
    return _delete_asset("", request, ctx)


def forget_avatar(request: ForgetAvatar, ctx: Context) -> Decision[Empty]:
    """Take the picture of a user away who is erased, for the engine."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    return Decision(Empty(), *without_avatar(request.user_id, ctx))


def _set_avatar(user_id: str, content: bytes, ctx: Context) -> Decision[AssetStored]:
    _count(f"avatar/{user_id}", ctx)
    picture = ctx.ask(RedrawPicture(content, AVATAR_EDGE))
    stored = _stored(AVATAR.ref(user_id), picture, ctx, person=user_id)
    if _is_shown(ctx.load(AVATAR, user_id), stored):
        return Decision(stored)
    organization_id = ctx.load(USER, user_id).organization_id
    event = AvatarSet(user_id=user_id, organization_id=organization_id, **stored.model_dump())
    return Decision(stored, AVATAR.append(user_id, event))


def _set_asset(
    organization_id: str, request: SetOrganizationAsset | SetInstanceAsset, ctx: Context
) -> Decision[AssetStored]:
    kind, id_ = request.kind, _asset_id(organization_id, request.kind)
    expect(ctx, ASSET, id_, request)
    _count(f"asset/{organization_id}", ctx)
    if kind is AssetKind.FONT:
        picture = Picture(request.content, font_type(request.content), 0, 0)
    else:
        picture = ctx.ask(RedrawPicture(request.content, EDGES[kind]))
    stored = _stored(ASSET.ref(id_), picture, ctx)
    if _is_shown(ctx.load(ASSET, id_), stored):
        return Decision(stored)
    event = AssetSet(organization_id=organization_id, kind=kind, **stored.model_dump())
    return Decision(stored, ASSET.append(id_, event))


def _count(owner: str, ctx: Context) -> None:
    """Count an upload; raises ``ResourceExhausted`` for too many."""
    if ctx.ask(CountUp(f"upload/{owner}", WINDOW_SECONDS)) > UPLOADS:
        raise ResourceExhausted("Too many uploads", retry_after=WINDOW_SECONDS)


def _delete_asset(
    organization_id: str, request: DeleteOrganizationAsset | DeleteInstanceAsset, ctx: Context
) -> Decision[Empty]:
    id_ = _asset_id(organization_id, request.kind)
    expect(ctx, ASSET, id_, request)
    if not ctx.load(ASSET, id_).exists:
        return Decision(Empty())
    return Decision(Empty(), ASSET.append(id_, AssetRemoved()))


def _asset_id(organization_id: str, kind: AssetKind) -> str:
    if kind is AssetKind.UNSPECIFIED:
        raise InvalidInput("", Violation("kind", "say what it is for"))
    return asset_id(organization_id, kind)


def _stored(owner: Ref, picture: Picture, ctx: Context, person: str = "") -> AssetStored:
    """Kept. What is the same again is put again, too: the sweeper may be about to remove it."""
    name = ctx.ask(StoreBlob(owner, picture.content, picture.content_type, person))
    return AssetStored(
        name=name,
        content_type=picture.content_type,
        size=len(picture.content),
        width=picture.width,
        height=picture.height,
    )


def _is_shown(asset: Asset, stored: AssetStored) -> bool:
    return asset.exists and asset.name == stored.name


def _myself(ctx: Context) -> str:
    user_id = ctx.caller.user_id
    if not user_id or not ctx.load(USER, user_id, guarded=True).active:
        raise Unauthenticated("Only a user has a picture")
    return user_id


def _reach_user(user_id: str, ctx: Context) -> None:
    """As for any change of a user, the caller has to hold all that the user holds.

    Guarded, so that nobody gets a picture who is removed or erased at that moment.
    """
    user = ctx.load(USER, user_id, guarded=True)
    reach(ctx, "user.read", exists=user.exists, organization=user.organization_id)
    if not all(covers(ctx.caller, held, ctx.roles()) for held in ctx.load(MEMBERSHIPS, user_id).held):
        raise PermissionDenied("The user holds roles that the caller does not")


def _reach_organization(organization_id: str, ctx: Context) -> None:
    exists = ctx.load(ORGANIZATION, organization_id).exists
    reach(ctx, "organization.read", exists=exists, organization=organization_id)
