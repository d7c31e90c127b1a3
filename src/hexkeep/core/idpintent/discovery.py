"""Where somebody signs in, told by the domain of the address or login name alone: nobody is looked up."""

from hexkeep.core.domain.names import canonical
from hexkeep.core.domain.state import domain_key
from hexkeep.core.idp.state import IDENTITY_PROVIDER, provider_domain_key
from hexkeep.core.idpintent.messages import DiscoverSignIn, SignInPlace
from hexkeep.core.idpintent.offers import at_hand
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.policy.state import LOGIN, effective
from hexkeep.core.setting.state import settings_of


def discover_sign_in(request: DiscoverSignIn, ctx: Context) -> Decision[SignInPlace]:
    """Tell where people with such a login name sign in: the organization that holds its domain, and by which provider.

    The domain alone decides, so the answer is the same whoever exists. Where people of one organization are meant, they
    are led nowhere else. What an organization's ``domain_discovery`` says counts for those who would be led to it.
    """
    domain = _domain(request.login_name, ctx)
    holder = _holder(domain, ctx) if domain else ""
    if not domain or (request.organization_id and holder not in {"", request.organization_id}):
        return Decision(SignInPlace())
    organization_id = request.organization_id or holder
    policy = effective(ctx, LOGIN, organization_id or settings_of(ctx).default_organization_id)
    if not policy.domain_discovery:
        return Decision(SignInPlace())
    provider_id = _provider(domain, holder, organization_id, ctx)
    place = SignInPlace(
        organization_id=holder,
        identity_provider_id=provider_id,
        provider_of_instance=bool(provider_id) and not ctx.load(IDENTITY_PROVIDER, provider_id).organization_id,
        password_allowed=policy.password_allowed,
    )
    return Decision(place)


def _domain(login_name: str, ctx: Context) -> str:
    """The domain behind the last ``@``, as domains are kept; empty for none."""
    name, _, domain = login_name.strip().rpartition("@")
    try:
        return canonical(domain, ctx) if name and domain else ""
    except InvalidInput:
        return ""


def _holder(domain: str, ctx: Context) -> str:
    """The active organization that has shown the domain to be its own; empty for none."""
    owner = ctx.owner(domain_key(domain))
    return owner.id if owner is not None and ctx.load(ORGANIZATION, owner.id).active else ""


def _provider(domain: str, holder: str, organization_id: str, ctx: Context) -> str:
    """The provider that takes the domain and is offered there: of the organization that holds it, else the instance's.

    A domain that an organization does not hold any more counts for nothing among what its providers take.
    """
    offers = dict(at_hand(ctx, organization_id))
    for place in dict.fromkeys((holder, "")):
        owner = ctx.owner(provider_domain_key(place, domain))
        if owner is not None and owner.id in offers:
            return owner.id
    return ""
