"""Access: the three ways in which a decision finds out that its caller may do what it asks for.

``reach`` is for one resource whose state was loaded; ``visible_row`` and ``visible_page`` are for answers made of
nothing but rows, which the query itself cuts down to what the caller may see.
"""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.view import Row, Select, Table


def reach(ctx: Context, read: str, *, exists: bool, organization: str = "", project: str = "", user: str = "") -> None:
    """Insist that a resource exists and that the caller holds the operation's permission on it, or is its ``user``.

    Raises ``NotFound`` as well to callers who do not even hold the ``read`` permission on it, so that a stranger cannot
    tell what exists; who may see but not change it gets ``PermissionDenied``.
    """
    if not exists:
        raise NotFound
    try:
        ctx.authorize(organization=organization, project=project, user=user)
    except PermissionDenied:
        if ctx.caller.may(read, organization=organization, project=project):
            raise
        raise NotFound from None


def visible_row(ctx: Context, table: Table, row_id: str) -> Row:
    """A row by id, always current; raises ``NotFound`` when absent or not the caller's to see."""
    row = ctx.row(table, row_id)
    ctx.authorized = True
    return row


def visible_page(ctx: Context, select: Select) -> tuple[Row, ...]:
    """A page of those rows that the caller may see, possibly none."""
    rows = ctx.rows(select)
    ctx.authorized = True
    return rows
