"""The operations of targets."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.target import commands, queries

TARGETS = "/admin/v1/targets"
ONE = f"{TARGETS}/{{target_id}}"
READ, WRITE = "action.read", "action.write"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateTarget",
        ApiName.ADMIN,
        commands.CreateTarget,
        commands.TargetCreated,
        WRITE,
        commands.create_target,
        Http(Method.POST, TARGETS, 201),
        idempotent=True,
        secrets=frozenset({"signing_key"}),
    ),
    Operation(
        "GetTarget",
        ApiName.ADMIN,
        queries.GetTarget,
        queries.TargetView,
        READ,
        queries.get_target,
        Http(Method.GET, ONE),
        writes=False,
    ),
    Operation(
        "ListTargets",
        ApiName.ADMIN,
        queries.ListTargets,
        queries.TargetPage,
        READ,
        queries.list_targets,
        Http(Method.GET, TARGETS),
        writes=False,
    ),
    Operation(
        "UpdateTarget",
        ApiName.ADMIN,
        commands.UpdateTarget,
        Empty,
        WRITE,
        commands.update_target,
        Http(Method.PATCH, ONE),
    ),
    Operation(
        "RegenerateTargetSigningKey",
        ApiName.ADMIN,
        commands.RegenerateTargetSigningKey,
        commands.NewSigningKey,
        WRITE,
        commands.regenerate_target_signing_key,
        Http(Method.POST, f"{ONE}/regenerate-signing-key"),
        secrets=frozenset({"signing_key"}),
    ),
    Operation(
        "DeleteTarget",
        ApiName.ADMIN,
        commands.DeleteTarget,
        Empty,
        WRITE,
        commands.delete_target,
        Http(Method.DELETE, ONE),
    ),
)
