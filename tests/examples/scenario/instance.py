"""Instances: one more is made by a configured caller of the System API, and taken away again."""

from tests.examples.step import SYSTEM, call

STEPS = (
    call(
        "CreateInstance",
        by=SYSTEM,
        keep="instance=instance_id",
        name="Shop",
        origin="https://login.shop.example",
        organization_name="Shop",
        user_name="grace",
        given_name="Grace",
        family_name="Hopper",
        email="grace@shop.example",
        password="$password",
    ),
    call("GetInstance", by=SYSTEM, instance_id="$instance"),
    call("UpdateInstance", by=SYSTEM, instance_id="$instance", name="Shop Europe"),
    call("AddInstanceHost", by=SYSTEM, instance_id="$instance", host="accounts.shop.example"),
    call("SetInstanceOrigin", by=SYSTEM, instance_id="$instance", origin="https://accounts.shop.example"),
    call("RemoveInstanceHost", by=SYSTEM, instance_id="$instance", host="login.shop.example"),
    call("SetInstanceLimits", by=SYSTEM, instance_id="$instance", calls_per_minute=6000, calls_per_month=1_000_000),
    call("ListInstances", by=SYSTEM, status="active"),
    call("GetInstanceLimits", by=SYSTEM, instance_id="$instance"),
    call("GetMyInstance", keep="home=instance_id"),
    call("GetMyInstanceLimits"),
    call("DeactivateInstance", by=SYSTEM, instance_id="$instance"),
    call("ReactivateInstance", by=SYSTEM, instance_id="$instance"),
    call("DeleteInstance", by=SYSTEM, instance_id="$instance"),
    call("BeginKeyRotation", by=SYSTEM),
    call("RewrapDataKeys", by=SYSTEM),
    call("FinishKeyRotation", by=SYSTEM),
    call("GetVerificationStatus", by=SYSTEM),
)
