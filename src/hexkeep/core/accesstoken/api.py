"""The operations of personal access tokens."""

from hexkeep.core.accesstoken import commands, queries
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED

TOKENS = "/management/v1/personal-access-tokens"
MINE = "/auth/v1/me/personal-access-tokens"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreatePersonalAccessToken",
        ApiName.MANAGEMENT,
        commands.CreatePersonalAccessToken,
        commands.NewPersonalAccessToken,
        "user.write",
        commands.create_personal_access_token,
        Http(Method.POST, TOKENS, 201),
        idempotent=True,
        secrets=frozenset({"token"}),
    ),
    Operation(
        "ListPersonalAccessTokens",
        ApiName.MANAGEMENT,
        queries.ListPersonalAccessTokens,
        queries.PersonalAccessTokenPage,
        "user.read",
        queries.list_personal_access_tokens,
        Http(Method.GET, TOKENS),
        writes=False,
    ),
    Operation(
        "DeletePersonalAccessToken",
        ApiName.MANAGEMENT,
        commands.DeletePersonalAccessToken,
        Empty,
        "user.write",
        commands.delete_personal_access_token,
        Http(Method.DELETE, f"{TOKENS}/{{token_id}}"),
    ),
    Operation(
        "CreateMyPersonalAccessToken",
        ApiName.AUTH,
        commands.CreateMyPersonalAccessToken,
        commands.NewPersonalAccessToken,
        AUTHENTICATED,
        commands.create_my_personal_access_token,
        Http(Method.POST, MINE, 201),
        idempotent=True,
        secrets=frozenset({"token"}),
    ),
    Operation(
        "ListMyPersonalAccessTokens",
        ApiName.AUTH,
        queries.ListMyPersonalAccessTokens,
        queries.PersonalAccessTokenPage,
        AUTHENTICATED,
        queries.list_my_personal_access_tokens,
        Http(Method.GET, MINE),
        writes=False,
    ),
    Operation(
        "DeleteMyPersonalAccessToken",
        ApiName.AUTH,
        commands.DeleteMyPersonalAccessToken,
        Empty,
        AUTHENTICATED,
        commands.delete_my_personal_access_token,
        Http(Method.DELETE, f"{MINE}/{{token_id}}"),
    ),
)
