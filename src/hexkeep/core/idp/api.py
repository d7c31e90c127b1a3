"""The operations of identity providers, and of the lists of those that are offered for sign-in."""

from collections.abc import Iterator

from hexkeep.core.idp import login, queries
from hexkeep.core.idp.catalog import KINDS
from hexkeep.core.idp.commands import deactivate_provider, delete_provider, reactivate_provider
from hexkeep.core.idp.factory import OF_INSTANCE, OF_ORGANIZATION, READ, WRITE, kind_operations
from hexkeep.core.idp.messages import IdentityProviderChange, IdentityProviderId, IdentityProviderView
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import Level

DEFAULT_LOGIN = "/admin/v1/login-providers"
LOGIN = "/management/v1/organizations/{organization_id}/login-providers"


def _common(level: Level) -> Iterator[AnyOperation]:
    """What can be done to a provider of any kind."""
    instance = level is Level.INSTANCE
    api, base, of = (ApiName.ADMIN, OF_INSTANCE, "Instance") if instance else (ApiName.MANAGEMENT, OF_ORGANIZATION, "")
    one, noun = f"{base}/{{identity_provider_id}}", f"{of}IdentityProvider"
    owner = "the instance" if instance else "an organization"

    def get(request: IdentityProviderId, ctx: Context) -> Decision[IdentityProviderView]:
        return Decision(queries.get_provider(ctx, request, level))

    def deactivate(request: IdentityProviderChange, ctx: Context) -> Decision[Empty]:
        return deactivate_provider(ctx, request, level)

    def reactivate(request: IdentityProviderChange, ctx: Context) -> Decision[Empty]:
        return reactivate_provider(ctx, request, level)

    def delete(request: IdentityProviderChange, ctx: Context) -> Decision[Empty]:
        return delete_provider(ctx, request, level)

    get.__doc__ = f"Get an identity provider of {owner}, of whatever kind; its settings are read by its kind."
    deactivate.__doc__ = f"Switch an identity provider of {owner} off: it is offered to nobody."
    reactivate.__doc__ = f"Switch an identity provider of {owner} on again."
    delete.__doc__ = (
        f"Remove an identity provider of {owner} for good.\n\nLinks of users to it stay recorded and count for nothing."
    )
    change, post = IdentityProviderChange, Method.POST
    yield Operation(f"Get{noun}", api, IdentityProviderId, IdentityProviderView, READ, get, _get(one), writes=False)
    yield Operation(f"Deactivate{noun}", api, change, Empty, WRITE, deactivate, Http(post, f"{one}/deactivate"))
    yield Operation(f"Reactivate{noun}", api, change, Empty, WRITE, reactivate, Http(post, f"{one}/reactivate"))
    yield Operation(f"Delete{noun}", api, change, Empty, WRITE, delete, Http(Method.DELETE, one))


def _get(path: str) -> Http:
    return Http(Method.GET, path)


_LISTS: tuple[AnyOperation, ...] = (
    Operation(
        "ListIdentityProviders",
        ApiName.MANAGEMENT,
        queries.ListIdentityProviders,
        queries.IdentityProviderPage,
        READ,
        queries.list_identity_providers,
        _get(OF_ORGANIZATION),
        writes=False,
    ),
    Operation(
        "ListInstanceIdentityProviders",
        ApiName.ADMIN,
        queries.ListInstanceIdentityProviders,
        queries.IdentityProviderPage,
        READ,
        queries.list_instance_identity_providers,
        _get(OF_INSTANCE),
        writes=False,
    ),
    Operation(
        "ListAvailableIdentityProviders",
        ApiName.MANAGEMENT,
        queries.ListAvailableIdentityProviders,
        queries.AvailableIdentityProviderPage,
        READ,
        queries.list_available_identity_providers,
        _get("/management/v1/organizations/{organization_id}/available-identity-providers"),
        writes=False,
    ),
)
_LOGIN: tuple[AnyOperation, ...] = (
    Operation(
        "GetDefaultLoginProviders",
        ApiName.ADMIN,
        Empty,
        login.LoginProviderList,
        "policy.read",
        login.get_default_login_providers,
        _get(DEFAULT_LOGIN),
        writes=False,
    ),
    Operation(
        "SetDefaultLoginProviders",
        ApiName.ADMIN,
        login.SetDefaultLoginProviders,
        Empty,
        "policy.write",
        login.set_default_login_providers,
        Http(Method.PUT, DEFAULT_LOGIN),
    ),
    Operation(
        "ResetDefaultLoginProviders",
        ApiName.ADMIN,
        login.ResetDefaultLoginProviders,
        Empty,
        "policy.write",
        login.reset_default_login_providers,
        Http(Method.DELETE, DEFAULT_LOGIN),
    ),
    Operation(
        "GetLoginProviders",
        ApiName.MANAGEMENT,
        login.LoginProvidersOf,
        login.LoginProviderList,
        "policy.read",
        login.get_login_providers,
        _get(LOGIN),
        writes=False,
    ),
    Operation(
        "SetLoginProviders",
        ApiName.MANAGEMENT,
        login.SetLoginProviders,
        Empty,
        "policy.write",
        login.set_login_providers,
        Http(Method.PUT, LOGIN),
    ),
    Operation(
        "ResetLoginProviders",
        ApiName.MANAGEMENT,
        login.ResetLoginProviders,
        Empty,
        "policy.write",
        login.reset_login_providers,
        Http(Method.DELETE, LOGIN),
    ),
)

OPERATIONS: tuple[AnyOperation, ...] = (
    *(operation for kind in KINDS for operation in kind_operations(kind)),
    *_common(Level.ORGANIZATION),
    *_common(Level.INSTANCE),
    *_LISTS,
    *_LOGIN,
)
"""All of them."""
