"""Views that lose cancellations, as connection pools may before Python 3.12."""

import asyncio
from contextlib import suppress

from hexkeep.core.kernel.view import Row, Select
from hexkeep.ports.views import Advance, Build, Views
from hexkeep.testing.faults import FaultyViews


class Forgetful(FaultyViews):
    """Forgets a cancellation that comes together with the result of the call named ``of``."""

    def __init__(self, inner: Views, of: str = "") -> None:
        super().__init__(inner)
        self.of = of
        self.asked = asyncio.Event()

    async def apply(self, advance: Advance) -> bool:
        """See the port."""
        applied = await super().apply(advance)
        await self._forget("apply")
        return applied

    async def select(self, build: int, instance: str, query: Select) -> list[Row]:
        """See the port."""
        found = await super().select(build, instance, query)
        await self._forget("select")
        return found

    async def builds(self) -> list[Build]:
        """See the port."""
        found = await super().builds()
        await self._forget("builds")
        return found

    async def _forget(self, call: str) -> None:
        if call == self.of:
            self.asked.set()
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
