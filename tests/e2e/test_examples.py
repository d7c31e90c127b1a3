"""The examples are real: the distributions are installed as anybody's would be, and used through every door."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from joserfc.jws import extract_compact

from tests.architecture.source import ROOT
from tests.e2e.authlib_party import Party, came_back
from tests.e2e.rest import Rest, World
from tests.e2e.server import STARTING, serving
from tests.ports import reserved_port
from tests.processes import run

EXAMPLES = ROOT / "examples"
DISTRIBUTIONS = (
    "projection-plugin",
    "slice-plugin",
    "token-enricher-plugin",
    "idp-plugin",
    "lock-adapter",
    "storage-adapter",
)
SCRIPTS = Path(sys.executable).parent
OPERATION = "ListUsersOfDomain"
EMBEDDED = f"""
import asyncio, hexkeep, json

async def main():
    async with hexkeep.open() as iam:
        print(json.dumps(await (await iam.client()).call_json("{OPERATION}", {{"domain": "LOCALHOST"}})))

asyncio.run(main())
"""
CHANGES = f"""
import asyncio, hexkeep, json

async def main():
    async with hexkeep.open() as iam:
        system = await iam.client()
        async def users(domain):
            return (await system.call_json("{OPERATION}", {{"domain": domain}}))["users"]
        organization_id = (await system.call_json("GetMyInstance", {{}}))["default_organization_id"]
        ada = {{"organization_id": organization_id, "user_name": "ada", "given_name": "Ada", "email": "a@example.org"}}
        user_id = (await system.call_json("CreateHumanUser", ada))["user_id"]
        lists = [await users("example.org")]
        await system.call_json("UpdateHumanUser", {{"user_id": user_id, "email": "a@Example.com"}})
        lists += [await users("example.org"), await users("example.com")]
        await system.call_json("DeleteUser", {{"user_id": user_id}})
        lists += [await users("example.com")]
        print(json.dumps([[user["domain"] for user in found] for found in lists]))

asyncio.run(main())
"""
BACK = "http://localhost:9/back"
IN_MEMORY = {"HEXKEEP_STORAGE__ADAPTER": "memory"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the distributions, built and installed by the locked tools, without asking any registry."""
    folder = tmp_path_factory.mktemp("examples")
    copies = [copied(name, folder / "source") for name in DISTRIBUTIONS]
    target = folder / "installed"
    command: list[str | Path] = [SCRIPTS / "uv", "pip", "install", "--offline", "--no-deps", "--quiet"]
    subprocess.run([*command, "--python", sys.executable, "--target", target, *copies], check=True)
    return target


