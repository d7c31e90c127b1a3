"""A noun that a distribution of its own adds is on every surface as if it were ours, and as well guarded."""

import json
import os
import runpy
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hexkeep.client import Client
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.operation import AnyOperation
from tests.architecture.source import ROOT
from tests.e2e.carriers import Carrier, Command, Curl, Native, Refused, Rest, Web
from tests.e2e.grpc_client import Grpc
from tests.e2e.rest import World
from tests.e2e.server import HexkeepServer, serving
from tests.e2e.test_examples import copied, ran
from tests.unit.cli.server import TIMEOUT

pytestmark = pytest.mark.timeout(TIMEOUT)

EXAMPLE = ROOT / "examples" / "slice-plugin"
SERVICE = "hexkeep.management.v1.BadgeService"
CARRIERS = ("rest", "grpc", "grpc-web", "connect", "command")
EMBEDDED = """
import asyncio, hexkeep, json
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.ports.api import Bearer

async def main():
    async with hexkeep.open() as iam:
        system = await iam.client()
        async def session(name, password):
            made = await system.call_json("CreateSession", {"login_name": name, "password": password})
            return await iam.client(Bearer(made["session_token"]))
        organization = (await system.call_json("GetMyInstance", {}))["default_organization_id"]
        person = {"given_name": "Kim", "email": "k@example.org", "password": "nine plain umbrellas"}
        new_user = {"organization_id": organization, "user_name": "kim", **person}
        user = await system.call_json("CreateHumanUser", new_user)
        kim = await session("kim", "nine plain umbrellas")
        new = {"organization_id": organization, "name": "Helpful"}
        try:
            await kim.call_json("CreateBadge", new)
        except PermissionDenied as error:
            refused = error.code
        place = {"level": "organization", "scope_id": organization, "roles": ["BADGE_KEEPER"]}
        await system.call_json("CreateMembership", {"user_id": user["user_id"], **place})
        kim = await session("kim", "nine plain umbrellas")
        one = await kim.call_json("CreateBadge", new)
        await kim.call_json("UpdateBadge", {**one, "description": "Helps", "expected_version": 1})
        listed = await kim.call_json("ListBadges", {"count": True})
        print(json.dumps([refused, one, listed["total"], listed["badges"]]))

asyncio.run(main())
"""


@dataclass(frozen=True)
class Place:
    """A server with the plugin, its administrator, and people of its organization with and without the new role."""

    world: World
    carriers: Mapping[str, Carrier]
    operations: Mapping[str, AnyOperation]
    administrator: str
    keeper: str
    owner: str

    def call(self, carrier: str, name: str, fields: Mapping[str, Any], token: str) -> dict[str, Any]:
        """The answer; raises ``Refused``."""
        return self.carriers[carrier].call(self.operations[name], fields, token)

    def refusal(self, carrier: str, name: str, fields: Mapping[str, Any], token: str) -> str:
        """The code of the error that a call ends with."""
        with pytest.raises(Refused) as refused:
            self.call(carrier, name, fields, token)
        return refused.value.code


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the distribution, built and installed as anybody's would be; this process knows it too."""
    folder = tmp_path_factory.mktemp("plugin")
    target = folder / "installed"
    command: list[str | Path] = [Path(sys.executable).with_name("uv"), "pip", "install", "--offline", "--no-deps"]
    source = copied("slice-plugin", folder / "source")
    subprocess.run([*command, "--quiet", "--python", sys.executable, "--target", target, source], check=True)
    sys.path.append(str(target))
    yield target
    sys.path.remove(str(target))


