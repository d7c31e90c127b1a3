"""The operations on data keys: for operators, beside running nodes."""

from hexkeep.core.datakey import commands
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

PATH = "/system/v1/keys"
ROTATION = f"{PATH}/rotation"
WRITE = "system.key.write"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "BeginKeyRotation",
        ApiName.SYSTEM,
        Empty,
        commands.BeginKeyRotationOutput,
        WRITE,
        commands.begin_key_rotation,
        Http(Method.POST, f"{ROTATION}/begin"),
    ),
    Operation(
        "RewrapDataKeys",
        ApiName.SYSTEM,
        commands.RewrapDataKeys,
        commands.RewrapDataKeysOutput,
        WRITE,
        commands.rewrap_data_keys,
        Http(Method.POST, f"{ROTATION}/page"),
    ),
    Operation(
        "FinishKeyRotation",
        ApiName.SYSTEM,
        Empty,
        commands.FinishKeyRotationOutput,
        WRITE,
        commands.finish_key_rotation,
        Http(Method.POST, f"{ROTATION}/finish"),
    ),
    Operation(
        "RenewDataKey",
        ApiName.SYSTEM,
        commands.RenewDataKey,
        commands.DataKeyVersion,
        WRITE,
        commands.renew_data_key,
        Http(Method.POST, f"{PATH}/renew"),
    ),
)
"""`hexkeep keys rotate` calls the first three in their order, and the last one for a key that it names."""
