"""A real CockroachDB for tests, where there is one.

``HEXKEEP_TEST_COCKROACH_URL`` names a cluster to use (as a role that may create databases and roles); else a
``cockroach`` on the PATH is started: one node, insecure, in memory, on free ports of 127.0.0.1. Only what was started
is stopped. Where there is neither, the tests are skipped, and the reason says which SQL was therefore not executed.
"""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.sql import SQL, Identifier

from hexkeep.adapters.cockroach import CockroachSettings
from tests.cockroach_pieces import not_executed

URL = "HEXKEEP_TEST_COCKROACH_URL"
START_SECONDS = 60


@contextmanager
def started(binary: str) -> Iterator[str]:
    """The URL of a node of our own, which ends with the block."""
    folder = Path(tempfile.mkdtemp(prefix="hexkeep-cockroach-"))
    told = folder / "url"
    command = [binary, "start-single-node", "--insecure", "--store=type=mem,size=1GiB", "--cache=128MiB"]
    places = ["--listen-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0", f"--listening-url-file={told}"]
    with (folder / "log").open("wb") as log:
        node = subprocess.Popen([*command, *places], stdout=log, stderr=log, cwd=folder)
    try:
        yield _url_of(node, told)
    finally:
        node.terminate()
        try:
            node.wait(30)
        except subprocess.TimeoutExpired:
            node.kill()
            node.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _url_of(node: "subprocess.Popen[bytes]", told: Path) -> str:
    """What the node has written into its file, once it listens."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and node.poll() is None:
        if told.exists() and (url := told.read_text(encoding="utf-8").strip()):
            return url
        time.sleep(0.05)
    pytest.fail(f"cockroach did not start (exit code {node.poll()})")


@contextmanager
def fresh_database(admin_url: str) -> Iterator[CockroachSettings]:
    """Settings for a database and an application's role, which the migration makes; both are dropped in the end."""
    mark = uuid.uuid4().hex[:12]
    name, role = f"hexkeep_{mark}", f"application_{mark}"
    secure = conninfo_to_dict(admin_url).get("sslmode") != "disable"
    password = {"password": uuid.uuid4().hex} if secure else {}
    url = make_conninfo(admin_url, dbname=name, user=role, **password)
    try:
        yield CockroachSettings.model_validate({"url": url, "owner_url": make_conninfo(admin_url, dbname=name)})
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(SQL("DROP DATABASE IF EXISTS {} CASCADE").format(Identifier(name)))
            admin.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))


@pytest.fixture(scope="session")
def cockroach_url() -> Iterator[str]:
    """A cluster, as a role that may create databases and roles."""
    if os.environ.get(URL):
        yield os.environ[URL]
        return
    binary = shutil.which("cockroach")
    if binary is None:
        pytest.skip(f"no CockroachDB: {URL} is not set and no `cockroach` is on the PATH; {not_executed()}")
    with started(binary) as url:
        yield url


@pytest.fixture(scope="module")
def cockroach_settings(cockroach_url: str) -> Iterator[CockroachSettings]:
    """Settings for the module's database, with both roles."""
    with fresh_database(cockroach_url) as settings:
        yield settings
