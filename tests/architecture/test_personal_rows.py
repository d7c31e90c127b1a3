"""Views hold personal data in clear: every table that names a user drops the user's rows when the user is erased."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import Delete, DeleteWhere, Projection, Table
from hexkeep.core.session.events import SubjectActivityErased
from hexkeep.core.slices import SLICES
from hexkeep.core.user.events import SubjectErased
from hexkeep.core.user.state import USER

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ERASED: dict[Log, Event] = {Log.DURABLE: SubjectErased(), Log.ACTIVITY: SubjectActivityErased(user_id="ada")}
TAKEN_AWAY = {owned.table.name for one in SLICES for owned in one.owned}
"""Tables whose rows go by an operation that the engine calls for each of them."""


def tables() -> Iterator[tuple[Projection, Table]]:
    """Every table whose rows belong to a user, with what fills it."""
    for one in SLICES:
        for projection in one.projections:
            for table in projection.tables:
                if table.visibility.user:
                    yield projection, table


@pytest.mark.parametrize(("projection", "table"), [*tables()], ids=lambda value: value.name)
def test_the_rows_of_an_erased_user_go(projection: Projection, table: Table) -> None:
    """By the event of the erasure in the table's own log, unless the engine takes each of them away."""
    event = ERASED[projection.log]
    recorded = Recorded(event, "main", projection.log, 1, USER.name, "ada", 1, NOW, "", "")
    removed = [
        operation
        for operation in projection.operations(recorded)
        if operation.table is table and isinstance(operation, Delete | DeleteWhere)
    ]
    by_key = [one for one in removed if isinstance(one, Delete) and one.key == ("ada",)]
    by_user = [one for one in removed if isinstance(one, DeleteWhere) and one.match == {table.visibility.user: "ada"}]
    assert by_key or by_user or (table.name in TAKEN_AWAY and projection.log is Log.DURABLE)


def test_tables_that_name_a_user_say_so() -> None:
    """The column is declared as the user's, so that the rule above, and the engine, know of it."""
    silent = [
        table.name
        for one in SLICES
        for projection in one.projections
        for table in projection.tables
        if any(column.name == "user_id" for column in table.columns) and not table.visibility.user
    ]
    assert silent == []
