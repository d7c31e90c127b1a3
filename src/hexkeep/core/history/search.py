"""Searching and following events: of the instance, of one organization, and of the caller's own."""

import base64
import dataclasses
import json
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, JsonValue, StringConstraints, field_validator

from hexkeep.core.history.queries import AggregateType, HistoryEntry
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, NotFound, Violation
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.history import EventsOf, Found, Place, Sought
from hexkeep.core.kernel.operation import Message

MAX_LIMIT = 1000
POSITIONS = 1 << 63

EventType = Annotated[str, StringConstraints(max_length=128, pattern=r"^[a-z][a-z0-9_.]*(\.\*)?$")]
"""The type of an event, or a family of them: ``user.*``."""
Text = Annotated[str, StringConstraints(max_length=200)]


class EventSearch(Message):
    """What every search for events takes. All filters that are given have to fit."""

    limit: int = Field(default=100, ge=1, le=MAX_LIMIT, description="How many events at most.")
    cursor: str = Field(
        default="", max_length=400, description="The `next_cursor` of the page before; the other fields as then."
    )
    types: tuple[EventType, ...] = Field(
        default=(), max_length=20, description="Types of events, or families such as `user.*`.", examples=[["user.*"]]
    )
    since: datetime | None = Field(default=None, description="Only what was recorded then or later.")

    @field_validator("since", "until", check_fields=False)
    @classmethod
    def _zoned(cls, time: datetime | None) -> datetime | None:
        if time is None:
            return None
        if time.tzinfo is None:
            raise ValueError("a time needs its zone")
        try:
            return time.astimezone(UTC)
        except OverflowError as error:
            raise ValueError("must be within the years 1 to 9999 in UTC") from error


class TimedSearch(EventSearch):
    """A search that has an end as well."""

    until: datetime | None = Field(default=None, description="Only what was recorded before.")
    descending: bool = Field(default=True, description="From the last to the first.")


class WatchEvents(EventSearch):
    """Which events to follow, and from where on: the cursor, else ``since``, else now."""

    aggregate_type: AggregateType | None = Field(default=None, description="The kind of resource.", examples=["user"])
    aggregate_id: Id | None = Field(default=None, description="The resource; needs `aggregate_type`.")
    actor: Text = Field(default="", description="The id of the user who did it, `system`, or `system:<name>`.")
    client_id: Text = Field(default="", description="The application whose token was presented.")
    surface: Text = Field(default="", description="The API it came by.", examples=["rest"])
    correlation_id: Text = Field(default="", description="The `X-Request-Id` of the call.")


class ListEvents(TimedSearch, WatchEvents):
    """Which events of the instance to list."""


class ListOrganizationEvents(ListEvents):
    """Which events of an organization's resources to list."""

    organization_id: Id


class GetResourceHistory(TimedSearch):
    """Whose history to list: a resource of an organization."""

    organization_id: Id
    aggregate_type: AggregateType = Field(examples=["project"])
    aggregate_id: Id


class ListMyEvents(TimedSearch):
    """Which of the events to list that the caller caused or that happened to the caller."""


class EventPage(Message):
    """Events. A page may be short, or empty, though ``next_cursor`` says that there is more."""

    events: tuple[HistoryEntry, ...]
    next_cursor: str = Field(description="Where it goes on; empty behind the last event of a list.")


def list_events(request: ListEvents, ctx: Context) -> Decision[EventPage]:
    """Search the events of both logs: what happened, when, by whom, with which application and from where.

    Hashes and secrets are hidden, what was erased is blank. A call looks at some ten thousand events at most.
    """
    ctx.authorize()
    return Decision(_page(_found(request, ctx, descending=request.descending), "-" if request.descending else "+"))


def watch_events(request: WatchEvents, ctx: Context) -> Decision[EventPage]:
    """Follow the events of both logs as they happen, from the cursor on; the first answer says where that is.

    Without a cursor it begins at ``since``, or with what happens from now on. Every event comes once and those of a log
    in its order; of two logs what was recorded at almost the same time may come in either order.
    """
    ctx.authorize()
    found = _found(request, ctx, descending=False, from_now_on=request.since is None)
    return Decision(EventPage(events=_entries(found), next_cursor=_cursor("+", found.places)))


