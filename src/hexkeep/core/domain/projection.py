"""The view of the domains of organizations: one row per organization and domain."""

from collections.abc import Iterable

from hexkeep.core.domain.events import (
    OrganizationDomainAdded,
    OrganizationDomainRemoved,
    OrganizationDomainValidationGenerated,
    OrganizationDomainVerified,
    OrganizationPrimaryDomainSet,
)
from hexkeep.core.domain.state import DOMAINS, DomainValidationMethod
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Patch,
    Projection,
    Put,
    RowOperation,
    Table,
    Value,
    Visibility,
)

ORGANIZATION_DOMAINS = Table(
    "organization_domains",
    columns=(
        Column("organization_id"),
        Column("domain", search=True),
        Column("is_verified", ColumnType.BOOLEAN),
        Column("is_primary", ColumnType.BOOLEAN),
        Column("validation_method"),
        Column("created_at", ColumnType.TIME),
        Column("changed_at", ColumnType.TIME),
    ),
    key=("organization_id", "domain"),
    indexes=(("domain",),),
    visibility=Visibility(organization="organization_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    organization_id, now = recorded.aggregate_id, recorded.created_at
    match recorded.event:
        case OrganizationDomainAdded(domain=domain):
            place = {"organization_id": organization_id, "domain": domain}
            own: dict[str, Value] = {"validation_method": DomainValidationMethod.UNSPECIFIED.value}
            own |= {"is_verified": False, "is_primary": False}
            yield Put(ORGANIZATION_DOMAINS, {**place, **own, "created_at": now, "changed_at": now})
        case OrganizationDomainValidationGenerated(domain=domain, method=method):
            yield Patch(
                ORGANIZATION_DOMAINS, (organization_id, domain), {"validation_method": method, "changed_at": now}
            )
        case OrganizationDomainVerified(domain=domain):
            yield Patch(ORGANIZATION_DOMAINS, (organization_id, domain), {"is_verified": True, "changed_at": now})
        case OrganizationPrimaryDomainSet(domain=domain, former=former):
            yield Patch(ORGANIZATION_DOMAINS, (organization_id, former), {"is_primary": False, "changed_at": now})
            yield Patch(ORGANIZATION_DOMAINS, (organization_id, domain), {"is_primary": True, "changed_at": now})
        case OrganizationDomainRemoved(domain=domain):
            yield Delete(ORGANIZATION_DOMAINS, (organization_id, domain))


PROJECTION = Projection("organization_domains", 1, Log.DURABLE, (ORGANIZATION_DOMAINS,), DOMAINS.events, project)