def copied(name: str, folder: Path) -> Path:
    """The tracked part of an example: a build leaves things beside its sources."""
    for path in sorted((EXAMPLES / name).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            copy = folder / name / path.relative_to(EXAMPLES / name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return folder / name


@pytest.fixture
def surroundings(installed: Path, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """An environment with the distributions on its path, no settings of ours, and an origin where no server runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEXKEEP_")}
    with reserved_port() as port:
        data = {"HEXKEEP_DATA__FOLDER": str(tmp_path / "data"), "HEXKEEP_SERVER__PORT": str(port)}
        yield {**own, **data, "PYTHONPATH": str(installed)}


def ran(command: Sequence[str | Path], environment: Mapping[str, str], folder: Path) -> str:
    """The standard output of a program that has to end well."""
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def hexkeep(environment: Mapping[str, str], folder: Path, *words: str) -> str:
    """The standard output of the command `hexkeep`, which has to end well."""
    done = run(*words, env=environment, cwd=folder, timeout=STARTING, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    told: str = done.stdout
    return told


def test_installed_plugin_is_listed(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """`hexkeep plugins` shows the entry point's name, its distribution's version, and the hooks it takes part in."""
    printed = ran([SCRIPTS / "hexkeep", "plugins", "--json"], surroundings, tmp_path)
    listed = {one["name"]: one for one in json.loads(printed)}
    assert listed["email-domains"]["version"] == "0.1.0"
    assert listed["email-domains"]["hooks"] == ["hexkeep_operations", "hexkeep_projections"]
    assert listed["customer-number"]["hooks"] == ["hexkeep_token_claims"]
    assert listed["idp-discourse"]["hooks"] == ["hexkeep_identity_providers"]


def test_plugin_fills_its_view_from_a_log_that_was_there_before(
    surroundings: Mapping[str, str], tmp_path: Path
) -> None:
    """A storage set up without the plugin answers its operation, over the command line and to an embedding program."""
    hexkeep({**surroundings, "PYTHONPATH": ""}, tmp_path, "setup")
    called = json.loads(hexkeep(surroundings, tmp_path, "call", OPERATION, "domain=localhost"))
    assert [user["domain"] for user in called["users"]] == ["localhost"]
    assert json.loads(ran([sys.executable, "-c", EMBEDDED], surroundings, tmp_path)) == called


async def test_enricher_adds_its_claim_to_the_tokens_of_a_server(installed: Path, tmp_path: Path) -> None:
    """Once it is installed, both tokens of a user with a number tell it; userinfo and others' tokens say nothing."""
    with serving(tmp_path, {"PYTHONPATH": str(installed)}) as server, Rest(server) as rest:
        world = await asyncio.to_thread(World, server, rest)
        session = await asyncio.to_thread(lambda: world.ada_session)
        party = Party(server, await asyncio.to_thread(world.application, BACK), BACK, "openid")
        before = await party.redeem(await came_back(party, session))
        number = {"json": {"value": base64.b64encode(b"0042").decode()}}
        path = f"/management/v1/users/{world.ada.user_id}/metadata/customer_number"
        kept = await asyncio.to_thread(rest.send, "PUT", path, **number)
        assert kept.is_success, kept.text
        after = await party.redeem(await came_back(party, session))
        told = [said(tokens[name]) for tokens in (before, after) for name in ("access_token", "id_token")]
        assert [one.get("customer_number") for one in told] == [None, None, "0042", "0042"]
        assert "customer_number" not in await party.userinfo(after)


def said(token: str) -> dict[str, Any]:
    """The claims of a JWT, unverified."""
    claims: dict[str, Any] = json.loads(extract_compact(token.encode()).payload)
    return claims


def test_plugin_follows_changes(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """A changed address moves a user to another domain at once, and a removed user is in none."""
    lists = json.loads(ran([sys.executable, "-c", CHANGES], {**surroundings, **IN_MEMORY}, tmp_path))
    assert lists == [["example.org"], [], ["example.com"], []]


def test_chosen_adapter_serves_its_port(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """With the locks chosen in the settings file, projections are led by leases in the folder it names."""
    folder = tmp_path / "locks"
    tmp_path.joinpath("hexkeep.toml").write_text(
        f'[locks]\nadapter = "flock"\n\n[locks.flock]\nfolder = "{folder}"\n', encoding="utf-8"
    )
    hexkeep(surroundings, tmp_path, "config", "check")
    hexkeep(surroundings, tmp_path, "setup")
    called = json.loads(hexkeep(surroundings, tmp_path, "call", OPERATION, "domain=localhost"))
    assert len(called["users"]) == 1  # a list waits for its projection, and so for its leader's lease
    assert list(folder.glob("*.json")) != []


def test_chosen_storage_serves_everything(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """A third party's storage is set up, written, backed up, verified, and restored to like any of ours."""
    key = hexkeep(surroundings, tmp_path, "config", "master-key").strip()
    chosen = {**surroundings, "HEXKEEP_STORAGE__ADAPTER": "lmdb", "HEXKEEP_SECRETS__MASTER_KEY": key}
    first, second = ({**chosen, "HEXKEEP_STORAGE__LMDB__FOLDER": str(tmp_path / name)} for name in ("one", "two"))
    hexkeep(first, tmp_path, "setup")
    users = hexkeep(first, tmp_path, "call", "ListUsers")
    assert [user["user_name"] for user in json.loads(users)["users"]] == ["admin"]
    archive = str(tmp_path / "backup.gz")
    hexkeep(first, tmp_path, "backup", archive)
    hexkeep(second, tmp_path, "restore", archive)
    assert hexkeep(second, tmp_path, "call", "ListUsers") == users
    assert json.loads(hexkeep(second, tmp_path, "verify", "--json"))["intact"]


def test_adapter_without_its_needed_setting_is_told_so(surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """A third party's settings are checked before anything is opened, and the setting at fault is named."""
    chosen = {**surroundings, "HEXKEEP_LOCKS__ADAPTER": "flock"}
    done = run("config", "check", env=chosen, cwd=tmp_path, timeout=STARTING, text=True)
    assert done.returncode == 3
    assert "locks.flock.folder" in done.stdout + done.stderr


@pytest.mark.parametrize("name", [name for name in DISTRIBUTIONS if (EXAMPLES / name / "tests").is_dir()])
def test_distribution_passes_its_own_tests(name: str, surroundings: Mapping[str, str], tmp_path: Path) -> None:
    """Tests made with our kits pass against what was installed: the contract of a port, the decisions of a slice."""
    tests = copied(name, tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(tests / "pyproject.toml")]
    assert " passed" in ran([*command, str(tests)], surroundings, tests)


def test_embedded_service_signs_a_user_in_without_a_server(tmp_path: Path) -> None:
    """The service works on an empty folder and again on what it left there, as its README shows."""
    service = EXAMPLES / "embedded-service" / "service.py"
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEXKEEP_")}
    shown = EXAMPLES.joinpath("embedded-service", "README.md").read_text(encoding="utf-8")
    first = ran([sys.executable, service, tmp_path / "book"], own, tmp_path)
    assert first in shown
    again = ran([sys.executable, service, tmp_path / "book"], own, tmp_path)
    assert again.splitlines() == ["ada is a member already", *first.splitlines()[1:]]
