"""The Python client against a real server: blocking and awaited, errors, pages, positions, credentials, streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import httpx2
import pytest

from hexkeep.client import AsyncClient, Client, ClientSecret, MachineKey
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.project import SLICE as PROJECT
from hexkeep.core.project.commands import CreateProject
from hexkeep.core.user.queries import UserSort, UserView
from tests.surfaces.site import Site, Tenant, serving
from tests.waiting import until

HOST = "acme.example.com"
T = TypeVar("T")


class Place:
    """One instance on a server, and clients of it."""

    def __init__(self, site: Site, tenant: Tenant) -> None:
        self.site = site
        self.tenant = tenant
        self.url = site.http
        self.awaiting = httpx2.AsyncClient(headers={"host": tenant.host}, trust_env=False, timeout=60)
        self.blocked = httpx2.Client(headers={"host": tenant.host}, trust_env=False, timeout=60)

    def client(self, who: str = "root") -> AsyncClient:
        """Who is signed in."""
        return AsyncClient(self.url, self.tenant.tokens[who], http=self.awaiting)

    def blocking(self, who: str = "root") -> Client:
        """The same, for another thread."""
        return Client(self.url, self.tenant.tokens[who], http=self.blocked)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server with an instance."""
    async with serving(tmp_path) as site:
        one = Place(site, await site.instance(HOST))
        async with one.awaiting:
            yield one
        one.blocked.close()


async def test_awaited(place: Place) -> None:
    """A resource is made, read, changed on the version that was seen, and removed."""
    client = place.client()
    me = await client.user.get_my_user()
    made = await client.project.create_project(organization_id=me.organization_id, name="Atlas")
    shown = await client.project.get_project(project_id=made.project_id)
    assert (shown.name, shown.status) == ("Atlas", Status.ACTIVE)
    await client.project.update_project(project_id=made.project_id, name="Globe", expected_version=shown.version)
    with pytest.raises(VersionConflict) as refused:
        await client.project.delete_project(project_id=made.project_id, expected_version=shown.version)
    assert (refused.value.expected, refused.value.actual) == (shown.version, shown.version + 1)
    await client.project.delete_project(project_id=made.project_id)
    with pytest.raises(NotFound):
        await client.project.get_project(project_id=made.project_id)


async def test_lists_show_what_was_written_and_go_over_all_pages(place: Place) -> None:
    """Positions pass by themselves, pages follow each other; the total is that of the page."""
    client = place.client()
    organization = (await client.user.get_my_user()).organization_id
    names = [f"robot-{number}" for number in range(5)]
    for name in names:
        await client.user.create_machine_user(organization_id=organization, user_name=name)
    listing = client.user.list_users(limit=2, sort=UserSort.USER_NAME, user_name="robot-")
    found: list[UserView] = [user async for user in listing]
    assert [user.user_name for user in found] == names
    page = await client.user.list_users(limit=2, count=True, user_name="robot-").page()
    assert (len(page.users), page.total) == (2, 5)
    assert client.positions
    late = AsyncClient(place.url, place.tenant.tokens["root"], http=place.awaiting, positions=client.positions)
    assert len([user async for user in late.user.list_users(user_name="robot-")]) == len(names)


async def test_blocking(place: Place) -> None:
    """The same without an event loop: calls, lists and errors."""

    def work() -> list[str]:
        client = place.blocking()
        organization = client.user.get_my_user().organization_id
        for name in ("one", "two", "three"):
            client.user.create_machine_user(organization_id=organization, user_name=name)
        with pytest.raises(AlreadyExists) as taken:
            client.user.create_machine_user(organization_id=organization, user_name="one")
        assert taken.value.kind == "user_name"
        return [user.user_name for user in client.user.list_users(limit=1, sort=UserSort.USER_NAME)]

    assert {"one", "two", "three"} <= set(await asyncio.to_thread(work))


async def test_errors_are_those_of_the_tree(place: Place) -> None:
    """What is wrong is told by the server or before it is asked, in the same classes."""
    client = place.client("alice")
    with pytest.raises(PermissionDenied):
        await client.organization.create_organization(name="Mine")
    with pytest.raises(InvalidInput) as slip:
        await client.project.create_project(organization_id="", name="x" * 300)
    assert {one.field for one in slip.value.violations} == {"organization_id", "name"}
    with pytest.raises(InvalidInput) as refused:
        await client.call("CreateProject", organization_id="", name="")
    assert {one.field for one in refused.value.violations} == {"organization_id", "name"}
    assert "request " in refused.value.__notes__[0]
    with pytest.raises(Unauthenticated):
        await AsyncClient(place.url, "nonsense", http=place.awaiting).user.get_my_user()


