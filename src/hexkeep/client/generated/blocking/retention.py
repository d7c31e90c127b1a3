"""The operations of `retention`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.retention import SLICE
from hexkeep.core.retention.commands import ActivityRetention

_OPERATIONS = {one.name: one for one in SLICE.operations}


class RetentionCalls:
    """The operations of `retention`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def set_activity_retention(self, *, days: int) -> None:
        """Set for how many days the instance keeps its activity log. What is older is dropped within a day, for good.

        Whole sealed ranges are dropped, and their seals stay. The history of users, organizations and so on is not touched.

        Needs `instance.write`. The fields are those of `SetActivityRetention`.
        """
        fields: dict[str, object] = {"days": days}
        self._calls.answer(_OPERATIONS["SetActivityRetention"], Empty, fields)

    def get_activity_retention(self) -> ActivityRetention:
        """Get for how many days the instance keeps its activity log.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetActivityRetention"], ActivityRetention, fields)
