"""The jobs of the engine: all that it does once in a while, in one list. See ``scheduler`` for how they are run."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from hexkeep.engine.blobs import EVERY, BlobSweeper
from hexkeep.engine.day_keys import destroy_day_keys
from hexkeep.engine.recurring import run_everywhere
from hexkeep.engine.retention import Dropping
from hexkeep.engine.scheduler import Job
from hexkeep.engine.sweeper import sweep

if TYPE_CHECKING:
    from hexkeep.engine.assembly import Machinery


def dropping_of(machinery: "Machinery") -> Dropping:
    """What drops old segments of the activity logs."""
    ports = machinery.ports
    parts = (ports.events, ports.seals, ports.views, ports.snapshots)
    return Dropping(machinery.registry, machinery.states, *parts, ports.clock)


def jobs_of(machinery: "Machinery") -> Iterator[Job]:
    """Every job, those that slices and plugins declare last. What is new goes in here."""
    ports = machinery.ports
    yield Job("sweep-expiring", timedelta(minutes=1), partial(sweep, ports.expiring))
    yield from machinery.watch.jobs()
    yield Job("tidy-outbox", timedelta(minutes=5), machinery.post.tidy)
    yield Job("drop-activity", timedelta(hours=1), dropping_of(machinery).run)
    parts = (ports.keys, machinery.keyring, ports.events, ports.clock, machinery.day_keys_kept)
    yield Job("destroy-day-keys", timedelta(hours=6), partial(destroy_day_keys, *parts))
    swept = (ports.blobs, ports.events, machinery.states, ports.clock, machinery.registry.aggregates)
    yield Job("sweep-blobs", EVERY, BlobSweeper(*swept).run)
    for one in machinery.registry.recurring.values():
        yield Job(f"recurring.{one.name}", one.every, partial(run_everywhere, machinery, one))
