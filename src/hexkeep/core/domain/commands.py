"""What can be done to the domains of an organization, except to have one verified."""

from pydantic import Field

from hexkeep.core.domain.access import known, reached
from hexkeep.core.domain.events import (
    OrganizationDomainAdded,
    OrganizationDomainRemoved,
    OrganizationDomainVerified,
    OrganizationPrimaryDomainSet,
)
from hexkeep.core.domain.names import DomainName, canonical
from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.policy.state import DOMAIN, effective

MAX_DOMAINS = 200


class AddOrganizationDomain(Message):
    """A domain that the organization says it has."""

    organization_id: Id
    domain: DomainName = Field(examples=["example.com"])


class OrganizationDomain(Message):
    """The domain, as the DNS has it."""

    domain: str


class SetPrimaryOrganizationDomain(Message):
    """The verified domain to make login names with."""

    organization_id: Id
    domain: DomainName


class RemoveOrganizationDomain(Message):
    """The domain to remove."""

    organization_id: Id
    domain: DomainName


def add_organization_domain(request: AddOrganizationDomain, ctx: Context) -> Decision[OrganizationDomain]:
    """Add a domain to an organization. It counts for nothing until it is verified, if the domain policy wants that.

    Names in other scripts are kept in A-labels (RFC 5891).
    """
    domains = reached(request.organization_id, ctx)
    name = canonical(request.domain, ctx)
    if domains.named(name):
        raise AlreadyExists("organization_domain")
    if len(domains.domains) >= MAX_DOMAINS:
        raise FailedPrecondition(f"An organization has {MAX_DOMAINS} domains at most")
    added, answer = OrganizationDomainAdded(domain=name), OrganizationDomain(domain=name)
    if effective(ctx, DOMAIN, request.organization_id).validate_organization_domains:
        return Decision(answer, DOMAINS.append(request.organization_id, added))
    if ctx.owner(domain_key(name)) is not None:
        raise AlreadyExists("domain")
    verified = DOMAINS.append(request.organization_id, added, OrganizationDomainVerified(domain=name))
    return Decision(answer, verified, Claim(domain_key(name), DOMAINS.ref(request.organization_id)))


def set_primary_organization_domain(request: SetPrimaryOrganizationDomain, ctx: Context) -> Decision[Empty]:
    """Make login names with this domain from now on. Only a verified one can be primary."""
    domains = reached(request.organization_id, ctx)
    domain = known(domains, request.domain, ctx)
    if not domain.verified:
        raise FailedPrecondition("Only a verified domain can be primary")
    if domains.primary == domain.name:
        return Decision(Empty())
    primary = OrganizationPrimaryDomainSet(domain=domain.name, former=domains.primary)
    return Decision(Empty(), DOMAINS.append(request.organization_id, primary))


def remove_organization_domain(request: RemoveOrganizationDomain, ctx: Context) -> Decision[Empty]:
    """Remove a domain. Anybody may then have it verified. The primary one stays while another could take its place."""
    domains = reached(request.organization_id, ctx)
    domain = known(domains, request.domain, ctx)
    if domains.primary == domain.name and len(domains.verified) > 1:
        raise FailedPrecondition("Make another domain primary first")
    removed = DOMAINS.append(request.organization_id, OrganizationDomainRemoved(domain=domain.name))
    if not domain.verified:
        return Decision(Empty(), removed)
    return Decision(Empty(), removed, Release(domain_key(domain.name), DOMAINS.ref(request.organization_id)))
