"""Seals."""

from collections.abc import Sequence

from hexkeep.core.kernel.event import Log
from hexkeep.ports.seals import Seal
from hexkeep_lmdb.database import Form, Port, Transaction

SEALS: Form[Seal] = Form(Seal)


def put_seal(at: Transaction, seal: Seal) -> None:
    """Keep a seal, by number and by the end of its range."""
    raw = SEALS.write(seal)
    at.put(raw, "seal", seal.instance, seal.log.value, seal.number)
    at.put(raw, "sealed", seal.instance, seal.log.value, seal.last)


class LmdbSeals(Port):
    """The port ``seals.Seals``."""

    async def add(self, seal: Seal) -> bool:
        """See the port."""

        def add(at: Transaction) -> bool:
            newest = _newest(at, seal.instance, seal.log)
            follows = (newest.number + 1, newest.last + 1) if newest else (1, seal.first)
            if (seal.number, seal.first) != follows:
                return False
            put_seal(at, seal)
            return True

        return await self._database.write(add)

    async def newest(self, instance: str, log: Log) -> Seal | None:
        """See the port."""
        return await self._database.read(lambda at: _newest(at, instance, log))

    async def list(self, instance: str, log: Log, after: int, limit: int) -> Sequence[Seal]:
        """See the port."""

        def read(at: Transaction) -> Sequence[Seal]:
            seals = at.scan("seal", instance, log.value, after=(after,))
            return [SEALS.read(raw) for (_, raw), _ in zip(seals, range(limit), strict=False)]

        return await self._database.read(read)

    async def covering(self, instance: str, log: Log, position: int) -> Seal | None:
        """See the port. The first range that does not end before the position holds it, or none does."""

        def read(at: Transaction) -> Seal | None:
            for _, raw in at.scan("sealed", instance, log.value, after=(position - 1,)):
                seal = SEALS.read(raw)
                return seal if seal.first <= position else None
            return None

        return await self._database.read(read)


def _newest(at: Transaction, instance: str, log: Log) -> Seal | None:
    last = at.last("seal", instance, log.value)
    return SEALS.read(last[1]) if last else None
