"""The watch over the logs: they are sealed within seconds, and verified again and again without being asked.

Often what was sealed since the last time, seldom everything, which goes on where it was broken off. How far a log was
found intact is remembered sealed under a key of the keyring, so who holds the database alone can make the watch forget,
and verify anew, but not look away.
"""

import asyncio
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.ask import Keep, Kept
from hexkeep.core.verification.queries import SCOPE, STATUS, LogBreak, Verdict, VerificationStatus, status_of
from hexkeep.engine.findings import Fault, LogReport
from hexkeep.engine.keyring import Keyring, bytes_of, text_of
from hexkeep.engine.passes import Pass, Reached, packed, unpacked
from hexkeep.engine.scheduler import Job
from hexkeep.engine.seal_keys import SealKeys
from hexkeep.engine.sealer import MOST, Sealer, Sealing
from hexkeep.engine.secrets import ShortLived
from hexkeep.engine.verifier import Mark, Place, Verifier, Verifying
from hexkeep.ports.clock import Clock
from hexkeep.ports.event_store import EventStore, Head
from hexkeep.ports.expiring import Expiring
from hexkeep.ports.jose import Jose
from hexkeep.ports.seals import Seals
from hexkeep.ports.telemetry import Figure, Kind

logger = logging.getLogger("hexkeep.engine.watch")
KEPT = timedelta(days=3650)
PASS = "pass"
FROM_BEFORE = frozenset({Fault.VERSION, Fault.TIME})
"""What does not show to who begins to read behind the last good seal."""
TOLD = 100
"""Breaks that the status names at most."""
GLANCE = 30.0
"""Seconds for which a probe is told the same."""
REST = 3.0
"""How many times as long as a page took a verification rests after it, so that it takes a quarter of a core at most."""
LONGEST_REST = 0.25
"""In seconds. Where pages take long everybody waits, and resting longer would help nobody."""


@dataclass(frozen=True, slots=True)
class Watchfulness:
    """How often what is done. Zero: never. ``most`` is how many events stand under one seal at most."""

    seal: timedelta = timedelta(seconds=5)
    verify: timedelta = timedelta(hours=1)
    verify_all: timedelta = timedelta(days=7)
    most: int = MOST


class Watched(Protocol):
    """The ports that the watch looks at and works with."""

    @property
    def events(self) -> EventStore:
        """The logs."""

    @property
    def seals(self) -> Seals:
        """What is sealed."""

    @property
    def expiring(self) -> Expiring:
        """Where it remembers."""

    @property
    def jose(self) -> Jose:
        """Signatures."""

    @property
    def clock(self) -> Clock:
        """The time."""


