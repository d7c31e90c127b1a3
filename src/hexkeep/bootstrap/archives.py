"""Archives of a program's storage: written beside whoever serves, loaded while nobody does."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.metadata import version
from itertools import chain
from typing import IO

from pydantic import ValidationError

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking, opened, running, started
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.master_key import is_given
from hexkeep.core.instance.adoption import AdoptInstance
from hexkeep.core.instance.state import INSTANCE, SYSTEM_INSTANCE, InstanceStatus, host_key
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, NotFound
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.operation import Empty, Operation
from hexkeep.core.kernel.origin import host_of
from hexkeep.engine.archive import lines
from hexkeep.engine.archive.loading import Loaded, Loading, following
from hexkeep.engine.archive.mark import Mark
from hexkeep.engine.archive.point import EVERYTHING, Point
from hexkeep.engine.archive.records import Adoption, Events, Header, Record
from hexkeep.engine.archive.wrapping import Wrapping
from hexkeep.engine.archive.writing import Writing
from hexkeep.engine.iam import Iam
from hexkeep.engine.masters import MasterKey
from hexkeep.ports.api import Meta, System
from hexkeep.ports.storage import Loader
from hexkeep.ports.storage import Loading as LoadingStorage
from hexkeep.ports.tombstones import Tombstone

LEVEL = 3
"""Of gzip: nearly as small as the best, several times faster."""
LOOK = 0.05
"""Seconds between two looks at how far the views have come."""
INSIDE = Meta(instance=SYSTEM_INSTANCE, timeout=60.0, surface="archive")

Progress = Callable[[str, int, int], None]
"""Hears what is done at the moment, how much of it is done, and of how much. Called often; has to be quick."""


@dataclass(frozen=True, slots=True)
class Written:
    """What an archive holds."""

    instances: tuple[str, ...]
    events: int
    bytes: int
    """Uncompressed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was loaded, and from when the archive was."""

    instances: tuple[str, ...]
    events: int
    archived_at: datetime
    erased: int = 0
    """How many people were erased since, and so are erased again."""
    position: int | None = None
    """Where the durable log of one instance ends now, if a position was asked for: that of a whole unit."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of an archive is loaded, and how.

    ``instance`` alone is replaced, everything else of the storage stays; ``replace_present`` allows to replace what is
    there. ``masters`` are master keys that the archive's keys may be wrapped by, beside the storage's own.
    """

    point: Point = field(default_factory=Point)
    instance: str = ""
    replace_present: bool = False
    masters: tuple[MasterKey, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    """Erasures to do again, beside those of the storage's own list."""


async def write(program: Program, sink: IO[bytes], progress: Progress, instance: str = "") -> Written:
    """Archive the whole store, or one instance for another store. Raises ``NotFound`` when there is nothing."""
    _insist_on_master_key(program)
    async with looking(program):
        machinery = program.iam.machinery
        writing = Writing(
            machinery.ports, machinery.clock, machinery.ids, version("hexkeep"), machinery.registry.outboxes
        )
        cut = await writing.cut(instance)
        if not instance:
            return await _written(writing.store(cut), sink, progress, cut.instances, cut.events)
        if instance == SYSTEM_INSTANCE:
            raise InvalidInput("The instance system is part of its store: take a backup")
        _, state = await machinery.states.load(SYSTEM_INSTANCE, INSTANCE, instance)
        if not state.ready:
            raise NotFound("There is no such instance")
        return await _written(writing.instance(cut, instance, state), sink, progress, cut.instances, cut.events)


async def _written(
    records: AsyncIterator[Record], sink: IO[bytes], progress: Progress, instances: tuple[str, ...], total: int
) -> Written:
    done, size, made = 0, 0, lines.Lines()
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
        async for record in records:
            size += packed.write(made.line(record))
            if isinstance(record, Events):
                done += len(record.events)
                progress("Writing events", done, total)
        size += packed.write(made.end())
    return Written(instances, done, size)


