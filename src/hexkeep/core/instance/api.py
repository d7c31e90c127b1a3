"""The operations on instances."""

from collections.abc import Callable

from hexkeep.core.instance import limits
from hexkeep.core.instance.adoption import AdoptInstance, adopt_instance
from hexkeep.core.instance.commands import (
    AddInstanceHost,
    DeactivateInstance,
    DeleteInstance,
    ReactivateInstance,
    RemoveInstanceHost,
    SetInstanceOrigin,
    UpdateInstance,
    add_instance_host,
    deactivate_instance,
    delete_instance,
    reactivate_instance,
    remove_instance_host,
    set_instance_origin,
    update_instance,
)
from hexkeep.core.instance.queries import (
    GetInstance,
    InstanceDetails,
    InstanceView,
    ListInstances,
    ListInstancesOutput,
    get_instance,
    get_my_instance,
    list_instances,
)
from hexkeep.core.instance.setup import (
    CreateInstance,
    CreateInstanceOutput,
    MarkInstanceReady,
    SetUpInstance,
    create_instance,
    mark_instance_ready,
    set_up_instance,
)
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, I, Method, Operation

READ = "system.instance.read"
WRITE = "system.instance.write"
PATH = "/system/v1/instances"
ONE = PATH + "/{instance_id}"


def _change(
    name: str, input_: type[I], handle: Callable[[I, Context], Decision[Empty]], method: Method, path: str
) -> Operation[I, Empty]:
    return Operation(
        name=name,
        api=ApiName.SYSTEM,
        input=input_,
        output=Empty,
        permission=WRITE,
        handle=handle,
        http=Http(method, path),
    )


def _internal(name: str, input_: type[I], handle: Callable[[I, Context], Decision[Empty]]) -> Operation[I, Empty]:
    """A step of a creation or an import: only the program itself calls it."""
    return Operation(name=name, api=ApiName.PROTOCOL, input=input_, output=Empty, permission=WRITE, handle=handle)


OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        name="CreateInstance",
        api=ApiName.SYSTEM,
        input=CreateInstance,
        output=CreateInstanceOutput,
        permission=WRITE,
        handle=create_instance,
        http=Http(Method.POST, PATH, 201),
        idempotent=True,
    ),
    _change("UpdateInstance", UpdateInstance, update_instance, Method.PATCH, ONE),
    _change("SetInstanceOrigin", SetInstanceOrigin, set_instance_origin, Method.PUT, ONE + "/origin"),
    _change("AddInstanceHost", AddInstanceHost, add_instance_host, Method.POST, ONE + "/hosts"),
    _change("RemoveInstanceHost", RemoveInstanceHost, remove_instance_host, Method.DELETE, ONE + "/hosts/{host}"),
    _change("DeactivateInstance", DeactivateInstance, deactivate_instance, Method.POST, ONE + "/deactivate"),
    _change("ReactivateInstance", ReactivateInstance, reactivate_instance, Method.POST, ONE + "/reactivate"),
    _change("DeleteInstance", DeleteInstance, delete_instance, Method.DELETE, ONE),
    Operation(
        name="GetInstance",
        api=ApiName.SYSTEM,
        input=GetInstance,
        output=InstanceDetails,
        permission=READ,
        handle=get_instance,
        http=Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        name="ListInstances",
        api=ApiName.SYSTEM,
        input=ListInstances,
        output=ListInstancesOutput,
        permission=READ,
        handle=list_instances,
        http=Http(Method.GET, PATH),
        writes=False,
    ),
    Operation(
        name="GetMyInstance",
        api=ApiName.ADMIN,
        input=Empty,
        output=InstanceView,
        permission="instance.read",
        handle=get_my_instance,
        http=Http(Method.GET, "/admin/v1/instance"),
        writes=False,
    ),
    _change("SetInstanceLimits", limits.SetInstanceLimits, limits.set_instance_limits, Method.PUT, ONE + "/limits"),
    Operation(
        name="GetInstanceLimits",
        api=ApiName.SYSTEM,
        input=limits.GetInstanceLimits,
        output=limits.InstanceLimits,
        permission=READ,
        handle=limits.get_instance_limits,
        http=Http(Method.GET, ONE + "/limits"),
        writes=False,
    ),
    Operation(
        name="GetMyInstanceLimits",
        api=ApiName.ADMIN,
        input=Empty,
        output=limits.InstanceLimits,
        permission="instance.read",
        handle=limits.get_my_instance_limits,
        http=Http(Method.GET, "/admin/v1/instance/limits"),
        writes=False,
    ),
    _internal("RecordQuotaReached", limits.RecordQuotaReached, limits.record_quota_reached),
    _internal("AdoptInstance", AdoptInstance, adopt_instance),
    _internal("SetUpInstance", SetUpInstance, set_up_instance),
    _internal("MarkInstanceReady", MarkInstanceReady, mark_instance_ready),
)
"""All of them, in the order of the documentation."""
