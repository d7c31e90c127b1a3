"""Portions: work on every row of a view, done in bounded units that each move a cursor.

A process whose step works on a portion keeps the cursor in its aggregate's state: the decision takes the next portion,
changes what its rows stand for and appends the event with the new cursor to the process's aggregate, all in one unit.
So every row is worked on once, however often the process is interrupted, and none waits for all::

    def close_accounts(request: CloseAccounts, ctx: Context) -> Decision[Empty]:
        closing = ctx.load(CLOSING, request.closing_id)
        portion = next_portion(ctx, ACCOUNTS, eq("branch_id", request.closing_id), closing.cursor)
        closed = [ACCOUNT.append(str(row["account_id"]), AccountClosed()) for row in portion.rows]
        moved = AccountsClosed(cursor=portion.cursor, count=len(portion.rows))
        return Decision(Empty(), *closed, CLOSING.append(request.closing_id, moved))

Rows come in the order of their key. One that is added later with a smaller key than the cursor is not met: whoever adds
rows has to know by then that the work has begun, and do to a new one what is done to all.
"""

from dataclasses import dataclass

from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.paging import PageRequest, next_cursor, page_of
from hexkeep.core.kernel.view import Condition, Row, Table

SIZE = 100
"""Rows of a portion: a unit of some hundred events is written in some milliseconds."""


@dataclass(frozen=True, slots=True)
class Portion:
    """Some rows, and where the next portion begins; an empty ``cursor`` says that there is none."""

    rows: tuple[Row, ...]
    cursor: str

    @property
    def last(self) -> bool:
        """Whether nothing is left behind it."""
        return not self.cursor


def next_portion(ctx: Context, table: Table, where: Condition, cursor: str, size: int = SIZE) -> Portion:
    """The rows behind ``cursor`` (empty: from the first), as they are now, whoever the caller is."""
    select = page_of(table, PageRequest(limit=size, cursor=cursor), where)
    rows = ctx.ask(RowsOf(select, unscoped=True, current=True))
    return Portion(rows, next_cursor(select, rows))
