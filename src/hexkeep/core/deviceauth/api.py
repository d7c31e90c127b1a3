"""The operations behind the device authorization endpoint and its pages."""

from hexkeep.core.deviceauth.answers import (
    approve_device_authorization,
    deny_device_authorization,
    get_device_authorization,
)
from hexkeep.core.deviceauth.endpoint import start_device_authorization
from hexkeep.core.deviceauth.messages import (
    ApproveDeviceAuthorization,
    DenyDeviceAuthorization,
    DeviceAuthorizationDetails,
    DeviceAuthorizationResponse,
    GetDeviceAuthorization,
    StartDeviceAuthorization,
)
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Operation
from hexkeep.core.kernel.permission import PUBLIC

START_DEVICE_AUTHORIZATION = Operation(
    name="StartDeviceAuthorization",
    api=ApiName.PROTOCOL,
    input=StartDeviceAuthorization,
    output=DeviceAuthorizationResponse,
    permission=PUBLIC,
    handle=start_device_authorization,
    secrets=frozenset({"device_code", "user_code", "verification_uri_complete"}),
)
GET_DEVICE_AUTHORIZATION = Operation(
    name="GetDeviceAuthorization",
    api=ApiName.PROTOCOL,
    input=GetDeviceAuthorization,
    output=DeviceAuthorizationDetails,
    permission=PUBLIC,
    handle=get_device_authorization,
    writes=False,
)
APPROVE_DEVICE_AUTHORIZATION = Operation(
    name="ApproveDeviceAuthorization",
    api=ApiName.PROTOCOL,
    input=ApproveDeviceAuthorization,
    output=Empty,
    permission=PUBLIC,
    handle=approve_device_authorization,
)
DENY_DEVICE_AUTHORIZATION = Operation(
    name="DenyDeviceAuthorization",
    api=ApiName.PROTOCOL,
    input=DenyDeviceAuthorization,
    output=Empty,
    permission=PUBLIC,
    handle=deny_device_authorization,
)

OPERATIONS: tuple[AnyOperation, ...] = (
    START_DEVICE_AUTHORIZATION,
    GET_DEVICE_AUTHORIZATION,
    APPROVE_DEVICE_AUTHORIZATION,
    DENY_DEVICE_AUTHORIZATION,
)
