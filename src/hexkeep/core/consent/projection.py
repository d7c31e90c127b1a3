"""The view of consents: one row for each that holds and whose person was not erased."""

from collections.abc import Iterator

from hexkeep.core.consent.events import ConsentForgotten, ConsentGranted, ConsentRevoked
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
from hexkeep.core.user.events import SubjectErased

CONSENTS = Table(
    name="consents",
    columns=(
        Column("consent_id"),
        Column("user_id"),
        Column("client_id"),
        Column("scopes", ColumnType.TEXTS),
        Column("granted_at", ColumnType.TIME),
    ),
    key=("consent_id",),
    indexes=(("user_id", "client_id"),),
    of="consent",
    visibility=Visibility(user="user_id"),
)


def _project(recorded: Recorded[Event]) -> Iterator[RowOperation]:
    match recorded.event:
        case ConsentGranted() as granted:
            yield Put(
                CONSENTS,
                {
                    "consent_id": recorded.aggregate_id,
                    "user_id": granted.user_id,
                    "client_id": granted.client_id,
                    "scopes": granted.scopes,
                    "granted_at": granted.granted_at,
                },
            )
        case ConsentForgotten() | ConsentRevoked():
            yield Delete(CONSENTS, (recorded.aggregate_id,))
        case SubjectErased():
            yield DeleteWhere(CONSENTS, {"user_id": recorded.aggregate_id})
        case _:
            return


PROJECTION = Projection(
    name="consents",
    version=1,
    log=Log.DURABLE,
    tables=(CONSENTS,),
    events=(ConsentGranted, ConsentForgotten, ConsentRevoked, SubjectErased),
    project=_project,
)
