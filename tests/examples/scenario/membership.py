"""Who may administer what."""

from tests.examples.step import call

STEPS = (
    call("ListRoles", level="organization"),
    call("CreateMembership", user_id="$grace", level="organization", scope_id="$acme", roles=["ORGANIZATION_VIEWER"]),
    call("ListMemberships", user_id="$grace"),
    call("UpdateMembership", user_id="$grace", level="organization", scope_id="$acme", roles=["ORGANIZATION_OWNER"]),
    call("DeleteMembership", user_id="$grace", level="organization", scope_id="$acme"),
)