@pytest.fixture(scope="module")
def place(plugin: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The plugin at work in a real server."""
    from hexkeep_badges import SLICE  # type: ignore[import-not-found]  # it has just been installed

    with (
        serving(tmp_path_factory.mktemp("server"), {"PYTHONPATH": str(plugin)}) as server,
        Grpc(server.grpc, authority=f"localhost:{server.port}") as client,
    ):
        world = World(server, _rest(server))
        administrator = world.rest.sign_in(server.administrator.user_name, server.administrator.password)
        carriers: Mapping[str, Carrier] = {
            "rest": Rest(server),
            "grpc": Native(server, client, SERVICE),
            "grpc-web": Web(server, client, SERVICE),
            "connect": Curl(server, SERVICE),
            "command": Command(server),
        }
        operations = {one.name: one for one in SLICE.operations}
        keeper, owner = (_member(world, role) for role in ("BADGE_KEEPER", "ORGANIZATION_OWNER"))
        yield Place(world, carriers, operations, administrator, keeper, owner)
        world.rest.close()


def _rest(server: HexkeepServer) -> Any:
    from tests.e2e import rest

    return rest.Rest(server)


def _member(world: World, role: str) -> str:
    """The session token of somebody with that role in the organization and no other."""
    person = world.person(role.lower().replace("_", "-"))
    place = {"level": "organization", "scope_id": world.organization_id}
    world.rest.post("/management/v1/memberships", user_id=person.user_id, roles=[role], **place)
    opened = world.rest.post("/auth/v1/sessions", login_name=person.user_name, password=person.password)
    token: str = opened["session_token"]
    return token


@pytest.mark.parametrize("carrier", CARRIERS)
def test_badges_are_kept_over_every_surface(place: Place, carrier: str) -> None:
    """Made, changed by a mask at the version that was seen, read, and retired, by somebody with the plugin's role."""
    organization = place.world.organization_id
    new = {"organization_id": organization, "name": f"By {carrier}", "description": "First"}
    badge_id = place.call(carrier, "CreateBadge", new, place.keeper)["badge_id"]
    one = {"badge_id": badge_id}
    assert place.refusal(carrier, "CreateBadge", new, place.keeper) == "already_exists"
    place.call(carrier, "UpdateBadge", {**one, "update_mask": "description", "expected_version": 1}, place.keeper)
    seen = place.call(carrier, "GetBadge", one, place.keeper)
    assert (seen["name"], seen.get("description", ""), int(seen["version"])) == (f"By {carrier}", "", 2)
    stale = {**one, "expected_version": 1}
    assert place.refusal(carrier, "UpdateBadge", {**stale, "name": "No"}, place.keeper) == "version_conflict"
    assert place.refusal(carrier, "RetireBadge", stale, place.keeper) == "version_conflict"
    place.call(carrier, "RetireBadge", one, place.keeper)
    assert place.call(carrier, "GetBadge", one, place.keeper)["retired"] is True


@pytest.mark.parametrize("carrier", CARRIERS)
def test_badges_are_listed_over_every_surface(place: Place, carrier: str) -> None:
    """In pages, in the order that was asked for, and counted."""
    organization = place.world.organization_id
    for name in (f"A {carrier}", f"Z {carrier}"):
        place.call("rest", "CreateBadge", {"organization_id": organization, "name": name}, place.keeper)
    place.call("rest", "ListBadges", {}, place.keeper)  # waits until lists show them
    asked = {"organization_id": organization, "limit": 1, "count": True, "sort": "name", "descending": True}
    first = place.call(carrier, "ListBadges", asked, place.keeper)
    [last] = first["badges"]
    assert last["name"].startswith("Z ")
    assert int(first["total"]) > 1
    behind = place.call(carrier, "ListBadges", {**asked, "cursor": first["next_cursor"]}, place.keeper)
    assert behind["badges"][0]["name"] < last["name"]


@pytest.mark.parametrize("carrier", CARRIERS)
def test_permission_of_the_plugin_is_enforced_on_every_surface(place: Place, carrier: str) -> None:
    """Whoever owns the organization has every role of ours there, and still neither makes badges nor learns of any."""
    new = {"organization_id": place.world.organization_id, "name": f"Not by {carrier}"}
    assert place.refusal(carrier, "CreateBadge", new, place.owner) == "permission_denied"
    badge = place.call("rest", "CreateBadge", {**new, "name": f"Hidden from {carrier}"}, place.administrator)
    for one in (badge, {"badge_id": "there-is-none"}):
        assert place.refusal(carrier, "GetBadge", one, place.owner) == "permission_denied"
        for name in ("UpdateBadge", "RetireBadge"):
            assert place.refusal(carrier, name, one, place.owner) == "not_found"
    assert place.refusal(carrier, "ListBadges", {}, place.owner) == "permission_denied"


def test_badges_in_an_embedding_program(plugin: Path, tmp_path: Path) -> None:
    """Another program that opens Hexkeep has the noun as well, and its role."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEXKEEP_")}
    chosen = {"HEXKEEP_STORAGE__ADAPTER": "memory", "HEXKEEP_DATA__FOLDER": str(tmp_path), "PYTHONPATH": str(plugin)}
    told = ran([sys.executable, "-c", EMBEDDED], {**own, **chosen}, tmp_path)
    refused, one, total, [badge] = json.loads(told)
    assert (refused, total, badge["badge_id"]) == ("permission_denied", 1, one["badge_id"])
    assert (badge["description"], badge["version"]) == ("Helps", 2)


def test_roles_of_the_plugin_are_listed(place: Place) -> None:
    """Who gives roles sees them, with what they permit."""
    listed = place.world.rest.get("/management/v1/roles")["roles"]
    assert {one["name"]: one["permissions"] for one in listed if one["name"].startswith("BADGE")} == {
        "BADGE_KEEPER": ["badge.*"],
        "BADGE_VIEWER": ["badge.read"],
    }


def test_document_and_help_describe_the_plugin(place: Place) -> None:
    """Its paths, its parameters, its services and its commands stand where ours do."""
    paths = place.world.rest.get("/openapi.json")["paths"]
    own = {path: sorted(methods) for path, methods in paths.items() if "badges" in path}
    assert own == {
        "/management/v1/badges": ["get", "post"],
        "/management/v1/badges/{badge_id}": ["get", "patch"],
        "/management/v1/badges/{badge_id}/retire": ["post"],
    }
    grpc = place.carriers["grpc"]
    assert isinstance(grpc, Native)
    assert SERVICE in grpc.client.reflected.get_services()
    shown = place.world.server.command("call", "UpdateBadge", "--help")
    assert "Call or describe a badge otherwise." in shown
    assert "update_mask" in shown
    assert "CreateBadge" in place.world.server.command("call", "--help")


def test_committed_numbers_and_files_are_current(tmp_path: Path) -> None:
    """The command that the README names would change nothing."""
    copy = copied("slice-plugin", tmp_path)
    words = ["--own", "--to", str(copy / "proto"), "hexkeep_badges:SLICE"]
    environment = {**os.environ, "PYTHONPATH": str(copy / "src")}
    before = _files(copy)
    subprocess.run([sys.executable, "-m", "hexkeep.adapters.rpc.proto", *words], env=environment, check=True)
    assert _files(copy) == before
    assert any(path.suffix == ".proto" for path in before)
    (copy / "src" / "hexkeep_badges" / "numbers.json").write_text("{}")
    subprocess.run([sys.executable, "-m", "hexkeep.adapters.rpc.proto", *words], env=environment, check=True)
    assert _files(copy) != before, "numbers are kept by the lock, not by the order of fields"


def _files(folder: Path) -> dict[Path, str]:
    kept = [path for path in folder.rglob("*") if path.suffix in {".proto", ".json"}]
    return {path.relative_to(folder): path.read_text(encoding="utf-8") for path in kept}


def test_the_python_client_has_the_noun(place: Place, plugin: Path, tmp_path: Path) -> None:
    """The methods that are generated for the slice call a real server; so does the client by the operation's name."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "hexkeep.client.generate",
        "--to",
        tmp_path,
        "hexkeep_badges:SLICE",
    ]
    ran(command, {**os.environ, "PYTHONPATH": str(plugin)}, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"blocking_badge.py", "awaited_badge.py"}
    calls = runpy.run_path(str(tmp_path / "blocking_badge.py"))["BadgeCalls"]
    with Client(place.world.server.origin, place.keeper) as client:
        made = calls(client).create_badge(organization_id=place.world.organization_id, name="Generated")
        calls(client).update_badge(badge_id=made.badge_id, description="By a client", expected_version=1)
        assert made.badge_id in [badge.badge_id for badge in calls(client).list_badges(limit=1)]
        shown = client.call("GetBadge", badge_id=made.badge_id)
        assert isinstance(shown, dict)
        assert shown["description"] == "By a client"
    with Client(place.world.server.origin, place.owner) as client, pytest.raises(PermissionDenied):
        calls(client).create_badge(organization_id=place.world.organization_id, name="Refused")
