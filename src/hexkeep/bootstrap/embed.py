"""Hexkeep inside a program: opened, used through its API, closed."""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.bootstrap.client import Client
from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.first_run import FirstRun, set_up
from hexkeep.bootstrap.loading import load_settings
from hexkeep.bootstrap.master_key import demand_known_master_key, demand_master_key, wrong_master_key
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.errors import Unavailable
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.view import Projection
from hexkeep.engine.archive.mark import Mark
from hexkeep.engine.iam import Iam
from hexkeep.engine.survey import Survey
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.api import Api, Credentials, Meta, PositionToken, System
from hexkeep.ports.storage import ReadOnlyStorage

if TYPE_CHECKING:
    from hexkeep.adapters.rpc.catalog import Catalog

__all__ = ["Embedded", "looking", "open", "running"]


@dataclass(frozen=True)
class Embedded:
    """A running Hexkeep. ``first_run`` tells what was set up just now, if anything was; ``traffic`` what it answers."""

    program: Program
    iam: Iam
    first_run: FirstRun | None = None
    traffic: Traffic = field(default_factory=Traffic)

    @property
    def api(self) -> Api:
        """The port that every surface uses."""
        return self.iam

    @functools.cached_property
    def catalog(self) -> "Catalog":
        """The operations as protobuf services, made when it is first asked for; ``ImportError`` without protobuf."""
        from hexkeep.adapters.rpc.catalog import Catalog

        return Catalog.of(self.api)

    async def client(self, credentials: Credentials | None = None, *, instance: str = "") -> Client:
        """A caller: the system itself unless told otherwise, on the instance of ``server.public_url`` or another.

        It sees whatever has been written until now, by any process, and then what it writes. ``NotFound`` when there is
        no such instance.
        """
        own = instance or (await self.iam.instance(urlsplit(self.program.settings.server.origin).netloc)).id
        heads = [await self.program.storage.events.head(one, log) for one in (own, SYSTEM_INSTANCE) for log in Log]
        tokens = tuple(PositionToken(one.instance, one.log, one.epoch, one.position) for one in heads if one.position)
        return Client(self.iam, credentials or System(), Meta(instance=own, min_positions=tokens))

    async def ready(self) -> Mapping[str, bool]:
        """For each adapter whether it answers now, and whether the projections serve lists well."""
        parts = {port: await _answers(adapter) for port, adapter in self.program.adapters.items()}
        return {**parts, "projections": not await self._told(self.iam.machinery.figures.unready)}

    async def _told(self, by: Callable[[Iterable[Projection], int], Awaitable[list[str]]]) -> list[str]:
        """Which projections do not serve lists well, and why."""
        try:
            return await by(self.program.projections, self.program.settings.spooler.ready_lag)
        except Unavailable as error:
            return [error.title]

    async def notes(self) -> Mapping[str, str]:
        """What an operator ought to see at once, by name, though the node is as ready as any."""
        told: dict[str, str] = {}
        if await self.iam.machinery.watch.is_broken():
            told["verification"] = "broken: see GetVerificationStatus"
        if behind := await self._told(self.iam.machinery.figures.behind):
            told["projections"] = ", ".join(behind)
        return told


async def _answers(adapter: Adapter) -> bool:
    try:
        await adapter.ping()
    except Unavailable:
        return False
    return True


@asynccontextmanager
async def open(settings: Settings | None = None, *, plugins: Iterable[object] = ()) -> AsyncIterator[Embedded]:  # noqa: A001 - read as hexkeep.open
    """Run Hexkeep in this program: ``async with hexkeep.open() as iam``.

    Without ``settings`` they come from file and environment. An empty storage is set up; ``iam.first_run`` then has the
    administrator. Raises ``ConfigurationError`` before anything is opened, ``StorageUnavailable`` when it cannot be.
    """
    chosen = settings or load_settings()
    program = Program(chosen, Plugins.load(chosen.plugins.block, plugins))
    async with running(program) as iam:
        yield Embedded(program, iam, await set_up(iam, program.storage.events, chosen))


@asynccontextmanager
async def running(program: Program, *, migrate: bool | None = None, deliver: bool = True) -> AsyncIterator[Iam]:
    """Open the adapters, start the engine, and in the end stop and close everything in reverse.

    ``deliver``: see ``Iam.start``. Raises ``RestoreUnderWay`` for a storage that is being restored, or was to half;
    later on, too, when a restore has begun because nothing was heard of this process for too long.
    """
    async with opened(program, migrate=migrate):
        unmarked = Mark(program.storage.expiring, program.clock).insist_on_none
        async with program.presence.one(unmarked), started(program, deliver=deliver) as iam:
            yield iam


@asynccontextmanager
async def opened(program: Program, *, migrate: bool | None = None) -> AsyncIterator[None]:
    """Open the adapters, bring the schema up to date where that is wanted, and close everything in the end."""
    demand_master_key(program.settings)
    async with AsyncExitStack() as stack:
        stack.callback(program.hashing.close)
        stack.callback(program.images.close)
        stack.push_async_callback(program.offload.close)
        if program.settings.storage.migrate if migrate is None else migrate:
            await program.storage.migrate()
        for adapter in program.adapters.values():
            stack.push_async_callback(adapter.close)
            await adapter.open()
        yield


@asynccontextmanager
async def started(program: Program, *, deliver: bool = True) -> AsyncIterator[Iam]:
    """Start the engine on adapters that are open; stop it in the end. ``deliver``: see ``Iam.start``."""
    await demand_known_master_key(program.settings, program.storage.keys)
    if not await program.iam.machinery.keyring.fits():
        raise wrong_master_key(program.settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(program.iam.stop)
        await program.iam.start(deliver=deliver)
        yield program.iam


@asynccontextmanager
async def looking(program: Program) -> AsyncIterator[Survey]:
    """Open the adapters to look at the projections, beside whoever runs them. Starts, changes and decrypts nothing."""
    async with AsyncExitStack() as stack:
        for adapter in program.adapters.values():
            stack.push_async_callback(adapter.close)
            await (adapter.open_for_reading() if isinstance(adapter, ReadOnlyStorage) else adapter.open())
        yield program.survey
