"""How operations come by the group they act on, and who may change who is in it."""

from hexkeep.core.authorization.projection import AUTHORIZATIONS
from hexkeep.core.group.state import GROUP, Group
from hexkeep.core.kernel.access import reach
from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.view import Select, eq

CONSIDERED = 1000
"""How many authorizations of a group are looked at; members of one with more are the instance's business."""
GRANTS = "authorization.write"


def reached(group_id: str, ctx: Context) -> Group:
    """A group on which the caller holds the operation's permission."""
    group = ctx.load(GROUP, group_id, guarded=True)
    reach(ctx, "group.read", exists=group.exists, organization=group.organization_id)
    return group


def insist_on_cover(group_id: str, ctx: Context) -> None:
    """Raise ``PermissionDenied`` unless the caller may give and take all that the group is authorized for.

    To let somebody into a group is to give the group's roles.
    """
    if ctx.caller.may(GRANTS):
        return
    given = Select(AUTHORIZATIONS, eq("group_id", group_id), limit=CONSIDERED)
    rows = ctx.ask(RowsOf(given, unscoped=True, current=True))
    covered = all(
        ctx.caller.may(
            GRANTS,
            organization=str(row["organization_id"]),
            project=str(row["project_id"]),
            project_grant=str(row["project_grant_id"]),
        )
        for row in rows
    )
    if not covered or len(rows) == CONSIDERED:
        raise PermissionDenied("The group has roles that the caller may not give")
