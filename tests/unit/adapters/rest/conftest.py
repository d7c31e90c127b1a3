"""The REST application over the real engine, in memory, with a tiny slice."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
from litestar.types import ASGIApp

from hexkeep.adapters.argon2.hashing import Argon2Hashing
from hexkeep.adapters.cryptography.certificates import X509Certificates
from hexkeep.adapters.cryptography.cipher import AesGcmCipher
from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.memory.settings import MemorySettings
from hexkeep.adapters.memory.storage import MemoryStorage
from hexkeep.adapters.offload.threads import Threads
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.adapters.rest.health import Notes, Ready
from hexkeep.adapters.rest.metrics import Metrics
from hexkeep.adapters.rest.settings import RestSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds
from hexkeep.adapters.webauthn.webauthn import PyWebAuthn
from hexkeep.adapters.xmlsec.port import LxmlXml
from hexkeep.core.kernel.slice import Slice
from hexkeep.engine.assembly import Machinery, Ports
from hexkeep.engine.iam import Iam
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.api import Meta, System
from tests.fakes.tombstones import ListedTombstones
from tests.unit.adapters.rest.notes import SLICE, OpenInstance
from tests.unit.engine.rig import QUICK

HOST = "notes.example"

Client = Callable[..., httpx.AsyncClient]


@asynccontextmanager
async def engine(*slices: Slice) -> AsyncIterator[Iam]:
    """A running engine in memory."""
    clock = SystemClock()
    storage = MemoryStorage(MemorySettings(), clock)
    await storage.open()
    offload = Threads()
    ports = Ports(
        events=storage.events,
        views=storage.views,
        pubsub=storage.pubsub,
        locks=storage.locks,
        expiring=storage.expiring,
        keys=storage.keys,
        seals=storage.seals,
        snapshots=storage.snapshots,
        blobs=storage.blobs,
        tombstones=ListedTombstones(),
        cipher=AesGcmCipher(),
        hashing=Argon2Hashing(QUICK),
        images=PillowImages(PillowSettings()),
        jose=JoserfcJose(),
        webauthn=PyWebAuthn(),
        certificates=X509Certificates(),
        offload=offload,
        xml=LxmlXml(offload),
        clock=clock,
        ids=SystemIds(),
    )
    iam = Iam(Machinery(ports, MasterKey(bytes(32)), slices))
    await iam.start()
    yield iam
    await iam.stop()
    await storage.close()


@asynccontextmanager
async def running() -> AsyncIterator[Iam]:
    """An engine with the tiny slice and one instance that answers at ``HOST``."""
    async with engine(SLICE) as iam:
        await iam.call(iam.operation("OpenInstance"), OpenInstance(host=HOST), System(), Meta(instance="system"))
        yield iam


@pytest.fixture
async def iam() -> AsyncIterator[Iam]:
    """The engine for one test."""
    async with running() as iam:
        yield iam


@pytest.fixture
def connect(iam: Iam) -> Client:
    """Makes clients of an application with settings of the test's choice."""

    def connected(
        settings: RestSettings | None = None,
        ready: Ready | None = None,
        notes: Notes | None = None,
        metrics: Metrics | None = None,
    ) -> httpx.AsyncClient:
        return client_of(create_rest_app(iam, settings, ready=ready, notes=notes, metrics=metrics))

    return connected


def client_of(app: ASGIApp) -> httpx.AsyncClient:
    """A client that calls ``app`` in this process, from 127.0.0.1."""
    transport = httpx.ASGITransport(app=cast("Any", app))  # Litestar and httpx name the parts of ASGI differently
    return httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}")


@pytest.fixture
async def client(connect: Client) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application with default settings."""
    async with connect() as client:
        yield client
