"""Searching, following and looking back at events: who may, what is asked for, and what of it is shown to whom."""

import base64
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import httpx
import pytest
from pydantic import JsonValue

from hexkeep.adapters.rest.app import create_rest_app
from hexkeep.core.history import SLICE
from hexkeep.core.history.search import (
    EventPage,
    GetResourceHistory,
    ListEvents,
    ListMyEvents,
    ListOrganizationEvents,
    WatchEvents,
)
from hexkeep.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.event import Log
from hexkeep.core.kernel.history import Found, Happened, Place
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import ANONYMOUS, INSTANCE, ROLES, Caller, CallerKind, Level, Membership, Scope
from hexkeep.ports.api import Bearer, Meta, System
from hexkeep.testing.decisions import NOW, Kit, World
from tests.unit.core.tenants import Land, land

KIT = Kit(SLICE)
PLACES = (Place(Log.DURABLE, 1, 7), Place(Log.ACTIVITY, 1, 9))
ORGANIZATION = Scope(Level.ORGANIZATION, "acme")
HAPPENED = Happened(
    *(Log.DURABLE, "user", "ada", "user.renamed", 1, 2, 7, NOW, "bob", "call-1", "rest", "192.0.2.1", "agent", "app"),
    fields={"name": "Ada"},
)


def holding(role: str, scope: Scope) -> Caller:
    """A user with one role."""
    return Caller(CallerKind.USER, user_id="ada", memberships=(Membership(ROLES[role], scope),))


def world(*events: Happened, more: bool = False) -> World:
    """A world in which any search finds this."""
    given = KIT.given()
    return replace(given, answerer=replace(given.answerer, found=Found(events, PLACES, more)))


@pytest.mark.parametrize("role", ["ORGANIZATION_OWNER", "ORGANIZATION_VIEWER"])
def test_managers_see_their_organization_and_no_other(role: str) -> None:
    """The permission is held at the organization; it is worth nothing at another, nor for the whole instance."""
    caller = world(HAPPENED).as_(holding(role, ORGANIZATION))
    assert len(caller.when(ListOrganizationEvents(organization_id="acme")).result.events) == 1
    assert (
        len(
            caller.when(
                GetResourceHistory(organization_id="acme", aggregate_type="user", aggregate_id="ada")
            ).result.events
        )
        == 1
    )
    refused: list[Message] = [ListOrganizationEvents(organization_id="other"), ListEvents(), WatchEvents()]
    refused.append(GetResourceHistory(organization_id="other", aggregate_type="user", aggregate_id="ada"))
    for request in refused:
        caller.when(request).refused(PermissionDenied)


def test_the_instance_is_for_those_who_may_read_all_events() -> None:
    """Nobody is told to sign in, others are refused."""
    asked: tuple[Message, ...] = (ListEvents(), WatchEvents(), ListOrganizationEvents(organization_id="acme"))
    for request in asked:
        assert world(HAPPENED).as_(holding("INSTANCE_VIEWER", INSTANCE)).when(request).result.events
        world().as_(Caller(CallerKind.USER, user_id="ada")).when(request).refused(PermissionDenied)
        world().as_(ANONYMOUS).when(request).refused(Unauthenticated)
    world().as_(ANONYMOUS).when(ListMyEvents()).refused(Unauthenticated)


def test_a_list_ends_and_a_feed_does_not() -> None:
    """Behind the last event of a list there is no cursor; a feed always says where it goes on."""
    assert world(HAPPENED).when(ListEvents()).result.next_cursor == ""
    assert world(more=True).when(ListEvents()).result.next_cursor != ""
    assert world().when(WatchEvents()).result.next_cursor != ""


def test_a_cursor_is_good_for_its_direction() -> None:
    """What else comes back is refused, whatever it is."""
    page: EventPage = world(HAPPENED, more=True).when(ListEvents()).result
    assert world().when(ListEvents(cursor=page.next_cursor)).result
    for cursor in (page.next_cursor[:-3], "W10", "WyItIl0", "bnVsbA", "%%%", "ü", "W1tbW1tbW1tb" * 30):
        world().when(ListEvents(cursor=cursor)).refused(InvalidInput)
    world().when(ListEvents(cursor=page.next_cursor, descending=False)).refused(InvalidInput)
    world().when(WatchEvents(cursor=page.next_cursor)).refused(InvalidInput)