def list_organization_events(request: ListOrganizationEvents, ctx: Context) -> Decision[EventPage]:
    """Search the events of one organization's resources.

    An event is the organization's if the resource's own view says so, or for memberships the place they are for; those
    of which that cannot be told are shown to the instance alone.
    """
    ctx.authorize(organization=request.organization_id)
    found = _found(request, ctx, descending=request.descending, organization=request.organization_id)
    return Decision(_page(found, "-" if request.descending else "+"))


def get_resource_history(request: GetResourceHistory, ctx: Context) -> Decision[EventPage]:
    """List what has happened to one resource of an organization, by whom and from where."""
    ctx.authorize(organization=request.organization_id)
    found = _found(request, ctx, descending=request.descending, organization=request.organization_id)
    if not found.events and not found.more and not request.cursor:
        raise NotFound
    return Decision(_page(found, "-" if request.descending else "+"))


def list_my_events(request: ListMyEvents, ctx: Context) -> Decision[EventPage]:
    """List what you did, with whichever application, and what happened to your own account.

    Of others it is told who, not from where; of other resources that something happened, not what was written.
    """
    if not ctx.caller.user_id:
        raise NotFound
    found = _found(request, ctx, descending=request.descending, person=ctx.caller.user_id)
    page = _page(found, "-" if request.descending else "+")
    return Decision(page.model_copy(update={"events": tuple(_own(one, ctx.caller.user_id) for one in page.events)}))


def _own(entry: HistoryEntry, user_id: str) -> HistoryEntry:
    """An entry as the person it concerns may see it."""
    if entry.actor not in ("", user_id):
        entry = entry.model_copy(update={"address": "", "user_agent": "", "client_id": ""})
    if entry.aggregate_id != user_id:
        entry = entry.model_copy(update={"fields": {}})
    return entry


def _found(
    request: EventSearch,
    ctx: Context,
    *,
    descending: bool,
    from_now_on: bool = False,
    organization: str = "",
    person: str = "",
) -> Found:
    if getattr(request, "aggregate_id", None) and not getattr(request, "aggregate_type", None):
        raise InvalidInput("", Violation("aggregate_type", "is needed beside aggregate_id"))
    names = (one.name for one in dataclasses.fields(Sought))
    given = {name: value for name in names if (value := getattr(request, name, None))}
    sought = dataclasses.replace(Sought(**given), organization=organization, person=person)
    places = _places("-" if descending else "+", request.cursor) if request.cursor else ()
    return ctx.ask(EventsOf(sought, request.limit, descending, places, from_now_on))


def _page(found: Found, direction: str) -> EventPage:
    return EventPage(events=_entries(found), next_cursor=_cursor(direction, found.places) if found.more else "")


def _entries(found: Found) -> tuple[HistoryEntry, ...]:
    return tuple(map(HistoryEntry.of, found.events))


def _cursor(direction: str, places: tuple[Place, ...]) -> str:
    """Direction and places as base64url JSON. They tell nothing that their owner may not know, so need no signature."""
    text = json.dumps([direction, *([one.log.value, one.epoch, one.position] for one in places)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _places(direction: str, cursor: str) -> tuple[Place, ...]:
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        return _parsed(direction, json.loads(decoded))
    except (ValueError, TypeError, RecursionError) as error:
        problem = Violation("cursor", "must be the next_cursor of a page with the same order")
        raise InvalidInput("This cursor belongs to no such list", problem) from error


def _parsed(direction: str, decoded: JsonValue) -> tuple[Place, ...]:
    match decoded:
        case [made_for, *cells] if made_for == direction and 0 < len(cells) <= len(Log):
            places = tuple(map(_place, cells))
            if len({place.log for place in places}) == len(places):
                return places
    raise ValueError("another order")


def _place(cells: JsonValue) -> Place:
    match cells:
        case [str(log), epoch, position]:
            return Place(Log(log), _whole(epoch), _whole(position))
    raise ValueError("not a place")


def _whole(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < POSITIONS:
        raise ValueError("not a position")
    return value
