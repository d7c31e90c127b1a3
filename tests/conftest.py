"""Fixtures for every folder of tests."""

from tests.postgres_server import (
    postgres_database,
    postgres_server,
    postgres_servers,
    postgres_settings,
    postgres_url,
)
from tests.unit.bootstrap.surroundings import logging_restored

__all__ = [
    "logging_restored",
    "postgres_database",
    "postgres_server",
    "postgres_servers",
    "postgres_settings",
    "postgres_url",
]