@pytest.mark.parametrize(
    "places",
    [
        '["+",["durable",1,-1]]',
        '["+",["durable",1,9223372036854775808]]',
        '["+",["durable",1,true]]',
        '["+",["durable",1]]',
        '["+",["elsewhere",1,1]]',
        '["+",["durable",1,1],["durable",1,2]]',
        '["+",["durable",1,1],["activity",1,2],["activity",1,3]]',
        '["+",{}]',
        '{"+":1}',
        '["+"]',
    ],
)
def test_a_made_up_cursor_is_refused(places: str) -> None:
    """It names each log once, with numbers that a position can have."""
    cursor = base64.urlsafe_b64encode(places.encode()).decode().rstrip("=")
    world().when(WatchEvents(cursor=cursor)).refused(InvalidInput)


def test_a_resource_needs_its_kind_and_a_time_its_zone() -> None:
    """Ids are those of a kind; a time without a zone means another moment in each place."""
    world().when(ListEvents(aggregate_id="ada")).refused(InvalidInput)
    for name in ("since", "until"):
        with pytest.raises(ValueError, match="zone"):
            ListEvents.model_validate({name: datetime(2026, 1, 1)})  # noqa: DTZ001 - that is the point
        with pytest.raises(ValueError, match="years"):
            ListEvents.model_validate({name: "0001-01-01T00:00:00+10:00"})


def test_a_resource_that_is_not_the_organizations_is_not_found() -> None:
    """Whether it is somebody else's or nobody's; a short page, though, is no end."""
    asked = GetResourceHistory(organization_id="acme", aggregate_type="user", aggregate_id="ada")
    world().when(asked).refused(NotFound)
    assert world(more=True).when(asked).result.events == ()


def test_of_others_one_is_told_who_and_not_from_where() -> None:
    """Of one's own account what was written; of other resources only that something was."""
    ada = Caller(CallerKind.USER, user_id="ada")
    mine = replace(HAPPENED, actor="ada", aggregate_type="project", aggregate_id="shop")
    nobody = replace(HAPPENED, actor="")
    others, own, tried = world(HAPPENED, mine, nobody).as_(ada).when(ListMyEvents()).result.events
    assert (others.actor, others.address, others.user_agent, others.client_id) == ("bob", "", "", "")
    assert others.fields == {"name": '"Ada"'}
    assert (own.address, own.user_agent, own.client_id, own.fields) == ("192.0.2.1", "agent", "app", {})
    assert tried.address == "192.0.2.1"
    world().when(ListMyEvents()).refused(NotFound)


@pytest.fixture
async def here() -> AsyncIterator[Land]:
    """Two instances with everything in each."""
    async with land() as made:
        yield made


async def test_an_organization_has_the_events_of_its_resources(here: Land) -> None:
    """Of every kind that is an organization's, and of memberships those of its places; nothing of another's."""
    north, _ = here.tenants
    first, second = (party.known["organization_id"][0] for party in north.parties)
    pages: list[Any] = []
    for organization_id in (first, second):
        fields: dict[str, JsonValue] = {"organization_id": organization_id, "limit": 1000}
        pages.append(await here.call("ListOrganizationEvents", Bearer(north.admin), north.id, **fields))
    whole = await here.call("ListEvents", Bearer(north.admin), north.id, limit=1000)
    own, others = ({(one.log, one.position) for one in page.events} for page in pages)
    assert own
    assert others
    assert not own & others
    assert own | others < {(one.log, one.position) for one in whole.events}
    kinds = {"organization", "user", "project", "application", "authorization", "session", "membership"}
    assert kinds <= {one.aggregate_type for one in pages[0].events}
    ids = {value for values in north.parties[1].known.values() for value in values} - {north.id}
    known_to_both = {value for values in north.parties[0].known.values() for value in values}
    shown = pages[0].model_dump_json()
    assert not [one for one in ids - known_to_both if one in shown]
    assert (
        await here.call("ListOrganizationEvents", Bearer(north.owner), north.id, organization_id=first, limit=1000)
        == pages[0]
    )


async def test_a_managers_history_is_of_own_resources(here: Land) -> None:
    """A project of the other organization is not found, as one that does not exist."""
    north, _ = here.tenants
    first, second = north.parties
    asked: dict[str, JsonValue] = {"organization_id": first.known["organization_id"][0], "aggregate_type": "project"}
    own = await here.call(
        "GetResourceHistory", Bearer(north.owner), north.id, **asked, aggregate_id=first.known["project_id"][0]
    )
    assert [one.type for one in own.events][-1].startswith("project.")
    for project_id in (second.known["project_id"][0], "absent"):
        with pytest.raises(NotFound):
            await here.call("GetResourceHistory", Bearer(north.owner), north.id, **asked, aggregate_id=project_id)


