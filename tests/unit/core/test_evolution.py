"""What holds for every aggregate and projection of the slices, whatever happened."""

import functools
from datetime import UTC, datetime
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from hexkeep.core.application.state import GrantType
from hexkeep.core.kernel import rows
from hexkeep.core.kernel.aggregate import AnyAggregate
from hexkeep.core.kernel.event import Event, Recorded
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.view import Projection, Table
from hexkeep.core.saml.settings import (
    SamlAttribute,
    SamlEndpoint,
    SamlLogoutEndpoint,
    SamlOptions,
    SamlProviderMetadata,
)
from hexkeep.core.user.events import UserRemoved
from tests.unit.core.worlds import SLICES

AGGREGATES = [aggregate for one in SLICES for aggregate in one.aggregates]
EVENTS = [event for aggregate in AGGREGATES for event in aggregate.events]
BY_ID = [
    (aggregate, projection, table)
    for one in SLICES
    for aggregate in one.aggregates
    for projection in one.projections
    for table in projection.tables
    if table.of == aggregate.name
]
QUICK = settings(max_examples=30, deadline=None)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
M = TypeVar("M", bound=BaseModel)


def any_of(model: type[M], **chosen: st.SearchStrategy[Any]) -> st.SearchStrategy[M]:
    """Any value of this model; it has no signature to be read before it is used."""
    model.model_rebuild()
    return st.builds(model, **chosen)


GRANTS = st.lists(st.sampled_from([GrantType.AUTHORIZATION_CODE.value, GrantType.REFRESH_TOKEN.value])).map(tuple)
LINES = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=20)
MANY = st.lists(LINES, max_size=2).map(tuple)
ATTRIBUTES = any_of(SamlAttribute, name=LINES, friendly_name=LINES, metadata_key=LINES)
PROVIDERS = any_of(
    SamlProviderMetadata,
    entity_id=LINES,
    assertion_consumer_services=st.lists(any_of(SamlEndpoint, url=LINES), max_size=2).map(tuple),
    single_logout_services=st.lists(any_of(SamlLogoutEndpoint, url=LINES, binding=LINES), max_size=2).map(tuple),
    signing_certificates=MANY,
    encryption_certificates=MANY,
    name_id_formats=MANY,
)
"""What decisions have read of a service provider's metadata."""
CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "auth_method": st.sampled_from(["basic", "post", "none"]),
    "grant_types": GRANTS,
    "application_type": st.sampled_from(["web", "spa", "native"]),
    "metadata": PROVIDERS,
    "options": any_of(SamlOptions, attributes=st.lists(ATTRIBUTES, max_size=3).map(tuple)),
}
"""Fields that decisions fill from closed sets."""


@functools.cache
def built(kind: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of this class."""
    return any_of(kind, **{name: CHOICES[name] for name in kind.model_fields if name in CHOICES})


def events(*kinds: type[Event]) -> st.SearchStrategy[Event]:
    """Any event of these classes."""
    return st.sampled_from(kinds).flatmap(built)


def recorded(aggregate: AnyAggregate, event: Event, version: int) -> Recorded[Event]:
    """The event as the log holds it."""
    return Recorded(event, "main", aggregate.log, version, aggregate.name, "x", version, NOW, "", "")


def lives(aggregate: AnyAggregate) -> st.SearchStrategy[list[Event]]:
    """Histories as decisions make them: born, changed in any way, removed, erased or neither."""
    births = [kind for kind in aggregate.events if kind.__name__.endswith("Added") and "Role" not in kind.__name__]
    ends = {f"{aggregate.name}.removed", f"{aggregate.name}.erased"}
    deaths = [kind for kind in aggregate.events if kind.type in ends]
    changes = [kind for kind in aggregate.events if kind not in {*births, *deaths}]
    return st.tuples(
        events(*births),
        st.lists(events(*changes), max_size=8),
        st.lists(events(*deaths), max_size=1) if deaths else st.just([]),
    ).map(lambda parts: [parts[0], *parts[1], *parts[2]])


def test_models_are_sound() -> None:
    """Each message and event can be made and read: they are put together at their first use, not at the start."""
    messages = [model for one in SLICES for each in one.operations for model in (each.input, each.output)]
    assert all(model.model_rebuild(force=True) for model in {*messages, *EVENTS})


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda aggregate: aggregate.name)
@QUICK
@given(data=st.data())
def test_evolve_is_total(aggregate: AnyAggregate, data: st.DataObject) -> None:
    """Any events in any order, foreign ones included, make a state that can be hashed, and never an error."""
    state = aggregate.fold(data.draw(st.lists(events(*EVENTS), max_size=8)))
    assert isinstance(state, type(aggregate.initial))
    assert hash(state) == hash(state)


@pytest.mark.parametrize("aggregate", AGGREGATES, ids=lambda aggregate: aggregate.name)
@QUICK
@given(data=st.data())
def test_foreign_events_change_nothing(aggregate: AnyAggregate, data: st.DataObject) -> None:
    """An event of another aggregate leaves a state as it was."""
    state = aggregate.fold(data.draw(lives(aggregate)))
    foreign = [kind for kind in EVENTS if kind not in aggregate.events]
    assert aggregate.evolve(state, data.draw(events(*foreign))) == state


@pytest.mark.parametrize(("aggregate", "projection", "table"), BY_ID, ids=lambda value: getattr(value, "name", ""))
@QUICK
@given(data=st.data())
def test_rows_equal_the_state(
    aggregate: AnyAggregate, projection: Projection, table: Table, data: st.DataObject
) -> None:
    """After any life the row says what the state says, stands at the same version, and is gone when it is gone."""
    life = data.draw(lives(aggregate))
    found: rows.Rows = {}
    for version, event in enumerate(life, start=1):
        for operation in projection.operations(recorded(aggregate, event, version)):
            if operation.table is table:
                rows.apply(found, operation)
    state = aggregate.fold(life)
    assert (("x",) in found) == state.exists
    if state.exists:
        row = found[("x",)]
        assert row["version"] == len(life)
        assert _shared(row, state) == _shared_of(state, row)


def _shared(row: Any, state: Any) -> dict[str, object]:
    return {name: row[name] for name in _names(row, state)}


def _shared_of(state: Any, row: Any) -> dict[str, object]:
    return {name: getattr(state, name) for name in _names(row, state)}


def _names(row: Any, state: Any) -> set[str]:
    names = {name for name in row if hasattr(state, name)}
    assert {"organization_id", "status"} & names
    return names


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
@QUICK
@given(data=st.data())
def test_events_survive_their_json(event: type[Event], data: st.DataObject) -> None:
    """What is written is what is read."""
    drawn = data.draw(built(event))
    assert event.from_fields(event.revision, drawn.model_dump(mode="json")) == drawn


def test_removed_resources_never_exist_again() -> None:
    """Removal is a state of its own: an id that was used is told from one that is free."""
    for aggregate in AGGREGATES:
        for kind in (kind for kind in aggregate.events if kind.type == f"{aggregate.name}.removed"):
            if hasattr(aggregate.initial, "status"):
                assert aggregate.fold([kind()]).status == Status.REMOVED.value


def test_removing_a_user_drops_the_users_memberships_from_view() -> None:
    """The memberships' projection listens to users, for its rows are not one aggregate's."""
    projections = {projection.name: projection for one in SLICES for projection in one.projections}
    assert UserRemoved in projections["memberships"].events
