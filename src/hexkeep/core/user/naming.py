"""Names that users sign in with: where they are unique, what they look like, and whose one is.

Other slices import the module, not its names: who signs in is found by the same rules everywhere.
"""

import re
from dataclasses import dataclass

from hexkeep.core.domain.state import domain_key
from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.policy.events import UserNameScope
from hexkeep.core.policy.state import DOMAIN, effective
from hexkeep.core.user.state import User, user_name_key

ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Named:
    """What a login name leads to: ``owner`` is a user or nobody; ``login`` is what attempts are counted by."""

    login: str
    owner: Ref | None


def scope_of_names(ctx: Context, organization_id: str) -> str:
    """Within what the names of an organization's new users are unique: the organization itself, or the instance."""
    policy = effective(ctx, DOMAIN, organization_id)
    return organization_id if policy.user_names_unique_in is UserNameScope.ORGANIZATION else ""


def insist_on_form(ctx: Context, organization_id: str, user_name: str) -> None:
    """Raise ``InvalidInput`` for a name that is not what the domain policy asks for."""
    if effective(ctx, DOMAIN, organization_id).user_names_are_addresses and not ADDRESS.fullmatch(user_name):
        raise InvalidInput("", Violation("user_name", "must end in a domain, like an e-mail address"))


def named(ctx: Context, login_name: str, organization_id: str = "") -> Named:
    """Whose login name this is.

    Where somebody of one organization is meant, first whoever has it as a name there. Then whoever has the name in the
    organization that holds the domain behind the last ``@``: nobody takes such a name away by choosing it as a user
    name elsewhere. Then who has all of it as a user name. The same is asked whoever exists.
    """
    own = ctx.owner(user_name_key(login_name, organization_id)) if organization_id else None
    whole = user_name_key(login_name)
    within = _within_organization(ctx, login_name)
    owner = ctx.owner(whole)
    if own is not None:
        return Named(_login(login_name, organization_id), own)
    if within is not None and (within.owner is not None or owner is None):
        return within
    return Named(whole.normalised(), owner)


def _within_organization(ctx: Context, login_name: str) -> Named | None:
    name, at, domain = login_name.rpartition("@")
    holder = ctx.owner(domain_key(domain.strip())) if at and name else None
    if holder is None:
        return None
    key = user_name_key(name, holder.id)
    return Named(_login(name, holder.id), ctx.owner(key))


def login_of(user: User) -> str:
    """What attempts to sign in as a user are counted by."""
    return _login(user.user_name, user.name_scope)


def _login(user_name: str, scope: str) -> str:
    name = user_name_key(user_name).normalised()
    return f"{name} {scope}" if scope else name
