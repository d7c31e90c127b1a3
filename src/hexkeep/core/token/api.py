"""The operations behind discovery, the token endpoint, introspection, revocation, grants, userinfo and logout.

Errors of the token endpoint and of userinfo are raised as ``hexkeep.core.oidc.errors.OAuthError``: ``error`` is the
wire code, ``message`` the description, ``status`` the HTTP status, ``challenge`` the ``WWW-Authenticate`` header.
"""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.token.discovery import get_discovery, get_jwks
from hexkeep.core.token.exchange import exchange_token
from hexkeep.core.token.introspection import introspect_token
from hexkeep.core.token.logout import end_oidc_session
from hexkeep.core.token.management import get_grant, revoke_grant
from hexkeep.core.token.messages import (
    DiscoveryDocument,
    EndOidcSession,
    ExchangeToken,
    GetGrant,
    GetUserInfo,
    GrantStatus,
    Introspection,
    IntrospectToken,
    JsonWebKeySet,
    LogoutStep,
    RevokeGrant,
    RevokeToken,
    TokenResponse,
    UserInfo,
)
from hexkeep.core.token.revocation import revoke_token
from hexkeep.core.token.userinfo import get_user_info

GET_DISCOVERY = Operation(
    name="GetDiscovery",
    api=ApiName.PROTOCOL,
    input=Empty,
    output=DiscoveryDocument,
    permission=PUBLIC,
    handle=get_discovery,
    writes=False,
)
GET_JWKS = Operation(
    name="GetJwks",
    api=ApiName.PROTOCOL,
    input=Empty,
    output=JsonWebKeySet,
    permission=PUBLIC,
    handle=get_jwks,
    writes=False,
)
EXCHANGE_TOKEN = Operation(
    name="ExchangeToken",
    api=ApiName.PROTOCOL,
    input=ExchangeToken,
    output=TokenResponse,
    permission=PUBLIC,
    handle=exchange_token,
    secrets=frozenset({"access_token", "refresh_token", "id_token"}),
)
GET_USER_INFO = Operation(
    name="GetUserInfo",
    api=ApiName.PROTOCOL,
    input=GetUserInfo,
    output=UserInfo,
    permission=PUBLIC,
    handle=get_user_info,
    writes=False,
)
REVOKE_TOKEN = Operation(
    name="RevokeToken",
    api=ApiName.PROTOCOL,
    input=RevokeToken,
    output=Empty,
    permission=PUBLIC,
    handle=revoke_token,
)
INTROSPECT_TOKEN = Operation(
    name="IntrospectToken",
    api=ApiName.PROTOCOL,
    input=IntrospectToken,
    output=Introspection,
    permission=PUBLIC,
    handle=introspect_token,
    writes=False,
)
GET_GRANT = Operation(
    name="GetGrant",
    api=ApiName.PROTOCOL,
    input=GetGrant,
    output=GrantStatus,
    permission=PUBLIC,
    handle=get_grant,
    writes=False,
)
REVOKE_GRANT = Operation(
    name="RevokeGrant",
    api=ApiName.PROTOCOL,
    input=RevokeGrant,
    output=Empty,
    permission=PUBLIC,
    handle=revoke_grant,
)
END_OIDC_SESSION = Operation(
    name="EndOidcSession",
    api=ApiName.PROTOCOL,
    input=EndOidcSession,
    output=LogoutStep,
    permission=PUBLIC,
    handle=end_oidc_session,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    GET_DISCOVERY,
    GET_JWKS,
    EXCHANGE_TOKEN,
    GET_USER_INFO,
    REVOKE_TOKEN,
    INTROSPECT_TOKEN,
    GET_GRANT,
    REVOKE_GRANT,
    END_OIDC_SESSION,
)
