"""Fixtures for every folder of tests."""

from tests.postgres_server import (
    postgres_database,
    postgres_server,
    postgres_servers,
    postgres_settings,
    postgres_url,
)

__all__ = ["postgres_database", "postgres_server", "postgres_servers", "postgres_settings", "postgres_url"]
