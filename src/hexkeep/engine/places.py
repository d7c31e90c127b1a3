"""Where the queue may have changed: told by checkpoints, so that not every instance has to be looked at every time."""

from collections.abc import Iterable

from hexkeep.engine.ledger import Ledger
from hexkeep.engine.outbox import outbox_consumer
from hexkeep.ports.views import Views


class Places:
    """Every row is put by an outbox or changed through the ledger, and both move a checkpoint of the instance."""

    def __init__(self, outboxes: Iterable[str], ledger: Ledger, views: Views) -> None:
        self._consumers = tuple(outbox_consumer(name) for name in outboxes)
        self._ledger = ledger
        self._views = views
        self._known: dict[str, tuple[int, ...]] = {}

    def forget(self) -> None:
        """Look everywhere the next time."""
        self._known = {}

    async def moved(self) -> set[str]:
        """The instances where a checkpoint has moved since this was asked last."""
        present = await self._present()
        moved = {instance for instance, place in present.items() if self._known.get(instance) != place}
        self._known = present
        return moved

    async def instances(self) -> list[str]:
        """Every instance that may have rows."""
        return sorted(await self._present())

    async def _present(self) -> dict[str, tuple[int, ...]]:
        names = (self._ledger.owner.name, *self._consumers)
        present: dict[str, list[int]] = {}
        for index, name in enumerate(names):
            for one in await self._views.checkpoints(name, self._ledger.build):
                present.setdefault(one.key.instance, [0] * len(names))[index] = one.position
        return {instance: tuple(places) for instance, places in present.items()}
