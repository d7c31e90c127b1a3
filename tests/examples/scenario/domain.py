"""Domains of an organization; the proof is taken as given here, which needs the right to skip the look-up."""

from tests.examples.step import call

STEPS = (
    call("AddOrganizationDomain", organization_id="$acme", domain="acme.example"),
    call("GenerateOrganizationDomainValidation", organization_id="$acme", domain="acme.example", method="dns"),
    call("VerifyOrganizationDomain", organization_id="$acme", domain="acme.example", unchecked=True),
    call("ListOrganizationDomains", organization_id="$acme"),
    call("SetPrimaryOrganizationDomain", organization_id="$acme", domain="acme.example"),
    call("AddOrganizationDomain", organization_id="$acme", domain="acme.test"),
    call("RemoveOrganizationDomain", organization_id="$acme", domain="acme.test"),
)
