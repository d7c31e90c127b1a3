"""Which changes of policies are refused because of what there is already."""

from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.view import ALWAYS, Select, eq
from hexkeep.core.policy.events import DomainPolicy, Policy
from hexkeep.core.policy.state import DOMAIN, Kind, P
from hexkeep.core.user.projection import USERS


def insist_on_change(ctx: Context, kind: Kind[P], before: Policy, after: Policy, organization_id: str) -> None:
    """Raise for a change that what there is does not allow; only domain policies have such."""
    if kind.name != DOMAIN.name or not isinstance(before, DomainPolicy) or not isinstance(after, DomainPolicy):
        return
    if organization_id and not ctx.caller.may(ctx.request.permission):
        raise PermissionDenied("What user names are is for those who own the instance")
    if before.user_names_unique_in is not after.user_names_unique_in:
        _insist_on_nobody(ctx, organization_id)


def _insist_on_nobody(ctx: Context, organization_id: str) -> None:
    """Where user names are unique cannot change under users: of two with one name neither could keep it."""
    where = eq("organization_id", organization_id) if organization_id else ALWAYS
    if ctx.ask(RowsOf(Select(USERS, where, limit=1), unscoped=True, current=True)):
        raise FailedPrecondition("Where user names are unique can only be changed while there are no users")