class Watch:
    """Jobs for the scheduler, and what they found."""

    def __init__(self, use: Watched, keyring: Keyring, how: Watchfulness) -> None:
        self._use = use
        self._keys = SealKeys(keyring, use.jose)
        self._short_lived = ShortLived(use.expiring, keyring)
        self._how = how
        self._turn = asyncio.Lock()
        self._known: tuple[float, int] | None = None
        self.sealer = Sealer(Sealing(use.events, use.seals, self._keys, use.jose, use.clock), how.most)

    def jobs(self) -> Iterator[Job]:
        """What is to be done, and how often."""
        listed = (
            Job("seal", self._how.seal, self.sealer.seal),
            Job("verify", self._how.verify, self.verify),
            Job("verify-all", self._how.verify_all, self._verify_all_again),
        )
        return (job for job in listed if job.every)

    async def status(self) -> VerificationStatus:
        """What the last verifications found, on whichever node."""
        return status_of(await self._remembered(STATUS))

    async def is_broken(self) -> bool:
        """Whether the last verification found something; as it was known half a minute ago."""
        now = self._use.clock.monotonic()
        if self._known is None or self._known[0] < now:
            self._known = (now + GLANCE, len((await self.status()).breaks))
        return self._known[1] > 0

    def figures(self) -> Iterator[Figure]:
        """What this node knows of it, as numbers."""
        broken = self._known[1] if self._known else 0
        yield Figure("broken_logs", Kind.GAUGE, "Logs in which the last verification found a break", broken)
        yield Figure(
            "unsealed_events", Kind.GAUGE, "Events that this node's sealer could not seal", self.sealer.unsealed
        )
        yield Figure("seals", Kind.COUNTER, "Seals that this node has made", self.sealer.made)

    async def verify(self) -> VerificationStatus:
        """Verify what was written since the last time."""
        async with self._turn:
            return await self._verify(everything=False)

    async def verify_all(self) -> VerificationStatus:
        """Verify everything."""
        async with self._turn:
            return await self._verify(everything=True)

    async def _verify_all_again(self) -> None:
        """The same, unless that was done lately: the first of all verifications is one of everything anyway."""
        async with self._turn:
            last = (await self.status()).verified_all_at
            if last is None or self._use.clock.now() - last > self._how.verify_all / 2:
                await self._verify(everything=True)

    async def _verify(self, *, everything: bool) -> VerificationStatus:
        use, trusted = self._use, await self._keys.trusted()
        verifier = Verifier(
            Verifying(
                *(use.events, use.seals, use.jose, trusted), pause=_Rest(use.clock).take, renewed=self._keys.renewed
            )
        )
        heads, begun = await verifier.heads(), await self.status()
        run = await self._begun(begun.verified_all_at)
        reports = [await self._look(verifier, head, run, everything=everything) for head in heads]
        for report in reports:
            _complain(report)
        before, now = await self.status(), self._use.clock.now()
        meanwhile = before.breaks if before != begun else ()
        status = _status(reports, run.begun.events if run.whole else 0, meanwhile).model_copy(
            update={"verified_at": now, "verified_all_at": now if run.whole else before.verified_all_at}
        )
        await self._keep(STATUS, status.model_dump_json().encode())
        self._known = (self._use.clock.monotonic() + GLANCE, len(status.breaks))
        return status

    async def _look(self, verifier: Verifier, head: Head, run: Pass, *, everything: bool) -> LogReport:
        place = (head.instance, head.log)
        known = remembered = await self._mark(place)
        if not known.number:
            report, mark = await self._whole(verifier, head, run)
        else:
            report, mark = await verifier.verify(head, known)
            behind = run.is_behind(place)
            restored = head.epoch > known.epoch
            if restored and report.broken is not None and report.broken.fault is Fault.KEPT:
                known = Mark()  # history was cut in front of the mark
                report, mark = await self._whole(verifier, head, run)
            elif report.broken is None and (restored if behind else everything):
                report, mark = await self._whole(verifier, head, run)
            elif not behind and not everything:
                run.whole = False
        if report.broken is not None:
            run.broke()
            mark = Mark() if report.broken.fault in FROM_BEFORE else mark
        if mark != known and await self._mark(place) == remembered:
            await self._keep(json.dumps(place), _packed(mark))
        return report

    async def _whole(self, verifier: Verifier, head: Head, run: Pass) -> tuple[LogReport, Mark]:
        """All of a log, from where that was broken off."""
        begun = run.mark_in(head)
        report, mark = await verifier.verify(head, begun, run.meet(head), seamless=True)
        if begun.number and report.broken is not None and report.broken.fault is Fault.KEPT:
            report, mark = await verifier.verify(head, None, run.meet(head))  # it was restored since
        run.ended(report.events)
        return report, mark

    async def _begun(self, last: datetime | None) -> Pass:
        """A pass, from where one was broken off behind the last that came to its end."""
        clock = self._use.clock

        async def save(reached: Reached) -> None:
            await self._keep(PASS, packed(reached, last, clock.now()))

        return Pass(unpacked(await self._remembered(PASS), last, clock.now()), save)

    async def _mark(self, place: Place) -> Mark:
        kept = await self._remembered(json.dumps(place))
        if kept is None:
            return Mark()
        number, last, epoch, link = json.loads(kept)
        return Mark(number, last, epoch, bytes_of(link))

    async def _remembered(self, key: str) -> bytes | None:
        """What was kept; nothing where somebody has put something else in its place."""
        try:
            return await self._short_lived.kept(SYSTEM_INSTANCE, Kept(SCOPE, key))
        except ValueError:
            logger.exception("what the last verification remembered was changed; everything is verified anew")
            return None

    async def _keep(self, key: str, value: bytes) -> None:
        until = self._use.clock.now() + KEPT
        await self._short_lived.keep(SYSTEM_INSTANCE, Keep(SCOPE, key, value, until))


class _Rest:
    """Rests after each page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since = clock.monotonic()

    async def take(self) -> None:
        """Rest for as long as the page was long."""
        await asyncio.sleep(min(LONGEST_REST, REST * (self._clock.monotonic() - self._since)))
        self._since = self._clock.monotonic()


def _packed(mark: Mark) -> bytes:
    return json.dumps([mark.number, mark.last, mark.epoch, text_of(mark.link)]).encode()


def _status(reports: Sequence[LogReport], before: int, meanwhile: Iterable[LogBreak]) -> VerificationStatus:
    """What was found, and what another node has found ``meanwhile``."""
    own = {(one.instance, one.log.value): _break(one) for one in reports if one.broken is not None}
    breaks = tuple(({(one.instance_id, one.log): one for one in meanwhile} | own).values())
    return VerificationStatus(
        verdict=Verdict.BROKEN if breaks else Verdict.INTACT,
        logs=len(reports),
        events=before + sum(one.events for one in reports),
        breaks=breaks[:TOLD],
    )


def _break(report: LogReport) -> LogBreak:
    broken = report.broken
    assert broken is not None  # noqa: S101 - for the type checker; asked for by the caller
    return LogBreak(
        instance_id=report.instance,
        log=report.log.value,
        fault=broken.fault.value,
        first=broken.first,
        last=broken.last,
        meaning=broken.meaning,
    )


def _complain(report: LogReport) -> None:
    if report.broken is not None:
        place = (report.log.value, report.instance)
        logger.error("the %s log of instance %s is not as it was written: %s", *place, report.broken.meaning)
