"""The operations behind the backchannel authentication endpoint, and those with which people answer."""

from hexkeep.core.backchannelauth.answers import (
    approve_backchannel_request,
    deny_backchannel_request,
    list_my_backchannel_requests,
    plan_backchannel_ping,
)
from hexkeep.core.backchannelauth.endpoint import start_backchannel_authentication
from hexkeep.core.backchannelauth.messages import (
    ApproveBackchannelRequest,
    BackchannelAuthenticationResponse,
    BackchannelPing,
    BackchannelRequestList,
    DenyBackchannelRequest,
    PlanBackchannelPing,
    StartBackchannelAuthentication,
)
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC

REQUESTS = "/auth/v1/backchannel-requests"

START_BACKCHANNEL_AUTHENTICATION = Operation(
    name="StartBackchannelAuthentication",
    api=ApiName.PROTOCOL,
    input=StartBackchannelAuthentication,
    output=BackchannelAuthenticationResponse,
    permission=PUBLIC,
    handle=start_backchannel_authentication,
    secrets=frozenset({"auth_req_id"}),
)
PLAN_BACKCHANNEL_PING = Operation(
    name="PlanBackchannelPing",
    api=ApiName.PROTOCOL,
    input=PlanBackchannelPing,
    output=BackchannelPing,
    permission="system.notifier.plan",
    handle=plan_backchannel_ping,
    writes=False,
    secrets=frozenset({"auth_req_id", "token"}),
)
LIST_MY_BACKCHANNEL_REQUESTS = Operation(
    name="ListMyBackchannelRequests",
    api=ApiName.AUTH,
    input=Empty,
    output=BackchannelRequestList,
    permission=AUTHENTICATED,
    handle=list_my_backchannel_requests,
    http=Http(Method.GET, REQUESTS),
    writes=False,
)
APPROVE_BACKCHANNEL_REQUEST = Operation(
    name="ApproveBackchannelRequest",
    api=ApiName.AUTH,
    input=ApproveBackchannelRequest,
    output=Empty,
    permission=AUTHENTICATED,
    handle=approve_backchannel_request,
    http=Http(Method.POST, f"{REQUESTS}/{{request_id}}/approve"),
)
DENY_BACKCHANNEL_REQUEST = Operation(
    name="DenyBackchannelRequest",
    api=ApiName.AUTH,
    input=DenyBackchannelRequest,
    output=Empty,
    permission=AUTHENTICATED,
    handle=deny_backchannel_request,
    http=Http(Method.POST, f"{REQUESTS}/{{request_id}}/deny"),
)

OPERATIONS: tuple[AnyOperation, ...] = (
    START_BACKCHANNEL_AUTHENTICATION,
    PLAN_BACKCHANNEL_PING,
    LIST_MY_BACKCHANNEL_REQUESTS,
    APPROVE_BACKCHANNEL_REQUEST,
    DENY_BACKCHANNEL_REQUEST,
)
