"""What has happened, and what works at it."""

from tests.examples.step import SYSTEM, call

STEPS = (
    call("ListEvents", types=["user.added"], limit=2),
    call("ListOrganizationEvents", organization_id="$acme", aggregate_type="project", limit=2),
    call("ListHistory", aggregate_type="project", aggregate_id="$project"),
    call("GetResourceAt", aggregate_type="project", aggregate_id="$project", time="2099-01-01T00:00:00Z"),
    call("GetResourceHistory", organization_id="$acme", aggregate_type="project", aggregate_id="$project", limit=2),
    call("SetActivityRetention", days=400),
    call("GetActivityRetention"),
    call("ListProjections"),
    call("ListParked"),
    call("RenewDataKey", by=SYSTEM, instance_id="$home", name="hash/session"),
    call("ListDeliveries", user_id="$grace"),
)
