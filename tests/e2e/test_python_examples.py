"""The programs of examples/python-client, run as anybody would run them against a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import serving
from tests.unit.cli.server import TIMEOUT

pytestmark = pytest.mark.timeout(TIMEOUT)

EXAMPLE = ROOT / "examples" / "python-client"
PEOPLE = """user_name,given_name,family_name,email
grace,Grace,Hopper,grace@example.com
ada,Ada,Lovelace,ada@example.com
mary,Mary,Somerville,nowhere
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """What the administrator has made, ada among it."""
    with serving(tmp_path_factory.mktemp("python")) as server, Rest(server) as rest:
        yield World(server, rest)


def test_people_are_brought_by_a_machine_with_a_key(world: World, tmp_path: Path) -> None:
    """Who is new is made, who is there is told, what is wrong as well; then all are listed."""
    users = f"{MANAGEMENT}/users"
    robot = world.rest.post(f"{users}/machine", organization_id=world.organization_id, user_name="importer")["user_id"]
    place = {"user_id": robot, "level": "organization", "scope_id": world.organization_id}
    world.rest.post(f"{MANAGEMENT}/memberships", **place, roles=["ORGANIZATION_OWNER"])
    key = tmp_path / "importer.json"
    key.write_text(world.rest.post(f"{MANAGEMENT}/machine-keys", user_id=robot)["key_file"])
    (tmp_path / "people.csv").write_text(PEOPLE)
    command: list[str | Path] = [
        sys.executable,
        EXAMPLE / "bring_people.py",
        world.server.origin,
        key,
        world.organization_id,
    ]
    done = subprocess.run([*command, tmp_path / "people.csv"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    first, second, third, listed = done.stdout.splitlines()
    assert first == "grace: is Grace Hopper now"
    assert second == "ada: the user_name is taken"
    assert third.startswith("mary: email ")
    assert {"ada", "grace", "importer"} <= set(listed.removeprefix("there are ").split(", "))


def test_events_of_users_are_followed(world: World) -> None:
    """Each is printed as it comes, from the time that was given on."""
    since = datetime.now(UTC).isoformat()
    token = world.rest.sign_in(world.server.administrator.user_name, world.server.administrator.password)
    command: list[str | Path] = [sys.executable, EXAMPLE / "follow.py", world.server.origin, since]
    environment = {**os.environ, "HEXKEEP_TOKEN": token}
    made = world.person("emmy").user_id
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(one for one in process.stdout if made in one)
        process.terminate()
    assert line.startswith(f"user.human.added {made} by ")
