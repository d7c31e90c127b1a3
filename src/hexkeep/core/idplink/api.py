"""The operations of links of users to accounts at identity providers."""

from hexkeep.core.idplink import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED

OF_USER = "/management/v1/users/{user_id}/identity-provider-links"
ONE = "/management/v1/identity-provider-links/{identity_provider_link_id}"
MINE = "/auth/v1/me/identity-provider-links"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "AddIdentityProviderLink",
        ApiName.MANAGEMENT,
        commands.AddIdentityProviderLink,
        commands.IdentityProviderLinkCreated,
        "user.write",
        commands.add_identity_provider_link,
        Http(Method.POST, OF_USER, 201),
        idempotent=True,
    ),
    Operation(
        "ListUserIdentityProviderLinks",
        ApiName.MANAGEMENT,
        queries.ListUserIdentityProviderLinks,
        queries.IdentityProviderLinkPage,
        "user.read",
        queries.list_user_identity_provider_links,
        Http(Method.GET, OF_USER),
        writes=False,
    ),
    Operation(
        "RemoveIdentityProviderLink",
        ApiName.MANAGEMENT,
        commands.RemoveIdentityProviderLink,
        Empty,
        "user.write",
        commands.remove_identity_provider_link,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "ListMyIdentityProviderLinks",
        ApiName.AUTH,
        queries.ListMyIdentityProviderLinks,
        queries.IdentityProviderLinkPage,
        AUTHENTICATED,
        queries.list_my_identity_provider_links,
        Http(Method.GET, MINE),
        writes=False,
    ),
    Operation(
        "RemoveMyIdentityProviderLink",
        ApiName.AUTH,
        commands.RemoveMyIdentityProviderLink,
        Empty,
        AUTHENTICATED,
        commands.remove_my_identity_provider_link,
        Http(Method.DELETE, f"{MINE}/{{identity_provider_link_id}}"),
    ),
)
