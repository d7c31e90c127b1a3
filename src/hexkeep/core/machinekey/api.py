"""The operations of machine users' keys."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.machinekey import commands, queries

KEYS = "/management/v1/machine-keys"
ONE = f"{KEYS}/{{key_id}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateMachineKey",
        ApiName.MANAGEMENT,
        commands.CreateMachineKey,
        commands.NewMachineKey,
        "user.write",
        commands.create_machine_key,
        Http(Method.POST, KEYS, 201),
        idempotent=True,
        secrets=frozenset({"key_file"}),
    ),
    Operation(
        "GetMachineKey",
        ApiName.MANAGEMENT,
        queries.GetMachineKey,
        queries.MachineKeyView,
        "user.read",
        queries.get_machine_key,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListMachineKeys",
        ApiName.MANAGEMENT,
        queries.ListMachineKeys,
        queries.MachineKeyPage,
        "user.read",
        queries.list_machine_keys,
        Http(Method.GET, KEYS),
        writes=False,
    ),
    Operation(
        "DeleteMachineKey",
        ApiName.MANAGEMENT,
        commands.DeleteMachineKey,
        Empty,
        "user.write",
        commands.delete_machine_key,
        Http(Method.DELETE, ONE),
    ),
)
