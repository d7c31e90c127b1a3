"""Fixtures for every folder of tests, and the order of the folders."""

import gc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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

settings.register_profile("unhurried", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")  # how long an example takes is a matter of what else the machine does

HERE = Path(__file__).parent
LONG = ("surfaces", "e2e", "browser")
"""Folders whose files take long: begun first, so that no worker is left with one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    items.sort(key=lambda item: HERE not in item.path.parents or item.path.relative_to(HERE).parts[0] not in LONG)


def pytest_collection_finish() -> None:
    """Leave what was collected out of what Python's collector of cycles looks through now and then, within some test.

    It lives as long as the tests do, and with thousands of them a look takes a second or two in which nothing else goes
    on in the process: neither leases are renewed nor deadlines kept.
    """
    gc.collect()
    gc.freeze()
