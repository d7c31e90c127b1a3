"""A slice is one folder and one registration: nothing else knows of it, and it is on every surface."""

import json
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import validate

import hexkeep
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.kernel.errors import NotFound
from tests.architecture.source import ROOT
from tests.e2e.grpc_client import Grpc, bearer
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, serving

FOLDER = ROOT / "examples" / "slice-plugin" / "src" / "hexkeep_badges"
REGISTRATION = "[hexkeep.plugins]\nbadges = hexkeep_badges.plugin:Badges\n"
METADATA = "Metadata-Version: 2.1\nName: hexkeep-badges\nVersion: 0.1.0\n"
PATH = "/management/v1/badges"
SERVICE = "hexkeep.management.v1.BadgeService"
NAME_NUMBER = 7
"""What the field ``name`` of a new badge is called on the wire here."""


@dataclass(frozen=True, slots=True)
class Added:
    """A server that has the slice, and its administrator."""

    server: HexkeepServer
    rest: Rest
    organization_id: str
    token: str


@pytest.fixture(scope="module")
def slice_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the slice, and beside it what an installer writes of its registration."""
    site = tmp_path_factory.mktemp("site")
    shutil.copytree(FOLDER, site / "hexkeep_badges", ignore=shutil.ignore_patterns("__pycache__"))
    _renumber(site / "hexkeep_badges" / "numbers.json")
    info = site / "hexkeep_badges-0.1.0.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(METADATA, encoding="utf-8")
    info.joinpath("entry_points.txt").write_text(REGISTRATION, encoding="utf-8")
    return site


def _renumber(lock: Path) -> None:
    """Numbers that no order of declaration gives, so that a call shows that the plugin's lock counts."""
    numbers = json.loads(lock.read_text(encoding="utf-8"))
    numbers["hexkeep.management.v1.CreateBadgeRequest"]["name"] = NAME_NUMBER
    lock.write_text(json.dumps(numbers), encoding="utf-8")


@pytest.fixture(scope="module")
def added(slice_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Added]:
    """A server that finds it."""
    with serving(tmp_path_factory.mktemp("server"), {"PYTHONPATH": str(slice_folder)}) as server, Rest(server) as rest:
        token = rest.sign_in(server.administrator.user_name, server.administrator.password)
        yield Added(server, rest, rest.get("/auth/v1/me")["organization_id"], token)


def test_it_is_served_over_rest(added: Added) -> None:
    """Its operations have routes, permissions, unique keys, lists and problems like those of any other."""
    fields = {"organization_id": added.organization_id, "name": "Helpful"}
    badge_id = added.rest.post(PATH, **fields)["badge_id"]
    assert added.rest.get(f"{PATH}/{badge_id}")["name"] == "Helpful"
    again = added.rest.send("POST", PATH, json=fields)
    assert (again.status_code, again.json()["code"]) == (409, "already_exists")
    assert added.rest.send("POST", PATH, json=fields, headers={"authorization": ""}).status_code == 401
    added.rest.post(f"{PATH}/{badge_id}/retire")
    assert added.rest.get(f"{PATH}/{badge_id}")["retired"] is True


def test_it_is_served_over_connect(added: Added) -> None:
    """Its operations are methods of a service of its own, with the numbers of its own lock."""
    headers = {"content-type": "application/proto"}
    message = b"".join(
        bytes([number << 3 | 2, len(text)]) + text.encode()
        for number, text in ((1, added.organization_id), (NAME_NUMBER, "Numbered"))
    )
    made = added.rest.send("POST", f"/{SERVICE}/CreateBadge", content=message, headers=headers)
    assert made.status_code == 200
    badge_id = made.content[2:].decode()
    read = added.rest.send("POST", f"/{SERVICE}/GetBadge", json={"badge_id": badge_id})
    assert read.json()["name"] == "Numbered"
    refused = added.rest.send("POST", f"/{SERVICE}/CreateBadge", json={"name": "x"}, headers={"authorization": ""})
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


