"""Access: the three ways in which a decision finds out that its caller may do what it asks for.

``reach`` is for one resource whose state was loaded; ``visible_row`` and ``visible_page`` are for answers made of
nothing but rows, which the query itself cuts down to what the caller may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from hexkeep.core.kernel.ask import CountOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.paging import PageRequest, next_cursor
from hexkeep.core.kernel.view import Row, Select, Table


def reach(
    ctx: Context,
    read: str,
    *,
    exists: bool,
    organization: str = "",
    project: str = "",
    user: str = "",
    project_grant: str = "",
) -> None:
    """Insist that a resource exists and that the caller holds the operation's permission on it, or is its ``user``.

    Raises ``NotFound`` as well to callers who do not even hold the ``read`` permission on it, so that a stranger cannot
    tell what exists; who may see but not change it gets ``PermissionDenied``.
    """
    if not exists:
        raise NotFound
    try:
        ctx.authorize(organization=organization, project=project, user=user, project_grant=project_grant)
    except PermissionDenied:
        if ctx.caller.may(read, organization=organization, project=project, project_grant=project_grant):
            raise
        raise NotFound from None


def visible_row(ctx: Context, table: Table, row_id: str) -> Row:
    """A row by id, always current; raises ``NotFound`` when absent or not the caller's to see."""
    row = ctx.row(table, row_id)
    ctx.authorized = True
    return row


def visible_page(ctx: Context, select: Select, *, current: bool = False) -> tuple[Row, ...]:
    """A page of those rows that the caller may see, possibly none."""
    rows = ctx.rows(select, current=current)
    ctx.authorized = True
    return rows


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list answers with: some rows, where the next page begins, and how many there are if that was asked."""

    rows: Sequence[Row]
    next_cursor: str
    total: int | None


def listed(ctx: Context, request: PageRequest, select: Select, *, current: bool = False) -> Listed:
    """The page of those rows that the caller may see, counted where the request wants it."""
    rows = visible_page(ctx, select, current=current)
    return Listed(rows, next_cursor(select, rows), ctx.ask(CountOf(select)) if request.count else None)
