"""The view of applications' keys."""

import json
from collections.abc import Iterable

from hexkeep.core.application.events import ApplicationRemoved
from hexkeep.core.applicationkey.events import ApplicationKeyCreated, ApplicationKeyDeleted
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    DeleteWhere,
    Projection,
    Put,
    Row,
    RowOperation,
    Table,
    Visibility,
)

APPLICATION_KEYS = Table(
    "application_keys",
    columns=(
        Column("key_id"),
        Column("client_id"),
        Column("organization_id"),
        Column("project_id"),
        Column("algorithm"),
        Column("public_key"),
        Column("expires_at", ColumnType.TIME),
    ),
    key=("key_id",),
    indexes=(("client_id",), ("organization_id",), ("project_id",)),
    of=APPLICATION_KEY.name,
    visibility=Visibility(organization="organization_id", project="project_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    match recorded.event:
        case ApplicationKeyCreated() as event:
            yield Put(APPLICATION_KEYS, _row(recorded.aggregate_id, event))
        case ApplicationKeyDeleted():
            yield Delete(APPLICATION_KEYS, (recorded.aggregate_id,))
        case ApplicationRemoved():
            yield DeleteWhere(APPLICATION_KEYS, {"client_id": recorded.aggregate_id})


def _row(key_id: str, event: ApplicationKeyCreated) -> Row:
    return {
        "key_id": key_id,
        "client_id": event.client_id,
        "organization_id": event.organization_id,
        "project_id": event.project_id,
        "algorithm": str(event.public.get("alg", "")),
        "public_key": json.dumps({**event.public, "kid": key_id}, sort_keys=True),
        "expires_at": event.expires_at,
    }


PROJECTION = Projection(
    "application_keys",
    1,
    Log.DURABLE,
    (APPLICATION_KEYS,),
    (*APPLICATION_KEY.events, ApplicationRemoved),
    project,
)