async def test_by_name_and_by_operation(place: Place) -> None:
    """Operations are reached by their name, with what the server says of them, and as such."""
    client = place.client()
    me = await client.call("GetMyUser")
    assert isinstance(me, dict)
    organization = str(me["organization_id"])
    operation = next(one for one in PROJECT.operations if one.name == "CreateProject")
    made = await client.run(operation, CreateProject(organization_id=organization, name="Atlas"), idempotency_key="a")
    again = await client.call("CreateProject", organization_id=organization, name="Atlas", idempotency_key="a")
    assert again == {"project_id": made.project_id}
    assert await client.call("UpdateProject", project_id=made.project_id, name="Globe") == {}
    with pytest.raises(NotFound):
        await client.call("CreateUnicorn")


async def test_machines_get_tokens_by_themselves(place: Place) -> None:
    """A key file and a client secret each do for a token; one that is refused is replaced by another."""
    administrator = place.client()
    organization = (await administrator.user.get_my_user()).organization_id
    robot = await administrator.user.create_machine_user(organization_id=organization, user_name="importer")
    key = await administrator.machine_key.create_machine_key(user_id=robot.user_id)
    secret = await administrator.user.generate_client_secret(user_id=robot.user_id)
    machine = MachineKey(key.key_file)
    for credentials in (machine, ClientSecret(secret.client_id, secret.client_secret)):
        client = AsyncClient(place.url, credentials, http=place.awaiting)
        assert (await client.user.get_my_user()).user_id == robot.user_id
    machine._token = "ended"  # noqa: SLF001 - as if it had been revoked
    client = AsyncClient(place.url, machine, http=place.awaiting)
    assert (await client.user.get_my_user()).user_id == robot.user_id
    with pytest.raises(Unauthenticated) as refused:
        await AsyncClient(place.url, ClientSecret(secret.client_id, "x"), http=place.awaiting).user.get_my_user()
    assert refused.value.details == {"error": "invalid_client"}


async def test_a_function_is_asked_for_tokens(place: Place) -> None:
    """One that answers at once or later; the blocking client refuses what has to be awaited."""
    token = place.tenant.tokens["alice"]

    async def later() -> str:
        await asyncio.sleep(0)
        return token

    for source in (lambda: token, later):
        client = AsyncClient(place.url, source, http=place.awaiting)
        assert (await client.user.get_my_user()).user_name == "alice"
    with pytest.raises(RuntimeError, match="AsyncClient"):
        Client(place.url, later, http=place.blocked).user.get_my_user()


async def test_streams_go_on_where_they_were(tmp_path: Path) -> None:
    """Events come as they happen, each once, over as many connections as it takes."""
    async with serving(tmp_path, http={"longest_stream": 0.3}) as site:
        place = Place(site, await site.instance(HOST))
        async with place.awaiting:
            client = place.client()
            organization = (await client.user.get_my_user()).organization_id
            names = [f"Project {number}" for number in range(3)]
            begin = datetime.now(UTC)

            async def ended() -> bool:
                return site.embedded.iam.machinery.streams.open == 0

            async def work() -> None:
                for name in names:
                    await client.project.create_project(organization_id=organization, name=name)
                    await until(ended, 30.0)

            writing = asyncio.create_task(work())
            found: list[str] = []
            async with client.history.watch_events(since=begin, aggregate_type="project") as stream:
                async for event in stream:
                    found += [json.loads(event.fields["name"])] if event.type == "project.added" else []
                    if len(found) == len(names):
                        break
            await writing
            assert found == names
        place.blocked.close()


async def test_a_stream_blocks(place: Place) -> None:
    """Without an event loop as well; its cursor stands behind what was taken, for whoever goes on."""

    def work() -> None:
        client = place.blocking()
        organization = client.user.get_my_user().organization_id
        with client.history.watch_events(since=datetime(2020, 1, 1, tzinfo=UTC)) as stream:
            events = iter(stream)
            first = next(events)
            before = stream.cursor
            client.project.create_project(organization_id=organization, name="Atlas")
            last = next(event for event in events if event.type == "project.added" and "Atlas" in event.fields["name"])
            assert before != stream.cursor
        assert first.aggregate_id != last.aggregate_id
        with client.history.watch_events(cursor=stream.cursor) as stream:
            assert last in next(stream.batches()).events

    await asyncio.to_thread(work)
