"""The view of initial access tokens."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Patch,
    Projection,
    Put,
    RowOperation,
    Table,
    Visibility,
)
from hexkeep.core.registration.events import (
    InitialAccessTokenCreated,
    InitialAccessTokenDeleted,
    InitialAccessTokenUsed,
)
from hexkeep.core.registration.state import INITIAL_ACCESS_TOKEN

INITIAL_ACCESS_TOKENS = Table(
    "initial_access_tokens",
    columns=(
        Column("token_id"),
        Column("organization_id"),
        Column("project_id"),
        Column("name"),
        Column("uses_left", ColumnType.INTEGER),
        Column("expires_at", ColumnType.TIME),
    ),
    key=("token_id",),
    indexes=(("project_id",), ("organization_id",)),
    of=INITIAL_ACCESS_TOKEN.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Not even the hash of a token gets here."""
    key = (recorded.aggregate_id,)
    match recorded.event:
        case InitialAccessTokenCreated() as event:
            shown = {**event.model_dump(exclude={"token_hash", "uses"}), "uses_left": event.uses}
            yield Put(INITIAL_ACCESS_TOKENS, {"token_id": recorded.aggregate_id, **shown})
        case InitialAccessTokenUsed(uses_left=left):
            yield Patch(INITIAL_ACCESS_TOKENS, key, {"uses_left": left})
        case InitialAccessTokenDeleted():
            yield Delete(INITIAL_ACCESS_TOKENS, key)


PROJECTION = Projection(
    "initial_access_tokens", 1, Log.DURABLE, (INITIAL_ACCESS_TOKENS,), INITIAL_ACCESS_TOKEN.events, project
)
"""What can be read of initial access tokens: everything but the tokens."""
