"""The view of personal access tokens."""

from collections.abc import Iterable

from hexkeep.core.accesstoken.events import PersonalAccessTokenCreated, PersonalAccessTokenDeleted
from hexkeep.core.accesstoken.state import PERSONAL_ACCESS_TOKEN
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    DeleteWhere,
    Projection,
    Put,
    RowOperation,
    Table,
    Visibility,
)
from hexkeep.core.user.events import UserRemoved

PERSONAL_ACCESS_TOKENS = Table(
    "personal_access_tokens",
    columns=(
        Column("token_id"),
        Column("user_id"),
        Column("organization_id"),
        Column("name"),
        Column("expires_at", ColumnType.TIME),
    ),
    key=("token_id",),
    indexes=(("user_id",), ("organization_id",)),
    of=PERSONAL_ACCESS_TOKEN.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event. Not even the hash of a token gets here."""
    match recorded.event:
        case PersonalAccessTokenCreated() as event:
            shown = event.model_dump(exclude={"token_hash", "password_version"})
            yield Put(PERSONAL_ACCESS_TOKENS, {"token_id": recorded.aggregate_id, **shown})
        case PersonalAccessTokenDeleted():
            yield Delete(PERSONAL_ACCESS_TOKENS, (recorded.aggregate_id,))
        case UserRemoved():
            yield DeleteWhere(PERSONAL_ACCESS_TOKENS, {"user_id": recorded.aggregate_id})


PROJECTION = Projection(
    "personal_access_tokens",
    1,
    Log.DURABLE,
    (PERSONAL_ACCESS_TOKENS,),
    (*PERSONAL_ACCESS_TOKEN.events, UserRemoved),
    project,
)
