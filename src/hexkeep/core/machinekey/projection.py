"""The view of machine users' keys."""

import json
from collections.abc import Iterable

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
from hexkeep.core.machinekey.events import MachineKeyCreated, MachineKeyDeleted
from hexkeep.core.machinekey.state import MACHINE_KEY
from hexkeep.core.user.events import UserRemoved

MACHINE_KEYS = Table(
    "machine_keys",
    columns=(
        Column("key_id"),
        Column("user_id"),
        Column("organization_id"),
        Column("algorithm"),
        Column("public_key"),
        Column("expires_at", ColumnType.TIME),
    ),
    key=("key_id",),
    indexes=(("user_id",), ("organization_id",)),
    of=MACHINE_KEY.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    match recorded.event:
        case MachineKeyCreated() as event:
            yield Put(MACHINE_KEYS, _row(recorded.aggregate_id, event))
        case MachineKeyDeleted():
            yield Delete(MACHINE_KEYS, (recorded.aggregate_id,))
        case UserRemoved():
            yield DeleteWhere(MACHINE_KEYS, {"user_id": recorded.aggregate_id})


def _row(key_id: str, event: MachineKeyCreated) -> Row:
    return {
        "key_id": key_id,
        "user_id": event.user_id,
        "organization_id": event.organization_id,
        "algorithm": str(event.public.get("alg", "")),
        "public_key": json.dumps({**event.public, "kid": key_id}, sort_keys=True),
        "expires_at": event.expires_at,
    }


PROJECTION = Projection("machine_keys", 1, Log.DURABLE, (MACHINE_KEYS,), (*MACHINE_KEY.events, UserRemoved), project)
