"""Leases, on the clock of the storage."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hexkeep.ports.locks import Lease
from hexkeep_lmdb.database import Database, Form, Port, Transaction


@dataclass(frozen=True, slots=True)
class Held:
    """Who has a lease, or had it last: the token only grows."""

    owner: str
    token: int
    until: datetime


HELD: Form[Held] = Form(Held)


class LmdbLocks(Port):
    """The port ``locks.Locks``."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        super().__init__(database)
        self._now = now

    async def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """See the port."""

        def acquire(at: Transaction) -> Lease | None:
            now, held = self._now(), _held(at, name)
            runs = held is not None and now < held.until
            if held is not None and runs and held.owner != owner:
                return None
            token = held.token if held is not None and runs else (held.token if held else 0) + 1
            at.put(HELD.write(Held(owner, token, now + timedelta(seconds=seconds))), "lease", name)
            return Lease(name, owner, token, seconds)

        return await self._database.write(acquire)

    async def renew(self, lease: Lease) -> bool:
        """See the port."""

        def renew(at: Transaction) -> bool:
            now, held = self._now(), _held(at, lease.name)
            if held is None or (held.owner, held.token) != (lease.owner, lease.token) or held.until <= now:
                return False
            at.put(
                HELD.write(Held(held.owner, held.token, now + timedelta(seconds=lease.seconds))), "lease", lease.name
            )
            return True

        return await self._database.write(renew)

    async def release(self, lease: Lease) -> None:
        """See the port."""

        def release(at: Transaction) -> None:
            held = _held(at, lease.name)
            if held is not None and (held.owner, held.token) == (lease.owner, lease.token):
                at.put(HELD.write(Held("", held.token, self._now())), "lease", lease.name)

        await self._database.write(release)

    async def holder(self, name: str) -> str:
        """See ``locks.LeaseHolders``."""
        held = await self._database.read(lambda at: _held(at, name))
        return held.owner if held is not None and self._now() < held.until else ""

    async def free_all(self) -> None:
        """Whoever held a lease when the folder was taken is a process that is gone."""

        def free(at: Transaction) -> None:
            for key, held in [(key, HELD.read(raw)) for key, raw in at.scan("lease")]:
                name = key[len(b"lease\0") : -1].decode()
                at.put(HELD.write(Held("", held.token, self._now())), "lease", name)

        await self._database.write(free)


def _held(at: Transaction, name: str) -> Held | None:
    raw = at.get("lease", name)
    return HELD.read(raw) if raw else None
