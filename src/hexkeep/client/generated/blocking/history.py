"""The operations of `history`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import datetime

from hexkeep.client.blocking import Calls, Listing, Stream
from hexkeep.core.history import SLICE
from hexkeep.core.history.queries import History, HistoryEntry, ResourceThen
from hexkeep.core.history.search import EventPage

_OPERATIONS = {one.name: one for one in SLICE.operations}


class HistoryCalls:
    """The operations of `history`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_history(
        self,
        *,
        aggregate_type: str,
        aggregate_id: str,
        after_version: int = 0,
        limit: int = 100,
    ) -> History:
        """List the events of one aggregate: what happened, when, by whom and from where. Hashes and secrets are hidden.

        Needs `event.read`. The fields are those of `ListHistory`.
        """
        fields: dict[str, object] = {
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "after_version": after_version,
            "limit": limit,
        }
        return self._calls.answer(_OPERATIONS["ListHistory"], History, fields)

    def get_resource_at(
        self,
        *,
        aggregate_type: str,
        aggregate_id: str,
        position: int | None = None,
        time: datetime | None = None,
    ) -> ResourceThen:
        """Get what an aggregate was at a position of its log or at a time, folded from its events up to there.

        Needs `event.read`. The fields are those of `GetResourceAt`.
        """
        fields: dict[str, object] = {
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "position": position,
            "time": time,
        }
        return self._calls.answer(_OPERATIONS["GetResourceAt"], ResourceThen, fields)

    def list_events(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        types: tuple[str, ...] | list[str] = (),
        since: datetime | None = None,
        aggregate_type: str | None = None,
        aggregate_id: str | None = None,
        actor: str = "",
        client_id: str = "",
        surface: str = "",
        correlation_id: str = "",
        until: datetime | None = None,
        descending: bool = True,
    ) -> Listing[EventPage, HistoryEntry]:
        """Search the events of both logs: what happened, when, by whom, with which application and from where.

        Hashes and secrets are hidden, what was erased is blank. A call looks at some ten thousand events at most.

        Needs `event.read`. The fields are those of `ListEvents`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "types": types,
            "since": since,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "actor": actor,
            "client_id": client_id,
            "surface": surface,
            "correlation_id": correlation_id,
            "until": until,
            "descending": descending,
        }
        return self._calls.listing(_OPERATIONS["ListEvents"], EventPage, HistoryEntry, fields)

    def watch_events(
        self,
        *,
        cursor: str = "",
        types: tuple[str, ...] | list[str] = (),
        since: datetime | None = None,
        aggregate_type: str | None = None,
        aggregate_id: str | None = None,
        actor: str = "",
        client_id: str = "",
        surface: str = "",
        correlation_id: str = "",
    ) -> Stream[EventPage, HistoryEntry]:
        """Follow the events of both logs as they happen, from the cursor on; the first answer says where that is.

        Without a cursor it begins at ``since``, or with what happens from now on. Every event comes once and those of a log
        in its order; of two logs what was recorded at almost the same time may come in either order.

        Needs `event.read`. The fields are those of `WatchEvents`.
        """
        fields: dict[str, object] = {
            "cursor": cursor,
            "types": types,
            "since": since,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "actor": actor,
            "client_id": client_id,
            "surface": surface,
            "correlation_id": correlation_id,
        }
        return self._calls.stream(_OPERATIONS["WatchEvents"], EventPage, HistoryEntry, fields)

    def list_organization_events(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        types: tuple[str, ...] | list[str] = (),
        since: datetime | None = None,
        aggregate_type: str | None = None,
        aggregate_id: str | None = None,
        actor: str = "",
        client_id: str = "",
        surface: str = "",
        correlation_id: str = "",
        until: datetime | None = None,
        descending: bool = True,
        organization_id: str,
    ) -> Listing[EventPage, HistoryEntry]:
        """Search the events of one organization's resources.

        An event is the organization's if the resource's own view says so, or for memberships the place they are for; those
        of which that cannot be told are shown to the instance alone.

        Needs `event.read`. The fields are those of `ListOrganizationEvents`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "types": types,
            "since": since,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
            "actor": actor,
            "client_id": client_id,
            "surface": surface,
            "correlation_id": correlation_id,
            "until": until,
            "descending": descending,
            "organization_id": organization_id,
        }
        return self._calls.listing(_OPERATIONS["ListOrganizationEvents"], EventPage, HistoryEntry, fields)

    def get_resource_history(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        types: tuple[str, ...] | list[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        descending: bool = True,
        organization_id: str,
        aggregate_type: str,
        aggregate_id: str,
    ) -> Listing[EventPage, HistoryEntry]:
        """List what has happened to one resource of an organization, by whom and from where.

        Needs `event.read`. The fields are those of `GetResourceHistory`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "types": types,
            "since": since,
            "until": until,
            "descending": descending,
            "organization_id": organization_id,
            "aggregate_type": aggregate_type,
            "aggregate_id": aggregate_id,
        }
        return self._calls.listing(_OPERATIONS["GetResourceHistory"], EventPage, HistoryEntry, fields)

    def list_my_events(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        types: tuple[str, ...] | list[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        descending: bool = True,
    ) -> Listing[EventPage, HistoryEntry]:
        """List what you did, with whichever application, and what happened to your own account.

        Of others it is told who, not from where; of other resources that something happened, not what was written.

        Any caller may ask for it. The fields are those of `ListMyEvents`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "types": types,
            "since": since,
            "until": until,
            "descending": descending,
        }
        return self._calls.listing(_OPERATIONS["ListMyEvents"], EventPage, HistoryEntry, fields)
