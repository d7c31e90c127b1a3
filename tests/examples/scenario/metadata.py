"""Notes that programs keep about a resource."""

from tests.examples.step import call

STEPS = (
    call("SetUserMetadata", user_id="$ada", key="cost-centre", value="NDcxMQ=="),
    call("BulkSetUserMetadata", user_id="$ada", entries=[{"key": "floor", "value": "Mw=="}]),
    call("GetUserMetadata", user_id="$ada", key="cost-centre"),
    call("ListUserMetadata", user_id="$ada", key_prefix="cost"),
    call("ListMyMetadata", by="ada"),
    call("DeleteUserMetadata", user_id="$ada", keys=["floor"]),
    call("SetOrganizationMetadata", organization_id="$acme", key="cost-centre", value="NDcxMQ=="),
    call("BulkSetOrganizationMetadata", organization_id="$acme", entries=[{"key": "floor", "value": "Mw=="}]),
    call("GetOrganizationMetadata", organization_id="$acme", key="cost-centre"),
    call("ListOrganizationMetadata", organization_id="$acme", key_prefix="cost"),
    call("DeleteOrganizationMetadata", organization_id="$acme", keys=["floor"]),
    call("SetProjectMetadata", project_id="$project", key="cost-centre", value="NDcxMQ=="),
    call("BulkSetProjectMetadata", project_id="$project", entries=[{"key": "floor", "value": "Mw=="}]),
    call("GetProjectMetadata", project_id="$project", key="cost-centre"),
    call("ListProjectMetadata", project_id="$project", key_prefix="cost"),
    call("DeleteProjectMetadata", project_id="$project", keys=["floor"]),
)
