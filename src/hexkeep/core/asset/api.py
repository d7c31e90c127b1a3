"""The operations of assets."""

from hexkeep.core.asset import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC

AVATAR = "/management/v1/users/{user_id}/avatar"
ORGANIZATION = "/management/v1/organizations/{organization_id}/assets"
INSTANCE = "/admin/v1/assets"
ME = "/auth/v1/me"

SET_MY_AVATAR: Operation[commands.SetMyAvatar, commands.AssetStored] = Operation(
    "SetMyAvatar",
    ApiName.AUTH,
    commands.SetMyAvatar,
    commands.AssetStored,
    AUTHENTICATED,
    commands.set_my_avatar,
    Http(Method.PUT, f"{ME}/avatar"),
)
DELETE_MY_AVATAR: Operation[commands.DeleteMyAvatar, Empty] = Operation(
    "DeleteMyAvatar",
    ApiName.AUTH,
    commands.DeleteMyAvatar,
    Empty,
    AUTHENTICATED,
    commands.delete_my_avatar,
    Http(Method.DELETE, f"{ME}/avatar"),
)
SET_USER_AVATAR: Operation[commands.SetUserAvatar, commands.AssetStored] = Operation(
    "SetUserAvatar",
    ApiName.MANAGEMENT,
    commands.SetUserAvatar,
    commands.AssetStored,
    "user.write",
    commands.set_user_avatar,
    Http(Method.PUT, AVATAR),
)
DELETE_USER_AVATAR: Operation[commands.DeleteUserAvatar, Empty] = Operation(
    "DeleteUserAvatar",
    ApiName.MANAGEMENT,
    commands.DeleteUserAvatar,
    Empty,
    "user.write",
    commands.delete_user_avatar,
    Http(Method.DELETE, AVATAR),
)
SET_ORGANIZATION_ASSET: Operation[commands.SetOrganizationAsset, commands.AssetStored] = Operation(
    "SetOrganizationAsset",
    ApiName.MANAGEMENT,
    commands.SetOrganizationAsset,
    commands.AssetStored,
    "organization.write",
    commands.set_organization_asset,
    Http(Method.PUT, f"{ORGANIZATION}/{{kind}}"),
)
DELETE_ORGANIZATION_ASSET: Operation[commands.DeleteOrganizationAsset, Empty] = Operation(
    "DeleteOrganizationAsset",
    ApiName.MANAGEMENT,
    commands.DeleteOrganizationAsset,
    Empty,
    "organization.write",
    commands.delete_organization_asset,
    Http(Method.DELETE, f"{ORGANIZATION}/{{kind}}"),
)
SET_INSTANCE_ASSET: Operation[commands.SetInstanceAsset, commands.AssetStored] = Operation(
    "SetInstanceAsset",
    ApiName.ADMIN,
    commands.SetInstanceAsset,
    commands.AssetStored,
    "instance.write",
    commands.set_instance_asset,
    Http(Method.PUT, f"{INSTANCE}/{{kind}}"),
)
DELETE_INSTANCE_ASSET: Operation[commands.DeleteInstanceAsset, Empty] = Operation(
    "DeleteInstanceAsset",
    ApiName.ADMIN,
    commands.DeleteInstanceAsset,
    Empty,
    "instance.write",
    commands.delete_instance_asset,
    Http(Method.DELETE, f"{INSTANCE}/{{kind}}"),
)
SHOW_ASSET: Operation[queries.ShowAsset, queries.ShownAsset] = Operation(
    "ShowAsset",
    ApiName.PROTOCOL,
    queries.ShowAsset,
    queries.ShownAsset,
    PUBLIC,
    queries.show_asset,
    writes=False,
)
SHOW_AVATAR: Operation[queries.ShowAvatar, queries.ShownAsset] = Operation(
    "ShowAvatar",
    ApiName.PROTOCOL,
    queries.ShowAvatar,
    queries.ShownAsset,
    "user.read",
    queries.show_avatar,
    writes=False,
)
SHOW_MY_AVATAR: Operation[queries.ShowMyAvatar, queries.ShownAsset] = Operation(
    "ShowMyAvatar",
    ApiName.PROTOCOL,
    queries.ShowMyAvatar,
    queries.ShownAsset,
    AUTHENTICATED,
    queries.show_my_avatar,
    writes=False,
)
SHOW_NAMED_AVATAR: Operation[queries.ShowNamedAvatar, queries.ShownAsset] = Operation(
    "ShowNamedAvatar",
    ApiName.PROTOCOL,
    queries.ShowNamedAvatar,
    queries.ShownAsset,
    PUBLIC,
    queries.show_named_avatar,
    writes=False,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    SET_MY_AVATAR,
    DELETE_MY_AVATAR,
    Operation(
        "GetMyAvatar",
        ApiName.AUTH,
        Empty,
        queries.AvatarView,
        AUTHENTICATED,
        queries.get_my_avatar,
        Http(Method.GET, f"{ME}/avatar"),
        writes=False,
    ),
    SET_USER_AVATAR,
    DELETE_USER_AVATAR,
    Operation(
        "GetUserAvatar",
        ApiName.MANAGEMENT,
        queries.GetUserAvatar,
        queries.AvatarView,
        "user.read",
        queries.get_user_avatar,
        Http(Method.GET, AVATAR),
        writes=False,
    ),
    SET_ORGANIZATION_ASSET,
    DELETE_ORGANIZATION_ASSET,
    Operation(
        "ListOrganizationAssets",
        ApiName.MANAGEMENT,
        queries.ListOrganizationAssets,
        queries.AssetPage,
        "organization.read",
        queries.list_organization_assets,
        Http(Method.GET, ORGANIZATION),
        writes=False,
    ),
    SET_INSTANCE_ASSET,
    DELETE_INSTANCE_ASSET,
    Operation(
        "ListInstanceAssets",
        ApiName.ADMIN,
        queries.ListInstanceAssets,
        queries.AssetPage,
        "instance.read",
        queries.list_instance_assets,
        Http(Method.GET, INSTANCE),
        writes=False,
    ),
    SHOW_ASSET,
    SHOW_AVATAR,
    SHOW_MY_AVATAR,
    SHOW_NAMED_AVATAR,
    Operation(
        "ForgetAvatar",
        ApiName.PROTOCOL,
        commands.ForgetAvatar,
        Empty,
        "erasure.write",
        commands.forget_avatar,
    ),
)
"""All of them. What is shown as bytes has an HTTP surface of its own (``hexkeep.adapters.assets``)."""