async def restore(program: Program, source: IO[bytes], progress: Progress, wanted: Wanted) -> Restored:
    """Load an archive of a whole store, or one instance back into its store, and fill the views.

    Broken off, nothing serves the storage before the same has been done again to the end. Raises ``FailedPrecondition``
    while nodes serve it, ``AlreadyExists`` when something would be replaced that was not to be, ``PositionNotInLog``.
    """
    _insist_on_master_key(program)
    if wanted.replace_present and source.seekable():
        _insist_on_undamaged(source)
    async with opened(program, migrate=True), _quiet(program) as alone, _loader(program) as loader:
        await _insist_on_known(program.iam, wanted.instance)
        mark = Mark(program.storage.expiring, program.clock, alone)
        await program.iam.machinery.post.ledger.start()
        loading = _loading(program, loader, wanted, mark)
        with unpacked(source) as records:
            loaded = await loading.run(
                records,
                wanted.point,
                wanted.instance,
                replace_present=wanted.replace_present,
                progress=partial(progress, "Loading events"),
            )
        erased = await _take_up(program, loaded, wanted)
        async with started(program, deliver=False):  # who restores may only want to look
            await _settle(program, progress)
        await mark.remove()
    return _restored(loaded, erased, wanted.point)


async def adopt(program: Program, source: IO[bytes], progress: Progress, wanted: Wanted, origin: str = "") -> Restored:
    """Import an instance that was exported from another store, under its own hosts or under another ``origin``.

    Other instances are served meanwhile. Raises ``AlreadyExists`` when the instance, or one of its hosts, is here.
    """
    async with running(program, migrate=True, deliver=False) as iam, _loader(program) as loader:
        with unpacked(source) as records:
            header, adoption = await following(records), await following(records)
            if not isinstance(header, Header) or not isinstance(adoption, Adoption):
                raise InvalidInput("The archive holds a whole store: restore it, or export the instance from there")
            if header.instances != (adoption.instance,) or adoption.instance == SYSTEM_INSTANCE:
                raise lines.ArchiveDamaged("The archive holds other instances than the one that it says is in it")
            request = _adoption(adoption, origin)
            await _insist_on_room(iam, request)
            loaded = await _loading(program, loader, wanted).run(
                chain((header, adoption), records),
                wanted.point,
                adopting=True,
                replace_present=True,
                progress=partial(progress, "Loading events"),
            )
        erased = await _take_up(program, loaded, wanted)
        operation: Operation[AdoptInstance, Empty] = iam.operation("AdoptInstance")
        await iam.call(operation, request, System(), INSIDE)
        await _settle(program, progress)
    return _restored(loaded, erased)


@contextmanager
def unpacked(source: IO[bytes]) -> Iterator[Iterator[Record]]:
    """The records of a packed archive; raises ``ArchiveDamaged`` for one that cannot be unpacked."""
    with gzip.GzipFile(fileobj=source, mode="rb") as packed:
        yield _read(packed)