async def test_a_removed_resource_keeps_its_history(here: Land) -> None:
    """Who removed it is what an audit is for."""
    north, _ = here.tenants
    party = north.parties[0]
    project_id, organization_id = party.known["project_id"][0], party.known["organization_id"][0]
    await here.call("DeleteProject", Bearer(north.admin), north.id, project_id=project_id)
    asked: dict[str, JsonValue] = {"organization_id": organization_id, "aggregate_type": "project"}
    found = await here.call("GetResourceHistory", Bearer(north.owner), north.id, **asked, aggregate_id=project_id)
    assert found.events[0].type == "project.removed"


async def test_ones_own_events(here: Land) -> None:
    """What the caller did and what happened to its account, and nothing else."""
    north, _ = here.tenants
    party = north.parties[0]
    user_id, token = party.known["user_id"][0], party.known["session_token"][0]
    found = await here.call("ListMyEvents", Bearer(token), north.id, limit=1000)
    assert {one.type for one in found.events} >= {"user.human.added"}
    assert all(user_id in (one.actor, one.aggregate_id) for one in found.events)


async def test_events_of_protocols_tell_the_application(here: Land) -> None:
    """Also where nobody has a token yet: a request to sign in, a code that is redeemed, a program that asks for one."""
    north, _ = here.tenants
    party = north.parties[0]
    (client_id,) = party.known["client_id"]
    found = await here.call("ListEvents", Bearer(north.admin), north.id, client_id=client_id, limit=1000)
    kinds = {one.aggregate_type for one in found.events}
    assert {"auth_request", "token_family"} <= kinds
    requested = [one for one in found.events if one.aggregate_type == "auth_request"]
    assert all(one.client_id == client_id for one in requested)


async def test_an_event_tells_user_application_address_agent_and_api(here: Land) -> None:
    """Of a call over REST with an application's token; found by each of them, and by the call's id."""
    north, _ = here.tenants
    client_id = north.parties[0].known["client_id"][0]
    transport = httpx.ASGITransport(app=cast("Any", create_rest_app(here.iam)), client=("203.0.113.7", 1))
    headers = {"authorization": f"Bearer {north.admin_access}", "user-agent": "Shop/1.0", "x-request-id": "call-7"}
    async with httpx.AsyncClient(transport=transport, base_url="https://north.example.com", headers=headers) as http:
        fields = {"organization_id": north.parties[0].known["organization_id"][0], "name": "Audited"}
        created = await http.post("/management/v1/projects", json=fields)
        assert created.status_code == 201, created.text
        admin = (await http.get("/auth/v1/me")).json()["user_id"]
        filters = {"client_id": client_id, "actor": admin, "surface": "rest", "correlation_id": "call-7"}
        pages = [
            (await http.get("/admin/v1/events", params=each)).json()
            for each in (
                {**filters},
                *(
                    {name: value, "aggregate_type": "project", "aggregate_id": created.json()["project_id"]}
                    for name, value in filters.items()
                ),
            )
        ]
    for page in pages:
        (event,) = page["events"]
        assert (event["type"], event["actor"], event["client_id"]) == ("project.added", admin, client_id)
        assert (event["address"], event["user_agent"], event["surface"]) == ("203.0.113.7", "Shop/1.0", "rest")


async def test_a_stream_is_one_call_for_limits(here: Land) -> None:
    """However many batches are asked for; the next stream is another."""
    north, _ = here.tenants
    await here.call("SetInstanceLimits", System(), "", instance_id=north.id, calls_per_minute=2)
    watch, meta = here.iam.operation("WatchEvents"), Meta(host="north.example.com")
    fields: dict[str, JsonValue] = {"since": "2020-01-01T00:00:00Z", "limit": 1}
    for _ in range(2):
        async with aclosing(here.iam.stream_json(watch, fields, Bearer(north.admin), meta)) as batches:
            for _ in range(5):
                assert len((await anext(batches)).output.model_dump()["events"]) == 1
    with pytest.raises(ResourceExhausted):
        await anext(here.iam.stream_json(watch, fields, Bearer(north.admin), meta))
