"""The operations of domains of organizations."""

from hexkeep.core.domain import commands, queries, verification
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

DOMAINS = "/management/v1/organizations/{organization_id}/domains"
ONE = f"{DOMAINS}/{{domain}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "AddOrganizationDomain",
        ApiName.MANAGEMENT,
        commands.AddOrganizationDomain,
        commands.OrganizationDomain,
        "organization.write",
        commands.add_organization_domain,
        Http(Method.POST, DOMAINS, 201),
        idempotent=True,
    ),
    Operation(
        "ListOrganizationDomains",
        ApiName.MANAGEMENT,
        queries.ListOrganizationDomains,
        queries.OrganizationDomainPage,
        "organization.read",
        queries.list_organization_domains,
        Http(Method.GET, DOMAINS),
        writes=False,
    ),
    Operation(
        "GenerateOrganizationDomainValidation",
        ApiName.MANAGEMENT,
        verification.GenerateOrganizationDomainValidation,
        verification.OrganizationDomainValidation,
        "organization.write",
        verification.generate_organization_domain_validation,
        Http(Method.POST, f"{ONE}/validation"),
    ),
    Operation(
        "VerifyOrganizationDomain",
        ApiName.MANAGEMENT,
        verification.VerifyOrganizationDomain,
        Empty,
        "organization.write",
        verification.verify_organization_domain,
        Http(Method.POST, f"{ONE}/verify"),
    ),
    Operation(
        "SetPrimaryOrganizationDomain",
        ApiName.MANAGEMENT,
        commands.SetPrimaryOrganizationDomain,
        Empty,
        "organization.write",
        commands.set_primary_organization_domain,
        Http(Method.POST, f"{ONE}/primary"),
    ),
    Operation(
        "RemoveOrganizationDomain",
        ApiName.MANAGEMENT,
        commands.RemoveOrganizationDomain,
        Empty,
        "organization.write",
        commands.remove_organization_domain,
        Http(Method.DELETE, ONE),
    ),
)
