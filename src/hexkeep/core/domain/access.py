"""How operations come by the domains they act on."""

from hexkeep.core.domain.names import canonical
from hexkeep.core.domain.state import DOMAINS, Domain, Domains
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.organization.state import ORGANIZATION


def reached(organization_id: str, ctx: Context) -> Domains:
    """The domains of an organization on which the caller holds the operation's permission."""
    organization = ctx.load(ORGANIZATION, organization_id, guarded=True)
    reach(ctx, "organization.read", exists=organization.exists, organization=organization_id)
    return ctx.load(DOMAINS, organization_id)


def known(domains: Domains, name: str, ctx: Context) -> Domain:
    """One of them, however it is written; raises ``NotFound``."""
    domain = domains.named(canonical(name, ctx))
    if domain is None:
        raise NotFound
    return domain
