"""The operations of `retention`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.retention import SLICE
from hexkeep.core.retention.commands import ActivityRetention

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncRetentionCalls:
    """The operations of `retention`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def set_activity_retention(self, *, days: int) -> None:
        """Set for how many days the instance keeps its activity log. What is older is dropped within a day, for good.

        Whole sealed ranges are dropped, and their seals stay. The history of users, organizations and so on is not touched.

        Needs `instance.write`. The fields are those of `SetActivityRetention`.
        """
        fields: dict[str, object] = {"days": days}
        await self._calls.answer(_OPERATIONS["SetActivityRetention"], Empty, fields)

    async def get_activity_retention(self) -> ActivityRetention:
        """Get for how many days the instance keeps its activity log.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetActivityRetention"], ActivityRetention, fields)