def test_it_is_served_over_grpc(added: Added) -> None:
    """And clients learn of it from the server."""
    with Grpc(added.server.grpc, authority=f"localhost:{added.server.port}") as client:
        fields = {"organization_id": added.organization_id, "name": "Described"}
        made = client.call(f"{SERVICE}/CreateBadge", fields, metadata=[bearer(added.token)]).fields
        assert added.rest.get(f"{PATH}/{made['badge_id']}")["name"] == "Described"


def test_a_list_shows_what_its_token_says(added: Added) -> None:
    """Its projection runs as every other does, and a list waits for it."""
    fields = {"organization_id": added.organization_id, "name": "Patient"}
    written = added.rest.send("POST", PATH, json=fields)
    position = {"Hexkeep-Position": written.headers["Hexkeep-Position"]}
    listed = added.rest.send("GET", PATH, headers=position).json()["badges"]
    assert written.json()["badge_id"] in {badge["badge_id"] for badge in listed}


def test_it_is_in_the_openapi_document(added: Added) -> None:
    """The document describes its routes and its messages, and is valid with them."""
    document = added.rest.get("/openapi.json")
    validate(document)
    assert {PATH, f"{PATH}/{{badge_id}}", f"{PATH}/{{badge_id}}/retire"} <= document["paths"].keys()
    assert document["paths"][PATH]["post"]["operationId"] == "CreateBadge"
    assert "BadgeView" in json.dumps(document["components"]["schemas"])


def test_it_is_on_the_command_line(added: Added) -> None:
    """`hexkeep call` lists its operations, explains them and calls them, here through the running server."""
    server, token = added.server, {"HEXKEEP_TOKEN": added.token}
    assert "CreateBadge" in server.command("call", "--help")
    assert "organization_id" in server.command("call", "CreateBadge", "--help")
    words = (f"organization_id={added.organization_id}", "name=Terse")
    made = json.loads(server.command("call", "CreateBadge", *words, settings=token))
    read = json.loads(server.command("call", "GetBadge", f"badge_id={made['badge_id']}", settings=token))
    assert read["name"] == "Terse"


async def test_it_is_in_the_embedded_api(slice_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that embeds Hexkeep has it by the same registration, and calls it by name or with its own types."""
    monkeypatch.syspath_prepend(str(slice_folder))
    async with hexkeep.open(_in_memory(tmp_path)) as iam:
        assert await _created_and_listed(iam) == "Embedded"
    _forget()


async def test_it_may_be_registered_in_code(
    slice_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The registration may as well be an argument; without it there is no such slice."""
    alone = tmp_path / "alone"
    shutil.copytree(slice_folder / "hexkeep_badges", alone / "hexkeep_badges")
    async with hexkeep.open(_in_memory(tmp_path)) as iam:
        with pytest.raises(NotFound):
            iam.api.operation("CreateBadge")
    monkeypatch.syspath_prepend(str(alone))
    plugin = import_module("hexkeep_badges.plugin").Badges()
    async with hexkeep.open(_in_memory(tmp_path), plugins=[plugin]) as iam:
        assert await _created_and_listed(iam) == "Embedded"
    _forget()


def _in_memory(folder: Path) -> Settings:
    return Settings.model_validate({"data": {"folder": folder / "data"}, "storage": {"adapter": "memory"}})


async def _created_and_listed(iam: Embedded) -> str:
    client = await iam.client()
    organizations: Any = await client.call_json("ListOrganizations", {})
    organization_id = organizations["organizations"][0]["organization_id"]
    message = import_module("hexkeep_badges.commands").CreateBadge(organization_id=organization_id, name="Embedded")
    await client.call(iam.api.operation("CreateBadge"), message)
    listed: Any = await client.call_json("ListBadges", {})
    return ", ".join(badge["name"] for badge in listed["badges"])


def _forget() -> None:
    """The next test imports the slice anew, from wherever it has put it."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "hexkeep_badges"]:
        del sys.modules[name]
