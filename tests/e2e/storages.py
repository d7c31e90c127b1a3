"""The databases that an installation can run on: settings for the server, and the log as it lies, past the adapter."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.postgres_server import PostgresDatabase

Place = tuple[str, str]
"""Instance and log."""
SQLITE_LOG = (
    "SELECT logs.instance_id, logs.log, events.position, events.aggregate_type, events.aggregate_id, events.version,"
    " events.event_type, events.digest FROM events JOIN logs ON logs.id = events.log_id ORDER BY 1, 2, 3"
)
POSTGRES_LOG = (
    "SELECT instance_id, log, position, aggregate_type, aggregate_id, version, event_type, digest"
    " FROM hexkeep.events ORDER BY 1, 2, 3"
)
KEYS = "SELECT instance_id, kind, hash, {owner} FROM {schema}unique_keys"


class RawEvent(NamedTuple):
    """An event's row, without its payload."""

    instance: str
    log: str
    position: int
    aggregate_type: str
    aggregate_id: str
    version: int
    type: str
    digest: bytes


class RawKey(NamedTuple):
    """A unique key's row."""

    instance: str
    kind: str
    hash: bytes
    owner_id: str


class RawStorage:
    """A database and how a server is told of it. Read it while no server runs."""

    name: str
    settings: Mapping[str, str]
    owner_settings: Mapping[str, str]
    """What only the owner of the schema has; empty where there is one role."""

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of one statement."""
        raise NotImplementedError
