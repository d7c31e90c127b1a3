"""The operations of registration."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.registration import clients, settings, tokens

SETTINGS = "/admin/v1/client-registration"
TOKENS = "/management/v1/initial-access-tokens"

REGISTER_CLIENT = Operation(
    "RegisterClient",
    ApiName.PROTOCOL,
    clients.RegisterClient,
    clients.ClientInformation,
    PUBLIC,
    clients.register_client,
    secrets=frozenset({"document"}),
)
GET_REGISTERED_CLIENT = Operation(
    "GetRegisteredClient",
    ApiName.PROTOCOL,
    clients.GetRegisteredClient,
    clients.ClientInformation,
    PUBLIC,
    clients.get_registered_client,
    writes=False,
)
UPDATE_REGISTERED_CLIENT = Operation(
    "UpdateRegisteredClient",
    ApiName.PROTOCOL,
    clients.UpdateRegisteredClient,
    clients.ClientInformation,
    PUBLIC,
    clients.update_registered_client,
    secrets=frozenset({"document"}),
)
DELETE_REGISTERED_CLIENT = Operation(
    "DeleteRegisteredClient",
    ApiName.PROTOCOL,
    clients.DeleteRegisteredClient,
    Empty,
    PUBLIC,
    clients.delete_registered_client,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "GetClientRegistration",
        ApiName.ADMIN,
        Empty,
        settings.ClientRegistrationView,
        "instance.read",
        settings.get_client_registration,
        Http(Method.GET, SETTINGS),
        writes=False,
    ),
    Operation(
        "SetClientRegistration",
        ApiName.ADMIN,
        settings.SetClientRegistration,
        Empty,
        "instance.write",
        settings.set_client_registration,
        Http(Method.PUT, SETTINGS),
    ),
    Operation(
        "CreateInitialAccessToken",
        ApiName.MANAGEMENT,
        tokens.CreateInitialAccessToken,
        tokens.NewInitialAccessToken,
        "application.write",
        tokens.create_initial_access_token,
        Http(Method.POST, TOKENS, 201),
        idempotent=True,
        secrets=frozenset({"token"}),
    ),
    Operation(
        "ListInitialAccessTokens",
        ApiName.MANAGEMENT,
        tokens.ListInitialAccessTokens,
        tokens.InitialAccessTokenPage,
        "application.read",
        tokens.list_initial_access_tokens,
        Http(Method.GET, TOKENS),
        writes=False,
    ),
    Operation(
        "DeleteInitialAccessToken",
        ApiName.MANAGEMENT,
        tokens.DeleteInitialAccessToken,
        Empty,
        "application.write",
        tokens.delete_initial_access_token,
        Http(Method.DELETE, f"{TOKENS}/{{token_id}}"),
    ),
    REGISTER_CLIENT,
    GET_REGISTERED_CLIENT,
    UPDATE_REGISTERED_CLIENT,
    DELETE_REGISTERED_CLIENT,
)
