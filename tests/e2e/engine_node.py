"""A node of its own process for the tests of faults: the engine on a real storage, told what to do on standard input.

``python -m tests.e2e.engine_node STORAGE SINK [STEP WHEN]``: STORAGE is ``sqlite:PATH`` or ``postgres:URL``; deliveries
of the channel ``mail`` are posted to SINK. With STEP the node kills itself ``before`` or ``behind`` that step of a
process, counted from 0.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import httpx

from hexkeep.adapters.postgres import PostgresSettings, PostgresStorage
from hexkeep.adapters.sqlite import SqliteSettings, SqliteStorage
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.core.delivery.projection import DeliveryState
from hexkeep.core.kernel.event import Event, Recorded
from hexkeep.core.kernel.outbox import MAX_ATTEMPTS, Delivery
from hexkeep.core.kernel.slice import Step
from hexkeep.core.organization.commands import CreateOrganization
from hexkeep.core.slices import SLICES
from hexkeep.core.user.commands import CreateMachineUser
from hexkeep.engine.assembly import Tuning
from hexkeep.engine.courier import Pace
from hexkeep.engine.spooler import Rhythm
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.storage import Storage
from tests.unit.engine import departures
from tests.unit.engine.mail import CHANNEL, MAILING, OUTBOX, written
from tests.unit.engine.notes import WRITE, WriteNote
from tests.unit.engine.rig import INSTANCE, Rig, ports_of, rig_with

LEASE = 1.0
PACE = Pace(look=0.1, first_pause=0.1, longest_pause=0.5, timeout=20.0)
REFUSED, FAILED = 400, 500


def patient(recorded: Recorded[Event]) -> Iterable[Delivery]:
    """As in the engine's tests, with an attempt for every kill: each of them costs one."""
    return [replace(delivery, max_attempts=MAX_ATTEMPTS) for delivery in written(recorded)]


class HttpMail:
    """A deliverer as a plugin would write it: one request for each attempt, with the key in a header."""

    def __init__(self, sink: str) -> None:
        self._sink = sink

    async def deliver(self, outgoing: Outgoing) -> None:
        """Post it."""
        async with httpx.AsyncClient(timeout=PACE.timeout) as client:
            answer = await client.post(
                self._sink, json=dict(outgoing.payload), headers={"idempotency-key": outgoing.key}
            )
        if answer.status_code >= REFUSED:
            raise DeliveryFailed(permanent=answer.status_code < FAILED, code=f"http_{answer.status_code}")


def storage_of(named: str) -> Storage:
    """The storage that the command line names."""
    kind, _, place = named.partition(":")
    if kind == "sqlite":
        return SqliteStorage(SqliteSettings(path=Path(place)), SystemClock())
    return PostgresStorage(PostgresSettings.model_validate({"url": place}))


def killed_at(rig: Rig, step: int, when: str) -> None:
    """Die at a step of a process, without a chance to tidy up."""
    count = -1

    async def run(due: Step, unit_id: str) -> None:
        nonlocal count
        count += 1
        if count == step and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await rig.step(due, unit_id)
        if count == step and when == "behind":
            os.kill(os.getpid(), signal.SIGKILL)

    rig.machinery.on_step(run)


async def obey(rig: Rig, words: list[str]) -> str:
    """Do what one line says; the answer."""
    match words:
        case ["write", title]:
            await rig.run(WRITE, WriteNote(title=title))
        case ["organization", name, users]:
            create = rig.machinery.registry.operations["CreateOrganization"]
            made, _ = await rig.run(create, CreateOrganization(name=name))
            add = rig.machinery.registry.operations["CreateMachineUser"]
            for number in range(int(users)):
                user = CreateMachineUser(organization_id=made.organization_id, user_name=f"{name}-{number}")
                await rig.run(add, user)
            return str(made.organization_id)
        case ["depart", organization_id]:
            await rig.run(departures.REQUEST, departures.OrganizationOf(organization_id=organization_id))
        case ["standing", organization_id]:
            found = await rig.machinery.processes["departure"].standing(INSTANCE, organization_id)
            return found.step or "rests"
        case ["left"]:
            open_states = (DeliveryState.PENDING, DeliveryState.DEAD)
            return str(sum([await rig.machinery.post.deliveries.count(INSTANCE, state) for state in open_states]))
        case ["leading"]:
            return "yes" if rig.machinery.post.courier.leading else "no"
    return "done"


def say(line: str) -> None:
    """Answer whoever has started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(named: str, sink: str, *kill: str) -> None:
    """Run until standard input ends."""
    storage = storage_of(named)
    if named.startswith("sqlite:"):
        await storage.migrate()
    await storage.open()
    mailing = replace(MAILING, outboxes=(replace(OUTBOX, deliveries=patient),))
    slices = (*SLICES, departures.SLICE, mailing)
    tuning = Tuning(rhythm=Rhythm(lease=LEASE, look=0.1), pace=PACE)
    rig = rig_with(ports_of(storage), slices, tuning, {CHANNEL: HttpMail(sink)})
    if kill:
        killed_at(rig, int(kill[0]), kill[1])
    await rig.machinery.start()
    say("ready")
    while line := await asyncio.to_thread(sys.stdin.readline):
        say(await obey(rig, line.split()))
    await rig.machinery.stop()
    await storage.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
