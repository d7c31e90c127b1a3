"""Targets that are called from here, and executions that say when."""

from tests.examples.step import call

STEPS = (
    call(
        "CreateTarget",
        keep="target=target_id",
        name="Fraud check",
        kind="webhook",
        url="https://hooks.example.net/check",
    ),
    call("GetTarget", target_id="$target"),
    call("ListTargets", sort="name"),
    call("UpdateTarget", target_id="$target", interrupt_on_error=True),
    call("RegenerateTargetSigningKey", target_id="$target"),
    call("ListExecutionMethods"),
    call("ListExecutionEvents"),
    call("ListExecutionFunctions"),
    call(
        "SetExecution",
        keep="execution=execution_id",
        condition={"trigger": "event", "event_family": "user"},
        target_ids=["$target"],
    ),
    call("GetExecution", execution_id="$execution"),
    call("ListExecutions", target_id="$target"),
    call("DeleteExecution", execution_id="$execution"),
    call("DeleteTarget", target_id="$target"),
)
