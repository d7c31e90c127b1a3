"""Looking back: at the events of one aggregate, and at what it was."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, JsonValue, StringConstraints, model_validator

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import NotFound
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.history import Happened, HistoryOf, Point, Then, ThenOf
from hexkeep.core.kernel.operation import Message

AggregateType = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
MAX_PAGE = 1000


class ListHistory(Message):
    """Whose history to list."""

    aggregate_type: AggregateType = Field(examples=["user"])
    aggregate_id: Id
    after_version: int = Field(default=0, ge=0, description="Only what came behind this version.")
    limit: int = Field(default=100, ge=1, le=MAX_PAGE, description="How many events at most.")


class HistoryEntry(Message):
    """One event. ``fields`` are JSON texts by name; a hidden value reads ``"(hidden)"``, an erased one is blank."""

    log: str
    aggregate_type: str
    aggregate_id: str
    type: str
    revision: int
    version: int
    position: int
    created_at: datetime
    actor: str = Field(
        description="The id of the user who did it, `system`, `system:` and the name of a caller of the System API, or "
        "empty for nobody in particular."
    )
    correlation_id: str
    surface: str = Field(description="The API it came by; empty for what came from inside.")
    address: str
    user_agent: str
    client_id: str = Field(description="The application whose token was presented, or a user's own token.")
    fields: dict[str, str]

    @classmethod
    def of(cls, happened: Happened) -> Self:
        """The entry of an event."""
        plain = {name: getattr(happened, name) for name in cls.model_fields if name not in ("log", "fields")}
        return cls(**plain, log=happened.log.value, fields=_texts(happened.fields))


class History(Message):
    """A page of events, oldest first; ``next_version`` is the ``after_version`` of the next page, 0 behind the last."""

    events: tuple[HistoryEntry, ...]
    next_version: int


class GetResourceAt(Message):
    """What to look at, and when: behind a position of its log, at a time, or now."""

    aggregate_type: AggregateType = Field(examples=["user"])
    aggregate_id: Id
    position: int | None = Field(default=None, ge=0, description="Behind the event at this position of its log.")
    time: datetime | None = Field(default=None, description="With everything recorded by then.")

    @model_validator(mode="after")
    def _one_point(self) -> Self:
        if self.position is not None and self.time is not None:
            raise ValueError("give a position or a time, not both")
        if self.time is not None and self.time.tzinfo is None:
            raise ValueError("a time needs its zone")
        return self


class RowThen(Message):
    """A row of a view. ``cells`` are JSON texts by column."""

    view: str
    cells: dict[str, str]


class ResourceThen(Message):
    """What a resource was. ``state`` is what decisions were made on, ``rows`` what queries showed."""

    log: str
    version: int
    position: int = Field(description="Of the event that made it so.")
    created_at: datetime
    state: dict[str, str] = Field(description='JSON texts by name; a hidden value reads `"(hidden)"`.')
    rows: tuple[RowThen, ...]


def list_history(request: ListHistory, ctx: Context) -> Decision[History]:
    """List the events of one aggregate: what happened, when, by whom and from where. Hashes and secrets are hidden."""
    ctx.authorize()
    found = ctx.ask(HistoryOf(request.aggregate_type, request.aggregate_id, request.after_version, request.limit))
    if not found and not request.after_version:
        raise NotFound
    more = found[-1].version if len(found) == request.limit else 0
    return Decision(History(events=tuple(HistoryEntry.of(one) for one in found), next_version=more))


def get_resource_at(request: GetResourceAt, ctx: Context) -> Decision[ResourceThen]:
    """Get what an aggregate was at a position of its log or at a time, folded from its events up to there."""
    ctx.authorize()
    then = ctx.ask(ThenOf(request.aggregate_type, request.aggregate_id, Point(request.position, request.time)))
    if not then.version or then.created_at is None:
        raise NotFound("There was no such resource then")
    return Decision(_shown(then, then.created_at))


def _shown(then: Then, created_at: datetime) -> ResourceThen:
    return ResourceThen(
        log=then.log.value,
        version=then.version,
        position=then.position,
        created_at=created_at,
        state=_texts(then.state),
        rows=tuple(RowThen(view=view, cells=_texts(cells)) for view, cells in then.rows.items()),
    )


def _texts(fields: Mapping[str, JsonValue]) -> dict[str, str]:
    """JSON texts: values of every kind in a form that every surface carries; NUL is written as an escape."""
    return {name: json.dumps(value, ensure_ascii=False) for name, value in fields.items()}
