"""Organizations: the first that is made is used by whatever comes after."""

from tests.examples.step import call

STEPS = (
    call("CreateOrganization", name="Acme", keep="acme=organization_id"),
    call("GetOrganization", organization_id="$acme"),
    call("ListOrganizations", name="ac", count=True),
    call("UpdateOrganization", organization_id="$acme", name="Acme Incorporated"),
    call("CreateOrganization", name="Globex", keep="globex=organization_id"),
    call("CreateOrganization", name="Initech", keep="closed=organization_id"),
    call("DeactivateOrganization", organization_id="$closed"),
    call("ReactivateOrganization", organization_id="$closed"),
    call("DeleteOrganization", organization_id="$closed"),
)
