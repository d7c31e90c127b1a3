"""The RPC application over the real engine, in memory, with the tiny slice of notes."""

import base64
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from google.protobuf.message import Message as Wire

from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.types import ASGIApp, Receive, Scope, Send
from hexkeep.adapters.rpc.app import create_rpc_app
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.adapters.rpc.settings import Bounds
from hexkeep.adapters.rpc.status import POOL, TYPE_URL, message_class
from hexkeep.engine.iam import Iam
from tests.unit.adapters.rest.conftest import client_of, running

MANAGEMENT, AUTH = "/hexkeep.management.v1.NoteService", "/hexkeep.auth.v1.NoteService"

Connect = Callable[..., httpx.AsyncClient]


async def lost(scope: Scope, receive: Receive, send: Send) -> None:
    """What has no service."""
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def app_of(iam: Iam, bounds: Bounds | None = None) -> ASGIApp:
    """The services of an engine behind the front, as a server has them."""
    return Front(Dispatcher(create_rpc_app(iam, Catalog.of(iam), bounds), lost))


@pytest.fixture
async def iam() -> AsyncIterator[Iam]:
    """The engine for one test."""
    async with running() as iam:
        yield iam


@pytest.fixture
def connect(iam: Iam) -> Connect:
    """Makes clients of an application with bounds of the test's choice."""
    return lambda bounds=None: client_of(app_of(iam, bounds))


@pytest.fixture
async def client(connect: Connect) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with default bounds."""
    async with connect() as client:
        yield client


def details(answer: httpx.Response) -> dict[str, Wire]:
    """The details of a Connect error by the short name of their type."""
    found = {}
    for one in answer.json()["details"]:
        name = one["type"].removeprefix(TYPE_URL)
        assert POOL.FindMessageTypeByName(name) is not None
        short = name.rpartition(".")[2]
        found[short] = message_class(short).FromString(base64.b64decode(one["value"] + "=="))
    return found
