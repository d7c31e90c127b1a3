"""The operations behind the authorization endpoint and its pages.

Errors meant for the relying party are answers of kind ``redirect``. Whatever is *raised* must be shown on our own page:
there is no place that it may be sent to (RFC 6749 section 4.1.2.1).
"""

from hexkeep.core.authrequest.commands import continue_authorization, deny_authorization, start_authorization
from hexkeep.core.authrequest.look import GET_PAGE_LOOK
from hexkeep.core.authrequest.messages import (
    AuthorizationStep,
    AuthRequestDetails,
    ClientLogo,
    ContinueAuthorization,
    DenyAuthorization,
    GetAuthRequest,
    GetClientLogo,
    PushAuthorization,
    PushedAuthorization,
    StartAuthorization,
    StartIdpInitiated,
    StartSamlSignIn,
)
from hexkeep.core.authrequest.pushing import push_authorization
from hexkeep.core.authrequest.queries import get_auth_request, get_client_logo
from hexkeep.core.authrequest.saml import start_idp_initiated, start_saml_sign_in
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Operation
from hexkeep.core.kernel.permission import PUBLIC

PUSH_AUTHORIZATION = Operation(
    name="PushAuthorization",
    api=ApiName.PROTOCOL,
    input=PushAuthorization,
    output=PushedAuthorization,
    permission=PUBLIC,
    handle=push_authorization,
    secrets=frozenset({"request_uri"}),
)
START_AUTHORIZATION = Operation(
    name="StartAuthorization",
    api=ApiName.PROTOCOL,
    input=StartAuthorization,
    output=AuthorizationStep,
    permission=PUBLIC,
    handle=start_authorization,
)
START_SAML_SIGN_IN = Operation(
    name="StartSamlSignIn",
    api=ApiName.PROTOCOL,
    input=StartSamlSignIn,
    output=AuthorizationStep,
    permission=PUBLIC,
    handle=start_saml_sign_in,
)
START_IDP_INITIATED = Operation(
    name="StartIdpInitiated",
    api=ApiName.PROTOCOL,
    input=StartIdpInitiated,
    output=AuthorizationStep,
    permission=PUBLIC,
    handle=start_idp_initiated,
)
GET_AUTH_REQUEST = Operation(
    name="GetAuthRequest",
    api=ApiName.PROTOCOL,
    input=GetAuthRequest,
    output=AuthRequestDetails,
    permission=PUBLIC,
    handle=get_auth_request,
    writes=False,
)
GET_CLIENT_LOGO = Operation(
    name="GetClientLogo",
    api=ApiName.PROTOCOL,
    input=GetClientLogo,
    output=ClientLogo,
    permission=PUBLIC,
    handle=get_client_logo,
    writes=False,
)
CONTINUE_AUTHORIZATION = Operation(
    name="ContinueAuthorization",
    api=ApiName.PROTOCOL,
    input=ContinueAuthorization,
    output=AuthorizationStep,
    permission=PUBLIC,
    handle=continue_authorization,
)
DENY_AUTHORIZATION = Operation(
    name="DenyAuthorization",
    api=ApiName.PROTOCOL,
    input=DenyAuthorization,
    output=AuthorizationStep,
    permission=PUBLIC,
    handle=deny_authorization,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    PUSH_AUTHORIZATION,
    START_AUTHORIZATION,
    START_SAML_SIGN_IN,
    START_IDP_INITIATED,
    GET_AUTH_REQUEST,
    GET_CLIENT_LOGO,
    CONTINUE_AUTHORIZATION,
    DENY_AUTHORIZATION,
    GET_PAGE_LOOK,
)