def _read(packed: gzip.GzipFile) -> Iterator[Record]:
    try:
        yield from lines.read(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise lines.ArchiveDamaged("The archive cannot be unpacked") from error


def _insist_on_undamaged(source: IO[bytes]) -> None:
    """Read it to its end before something else is removed for it; raises ``ArchiveDamaged``."""
    with unpacked(source) as records:
        for _ in records:
            pass
    source.seek(0)


def _loader(program: Program) -> AbstractAsyncContextManager[Loader]:
    storage = program.storage
    if not isinstance(storage, LoadingStorage):
        raise FailedPrecondition("This storage cannot be restored to")
    return storage.loader()


def _loading(program: Program, loader: Loader, wanted: Wanted, mark: Mark | None = None) -> Loading:
    machinery, ports = program.iam.machinery, program.iam.machinery.ports
    wrapping = Wrapping(machinery.masters.and_local(ports.cipher, wanted.masters), machinery.keyring.wrapping)
    return Loading(loader, ports.events, ports.keys, wrapping, mark, machinery.post.hold, blobs=ports.blobs)


def _insist_on_master_key(program: Program) -> None:
    """A key that is made now would not open what is loaded."""
    if not is_given(program.settings):
        problem = Problem("put the master key of the archived store in its place first", "secrets.master_key_file")
        raise ConfigurationError(problem)


@asynccontextmanager
async def _quiet(program: Program) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Nobody serves here, nor begins to. Raises ``FailedPrecondition`` while a node leads anything, or is there."""
    if any(one.leader for one in await program.survey.status()):  # nodes of the version before lead, and hold no place
        raise FailedPrecondition("Nodes serve this storage: stop them first, and wait until their leases have run out")
    async with program.presence.all() as alone:
        yield alone


async def _insist_on_known(iam: Iam, instance: str) -> None:
    """Raises ``NotFound`` for one instance that the storage knows nothing of: nobody would ever read what is loaded."""
    if instance in {"", SYSTEM_INSTANCE}:
        return
    _, state = await iam.machinery.states.load(SYSTEM_INSTANCE, INSTANCE, instance)
    if state.status is InstanceStatus.UNSPECIFIED:
        raise NotFound(f"The instance {instance} is not one of this storage's: restore the whole store elsewhere first")


async def _insist_on_room(iam: Iam, request: AdoptInstance) -> None:
    """The instance, should it be here, was never adopted; and its hosts are free."""
    machinery = iam.machinery
    _, state = await machinery.states.load(SYSTEM_INSTANCE, INSTANCE, request.instance_id)
    if state.status is not InstanceStatus.UNSPECIFIED:
        raise AlreadyExists("instance")
    for host in {host_of(request.origin), *request.hosts}:
        key = host_key(host)
        hashed = await machinery.secrets.unique(SYSTEM_INSTANCE, key)
        if await machinery.ports.events.key_owner(SYSTEM_INSTANCE, key.kind, hashed) is not None:
            raise AlreadyExists(key.kind)


def _adoption(record: Adoption, origin: str) -> AdoptInstance:
    try:
        return AdoptInstance(
            instance_id=record.instance,
            name=record.name,
            origin=origin or record.origin,
            hosts=() if origin else record.hosts,
            default_organization_id=record.default_organization_id,
            active=record.active,
        )
    except ValidationError as error:
        raise InvalidInput("This is not an origin" if origin else "The archive's instance does not fit") from error


async def _settle(program: Program, progress: Progress) -> None:
    """Wait until every view is at the end of its log. Nobody waits for what an import has left behind half loaded."""
    survey = program.iam.machinery.survey
    while True:
        status = await survey.status()
        done, total = sum(one.position for one in status), sum(one.head for one in status)
        progress("Filling views", done, total)
        if done == total:
            return
        await asyncio.sleep(LOOK)


async def _take_up(program: Program, loaded: Loaded, wanted: Wanted) -> int:
    """What follows from a log that was loaded before anybody reads it; how many people were erased again."""
    machinery = program.iam.machinery
    await machinery.prepare()
    await machinery.post.loaded(loaded.heads, loaded.reached)
    instances = {head.instance for head in loaded.heads}
    known = (*await machinery.ports.tombstones.list(), *wanted.tombstones)
    erased = await machinery.erasure.reapply(one for one in known if one.instance in instances)
    for instance in instances:  # behind the erasures, for other nodes may deliver from here on
        await machinery.post.release(instance)
    return erased


def _restored(loaded: Loaded, erased: int, point: Point = EVERYTHING) -> Restored:
    position = None
    if point.position is not None:
        position = next(head.position for head in loaded.heads if head.log is Log.DURABLE)
    instances = tuple(dict.fromkeys(head.instance for head in loaded.heads))
    events = sum(head.position - head.horizon for head in loaded.heads)
    return Restored(instances, events, loaded.header.created_at, erased, position)
