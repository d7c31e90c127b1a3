"""Groups, grants and metadata over REST, on each database: what is given is seen by whom it is given to."""

import asyncio
import base64
from collections.abc import Callable
from typing import Any

from tests.e2e.rest import MANAGEMENT, ROLE, Person, Rest, World
from tests.waiting import until


async def shown(rest: Rest, path: str, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Wait until a list says so: it may be a moment behind what was written before it."""

    async def look() -> bool:
        return wanted(await asyncio.to_thread(rest.get, path))

    await until(look)


def signed_in(world: World, person: Person) -> Rest:
    """The person, calling for themselves."""
    rest = Rest(world.server)
    rest.sign_in(person.user_name, person.password)
    return rest


async def test_members_of_a_group_have_its_roles_until_they_leave(world: World) -> None:
    """In the member's own list, and out of it again."""
    grace = world.person("grace")
    group_id = world.rest.post(f"{MANAGEMENT}/groups", organization_id=world.organization_id, name="Clerks")["group_id"]
    world.rest.post(f"{MANAGEMENT}/groups/{group_id}/members", user_ids=[grace.user_id])
    given = world.rest.post(
        f"{MANAGEMENT}/authorizations", group_id=group_id, project_id=world.project_id, roles=[ROLE]
    )
    with signed_in(world, grace) as own:
        mine = "/auth/v1/me/authorizations"
        await shown(own, mine, lambda page: _ids(page) == [given["authorization_id"]])
        assert [one["name"] for one in own.get("/auth/v1/me/groups")["groups"]] == ["Clerks"]
        await shown(world.rest, f"{MANAGEMENT}/groups/{group_id}/members", lambda page: len(page["members"]) == 1)
        await shown(world.rest, f"{MANAGEMENT}/groups?name=LERK", lambda page: len(page["groups"]) == 1)
        world.rest.post(f"{MANAGEMENT}/groups/{group_id}/members/remove", user_ids=[grace.user_id])
        await shown(own, mine, lambda page: _ids(page) == [])
        assert own.get("/auth/v1/me/groups")["groups"] == []


def _ids(page: dict[str, Any]) -> list[str]:
    return [one["authorization_id"] for one in page["authorizations"]]


async def test_granted_project_is_given_on_by_the_other_organization(world: World) -> None:
    """Its manager sees the project, gives the granted role to one of its own, and no other."""
    other = world.rest.post("/admin/v1/organizations", name="Other")["organization_id"]
    manager = world.person("manager")
    world.rest.post(f"{MANAGEMENT}/projects/{world.project_id}/roles", key="auditor")
    grant = world.rest.post(
        f"{MANAGEMENT}/project-grants", project_id=world.project_id, granted_organization_id=other, roles=[ROLE]
    )["project_grant_id"]
    member = {"user_id": manager.user_id, "level": "organization", "scope_id": other, "roles": ["ORGANIZATION_OWNER"]}
    world.rest.post(f"{MANAGEMENT}/memberships", **member)
    theirs = {"organization_id": other, "user_name": "theirs", "given_name": "T", "email": "t@example.com"}
    user_id = world.rest.post(f"{MANAGEMENT}/users/human", **theirs)["user_id"]
    with signed_in(world, manager) as rest:
        granted = f"{MANAGEMENT}/granted-projects"
        await shown(rest, granted, lambda page: [one["name"] for one in page["granted_projects"]] == ["Shop"])
        refused = {"user_id": user_id, "project_grant_id": grant, "roles": ["auditor"]}
        assert rest.send("POST", f"{MANAGEMENT}/authorizations", json=refused).status_code == 400
        rest.post(f"{MANAGEMENT}/authorizations", user_id=user_id, project_grant_id=grant, roles=[ROLE])
        under = f"{MANAGEMENT}/authorizations?project_grant_id={grant}"
        await shown(rest, under, lambda page: [one["user_id"] for one in page["authorizations"]] == [user_id])
        assert rest.send("GET", f"{MANAGEMENT}/project-grants/{grant}").status_code == 404
    grants = f"{MANAGEMENT}/project-grants?project_id={world.project_id}"
    await shown(world.rest, grants, lambda page: [one["roles"] for one in page["project_grants"]] == [[ROLE]])
    assert world.rest.send("DELETE", f"{MANAGEMENT}/projects/{world.project_id}/roles/{ROLE}").status_code == 409


def test_metadata_is_kept_and_read_by_its_user(world: World) -> None:
    """Any bytes, under keys with any characters but a slash; the user's own view shows the same."""
    linus = world.person("linus")
    metadata = f"{MANAGEMENT}/users/{linus.user_id}/metadata"
    value = base64.b64encode(b"\x00\xffpink").decode()
    assert world.rest.send("PUT", f"{metadata}/app%20colour%C3%A9", json={"value": value}).is_success
    world.rest.post(metadata, entries=[{"key": "app.size", "value": value}, {"key": "crm", "value": ""}])
    assert world.rest.get(f"{metadata}/app%20colour%C3%A9")["value"] == value
    assert [one["key"] for one in world.rest.get(f"{metadata}?key_prefix=app")["entries"]] == [
        "app colour\u00e9",
        "app.size",
    ]
    with signed_in(world, linus) as own:
        assert len(own.get("/auth/v1/me/metadata")["entries"]) == 3
    assert world.rest.send("DELETE", f"{metadata}?keys=crm&keys=app.size").is_success
    assert len(world.rest.get(metadata)["entries"]) == 1
    organization = f"{MANAGEMENT}/organizations/{world.organization_id}/metadata/cost-centre"
    assert world.rest.send("PUT", organization, json={"value": value}).is_success
    assert world.rest.get(organization) == {"key": "cost-centre", "value": value}


def test_roles_that_there_are_are_told(world: World) -> None:
    """To anybody who is signed in."""
    with signed_in(world, world.person("barbara")) as rest:
        roles = rest.get(f"{MANAGEMENT}/roles?level=project_grant")["roles"]
    assert [one["name"] for one in roles] == ["PROJECT_GRANT_OWNER", "PROJECT_GRANT_VIEWER"]
