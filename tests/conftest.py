"""Fixtures for every folder of tests, and the order of the folders."""

from pathlib import Path

import pytest

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

HERE = Path(__file__).parent
LONG = ("surfaces", "e2e", "browser")
"""Folders whose files take long: begun first, so that no worker is left with one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    items.sort(key=lambda item: HERE not in item.path.parents or item.path.relative_to(HERE).parts[0] not in LONG)
