"""Verification and export of seals beside whoever serves: the storage is only looked at."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import looking
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.master_key import is_given, wrong_master_key
from hexkeep.core.kernel.errors import FailedPrecondition, Internal
from hexkeep.core.kernel.event import Log
from hexkeep.engine.findings import LogReport
from hexkeep.engine.key_audit import KeyAudit, KeyReport
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.verifier import KeptSeals, NothingKept, Place, Verifier, Verifying
from hexkeep.ports.event_store import Head
from hexkeep.ports.jose import Jwk
from hexkeep.ports.seals import Seal

PAGE = 100


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be verified. ``keys``: trusted public keys; without them those of the master key count."""

    instance: str = ""
    log: Log | None = None
    since: datetime | None = None
    keys: Sequence[Jwk] | None = None
    kept: KeptSeals | None = None
    restored: bool = False


Progress = Callable[[str, int, int], None]


class Verification:
    """A verification of an opened storage."""

    def __init__(self, program: Program, demand: Demand, trusted: Sequence[Jwk], progress: Progress) -> None:
        storage = program.storage
        self._demand = demand
        self._progress = progress
        self._audit = KeyAudit(storage.events)
        kept = demand.kept or NothingKept()
        use = Verifying(
            *(storage.events, storage.seals, program.jose, trusted, kept, demand.restored, self._tell),
            renewed=partial(trusted_keys, program) if demand.keys is None else None,
        )
        self._verifier = Verifier(use)
        self._before = 0
        self._total = 0

    async def logs(self) -> AsyncIterator[LogReport]:
        """One report after the other, in order of instance and log."""
        heads = await self._verifier.heads(self._demand.instance, self._demand.log)
        self._total = sum(head.position for head in heads)
        for head in heads:
            since = self._demand.since
            mark = await self._verifier.mark_before(head, since) if since else None
            report, _ = await self._verifier.verify(head, mark)
            self._before += head.position
            self._progress(EVENTS, min(self._before, self._total), self._total)
            yield report

    def _tell(self, head: Head, position: int) -> None:
        self._progress(EVENTS, min(self._before + position, self._total), self._total)

    async def unique_keys(self) -> AsyncIterator[KeyReport]:
        """One report for each instance; none when only a part of history is verified."""
        if self._demand.since is not None or self._demand.log is not None:
            return
        heads = await self._verifier.heads(self._demand.instance)
        instances = sorted({head.instance for head in heads})
        for number, instance in enumerate(instances, 1):
            yield await self._audit.audit(instance)
            self._progress(KEYS, number, len(instances))


EVENTS = "Events"
KEYS = "Unique keys"


@asynccontextmanager
async def verification(program: Program, demand: Demand, progress: Progress) -> AsyncIterator[Verification]:
    """Look at the storage to verify it. Needs the master key only where no keys are given.

    Raises ``ConfigurationError`` where one is needed and is not there, or is another one.
    """
    if demand.keys is None:
        _insist_on_master_key(program)
    async with looking(program):
        trusted = await trusted_keys(program) if demand.keys is None else demand.keys
        yield Verification(program, demand, trusted, progress)


def _insist_on_master_key(program: Program) -> None:
    if not is_given(program.settings):
        message = "the keys that sign seals are made from the master key, which is not there; name them with --keys"
        raise ConfigurationError(Problem(message, "secrets.master_key"))


async def trusted_keys(program: Program) -> list[Jwk]:
    """The public keys of the storage's sealer, by the master key; raises ``ConfigurationError``. None before a seal."""
    _insist_on_master_key(program)
    machinery = program.iam.machinery
    try:
        return await SealKeys(machinery.keyring, machinery.ports.jose).renewed()
    except Internal as error:
        raise wrong_master_key(program.settings) from error


async def exported(
    program: Program, instance: str = "", since: datetime | None = None, known: KeptSeals | None = None
) -> AsyncIterator[Seal]:
    """The seals of an opened storage, in order of instance, log and number: all, or those that are not known yet.

    Raises ``FailedPrecondition`` where the newest known seal of a log is not the storage's.
    """
    storage, known = program.storage, known or NothingKept()
    verifier = Verifier(Verifying(storage.events, storage.seals, program.jose, ()))
    for head in await verifier.heads(instance):
        place = (head.instance, head.log)
        number = (await verifier.mark_before(head, since)).number if since else 0
        number = max(number, await _known(program, place, known))
        while page := await storage.seals.list(*place, number, PAGE):
            for seal in page:
                yield seal
            number = page[-1].number


async def _known(program: Program, place: Place, known: KeptSeals) -> int:
    """The number up to which the known seals are the storage's; further back only where a restore came between."""
    number = known.last(place)
    while number:
        kept = known.get(place, number)
        found = await program.storage.seals.list(*place, number - 1, 1)
        if kept is not None and found and found[0].signature == kept.signature:
            return number
        epoch = found[0].epoch if found else (await program.storage.events.head(*place)).epoch
        if kept is not None and epoch <= kept.epoch:
            message = (
                f"seal {number} of the {place[1].value} log of instance {place[0]} is not the one in the file; "
                "hexkeep verify --seals with it tells what is wrong"
            )
            raise FailedPrecondition(message)
        number -= 1
    return 0
