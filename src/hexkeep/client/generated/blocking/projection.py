"""The operations of `projection`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.projection import SLICE
from hexkeep.core.projection.commands import RebuildProjectionOutput, RetryParkedOutput
from hexkeep.core.projection.processes import GetProcessOutput
from hexkeep.core.projection.queries import ListParkedOutput, ListProjectionsOutput

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ProjectionCalls:
    """The operations of `projection`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_projections(self) -> ListProjectionsOutput:
        """List how far each projection and process has come in the instance's log.

        Needs `projection.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListProjections"], ListProjectionsOutput, fields)

    def list_parked(self, *, projection: str = "") -> ListParkedOutput:
        """List the aggregates that wait because a projection or a process could not digest one of their events.

        Needs `projection.read`. The fields are those of `ListParked`.
        """
        fields: dict[str, object] = {"projection": projection}
        return self._calls.answer(_OPERATIONS["ListParked"], ListParkedOutput, fields)

    def get_process(self, *, process: str, aggregate_id: str) -> GetProcessOutput:
        """Tell how far a process is with one aggregate: what is due next, how much is done, and whether it is parked.

        Needs `projection.read`. The fields are those of `GetProcess`.
        """
        fields: dict[str, object] = {"process": process, "aggregate_id": aggregate_id}
        return self._calls.answer(_OPERATIONS["GetProcess"], GetProcessOutput, fields)

    def retry_parked(self, *, projection: str, aggregate_type: str, aggregate_id: str) -> RetryParkedOutput:
        """Digest the events of a parked aggregate again, up to where the others are, because their cause was mended.

        Needs `projection.write`. The fields are those of `RetryParked`.
        """
        fields: dict[str, object] = {
            "projection": projection,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
        }
        return self._calls.answer(_OPERATIONS["RetryParked"], RetryParkedOutput, fields)

    def skip_parked(
        self,
        *,
        projection: str,
        aggregate_type: str,
        aggregate_id: str,
        position: int,
        reason: str,
    ) -> None:
        """Let a projection pass over one event of a parked aggregate for good, and go on with those behind it.

        The log keeps the event, and a rebuild passes over it as well.

        Needs `projection.write`. The fields are those of `SkipParked`.
        """
        fields: dict[str, object] = {
            "projection": projection,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "position": position,
            "reason": reason,
        }
        self._calls.answer(_OPERATIONS["SkipParked"], Empty, fields)

    def rebuild_projection(self, *, projection: str) -> RebuildProjectionOutput:
        """Fill the tables of a projection anew, beside those that serve, and let them take over once they are filled.

        Nothing is unavailable meanwhile. Concerns all instances, so where there are several only the system may.

        Needs `projection.write`. The fields are those of `RebuildProjection`.
        """
        fields: dict[str, object] = {"projection": projection}
        return self._calls.answer(_OPERATIONS["RebuildProjection"], RebuildProjectionOutput, fields)
