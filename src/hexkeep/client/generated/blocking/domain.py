"""The operations of `domain`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.domain import SLICE
from hexkeep.core.domain.commands import OrganizationDomain
from hexkeep.core.domain.queries import OrganizationDomainPage, OrganizationDomainView
from hexkeep.core.domain.state import DomainValidationMethod
from hexkeep.core.domain.verification import OrganizationDomainValidation
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class DomainCalls:
    """The operations of `domain`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def add_organization_domain(
        self,
        *,
        organization_id: str,
        domain: str,
        idempotency_key: str = "",
    ) -> OrganizationDomain:
        """Add a domain to an organization. It counts for nothing until it is verified, if the domain policy wants that.

        Names in other scripts are kept in A-labels (RFC 5891).

        Needs `organization.write`. The fields are those of `AddOrganizationDomain`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "domain": domain}
        return self._calls.answer(_OPERATIONS["AddOrganizationDomain"], OrganizationDomain, fields, idempotency_key)

    def list_organization_domains(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str,
        domain: str = "",
        is_verified: bool | None = None,
    ) -> Listing[OrganizationDomainPage, OrganizationDomainView]:
        """List the domains of an organization.

        Needs `organization.read`. The fields are those of `ListOrganizationDomains`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
            "domain": domain,
            "is_verified": is_verified,
        }
        return self._calls.listing(
            _OPERATIONS["ListOrganizationDomains"], OrganizationDomainPage, OrganizationDomainView, fields
        )

    def generate_organization_domain_validation(
        self,
        *,
        organization_id: str,
        domain: str,
        method: DomainValidationMethod,
    ) -> OrganizationDomainValidation:
        """Tell what to publish to show that the domain is the organization's. What was told before is void.

        Needs `organization.write`. The fields are those of `GenerateOrganizationDomainValidation`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "domain": domain, "method": method}
        return self._calls.answer(
            _OPERATIONS["GenerateOrganizationDomainValidation"], OrganizationDomainValidation, fields
        )

    def verify_organization_domain(self, *, organization_id: str, domain: str, unchecked: bool = False) -> None:
        """Look whether what was to be published is there; then the domain is the organization's alone in this instance.

        What is not found yet is `failed_precondition`, with `found` telling what was seen instead. Nobody has to leave the
        record or the file there.

        Needs `organization.write`. The fields are those of `VerifyOrganizationDomain`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "domain": domain, "unchecked": unchecked}
        self._calls.answer(_OPERATIONS["VerifyOrganizationDomain"], Empty, fields)

    def set_primary_organization_domain(self, *, organization_id: str, domain: str) -> None:
        """Make login names with this domain from now on. Only a verified one can be primary.

        Needs `organization.write`. The fields are those of `SetPrimaryOrganizationDomain`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "domain": domain}
        self._calls.answer(_OPERATIONS["SetPrimaryOrganizationDomain"], Empty, fields)

    def remove_organization_domain(self, *, organization_id: str, domain: str) -> None:
        """Remove a domain. Anybody may then have it verified. The primary one stays while another could take its place.

        Needs `organization.write`. The fields are those of `RemoveOrganizationDomain`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "domain": domain}
        self._calls.answer(_OPERATIONS["RemoveOrganizationDomain"], Empty, fields)
