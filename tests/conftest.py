"""Fixtures for every folder of tests, the order of the folders, and what is done once all are loaded."""

import gc
import inspect
from collections.abc import Generator
from pathlib import Path

import httpx
import httpx2
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

for library in (httpx, httpx2):
    default = inspect.signature(library.Client).parameters["timeout"].default  # one object for all that has a default
    default.connect = default.read = default.write = default.pool = 30.0  # so is how long an answer takes, and not five

HERE = Path(__file__).parent
LONG = ("surfaces", "e2e", "browser")
"""Folders whose files take long: begun first, so that no worker is left with one in the end."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what is loaded and collected out of what Python's collector of cycles looks through.

    It lives as long as the tests do. Looking through it meanwhile is a third of loading; and later, within some test,
    with thousands of them a look takes a second or two in which nothing else goes on in the process: neither leases are
    renewed nor deadlines kept.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first."""
    items.sort(key=lambda item: HERE not in item.path.parents or item.path.relative_to(HERE).parts[0] not in LONG)
