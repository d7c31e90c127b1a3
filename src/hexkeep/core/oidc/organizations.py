"""Sign-ins for the people of one organization alone, where the scopes ask for that.

``urn:hexkeep:organization:id:<id>`` and ``urn:hexkeep:organization:primary_domain:<domain>`` are called as the claims
that the tokens then hold. Nothing of this is let pass that nobody understands: who asks for few must not get all.
"""

from collections.abc import Iterable

from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.kernel.decision import Context
from hexkeep.core.oidc import scopes
from hexkeep.core.oidc.errors import InvalidScope
from hexkeep.core.organization.state import ORGANIZATION


def restriction(ctx: Context, asked: Iterable[str]) -> str:
    """The id of the organization whose people alone are meant, empty for everybody.

    Raises ``InvalidScope`` for an organization that is not there or is switched off, and for two of them.
    """
    meant = _meant(ctx, asked)
    if not meant:
        return ""
    (first, *others) = meant
    if others or not first or not ctx.load(ORGANIZATION, first).active:
        raise InvalidScope("The scope names no organization whose people could sign in")
    return first


def meant(ctx: Context, granted: Iterable[str]) -> str:
    """The id of the organization whose people granted scopes are for, empty for everybody and where none could be."""
    found = _meant(ctx, granted)
    return found[0] if len(found) == 1 else ""


def is_meant(ctx: Context, granted: Iterable[str], organization_id: str) -> bool:
    """Whether people of this organization are among those that the scopes are for."""
    return set(_meant(ctx, granted)) <= {organization_id}


def _meant(ctx: Context, asked: Iterable[str]) -> tuple[str, ...]:
    """The ids of the organizations that scopes name, each once; an empty one for what names none."""
    return tuple(dict.fromkeys(_named(ctx, one) for one in asked if scopes.restricts(one)))


def _named(ctx: Context, scope: str) -> str:
    if scopes.ORGANIZATION_BY_ID.fullmatch(scope):
        return scope.removeprefix(scopes.ORGANIZATION_ID_PREFIX)
    domain = scope.removeprefix(scopes.ORGANIZATION_DOMAIN_PREFIX).lower()
    holder = ctx.owner(domain_key(domain)) if scopes.ORGANIZATION_BY_DOMAIN.fullmatch(scope) else None
    return holder.id if holder and ctx.load(DOMAINS, holder.id).primary == domain else ""
