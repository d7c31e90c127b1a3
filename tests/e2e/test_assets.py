"""Pictures over real sockets, by curl and httpx: uploads, entity tags, and the end of a person's picture."""

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import HexkeepServer, installed

CURL = shutil.which("curl")
PAGE = b"<!doctype html><script>alert(document.domain)</script>"


def picture(colour: str = "red") -> bytes:
    """A picture that says where it was taken, with a page behind it."""
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (900, 600), colour).save(target, "JPEG", exif=exif)
    return target.getvalue() + PAGE


@pytest.fixture
def client(server: HexkeepServer) -> Iterator[httpx.Client]:
    """Somebody who is not signed in."""
    with httpx.Client(base_url=server.origin, trust_env=False) as client:
        yield client


def test_logo_is_set_and_read_by_curl(world: World, client: httpx.Client, tmp_path: Path) -> None:
    """By raw body and by form; with an entity tag the second time costs no bytes."""
    assert CURL is not None
    token, url = (
        world.rest.sign_in(world.server.administrator.user_name, world.server.administrator.password),
        f"{world.server.origin}/assets/v1",
    )
    file, form = tmp_path / "logo.svg", tmp_path / "shown"
    file.write_bytes(picture())
    told: dict[str, Any] = {}
    for how in (["--upload-file", str(file)], ["--form", f"file=@{file};type=text/html"]):
        command = [CURL, "-sS", "--fail", "-H", f"Authorization: Bearer {token}", *how, f"{url}/instance/logo"]
        told = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert (told["content_type"], told["width"], told["height"]) == ("image/jpeg", 900, 600)
    tags = tmp_path / "tags"
    get = [CURL, "-sS", "--fail", "--etag-save", str(tags), "-o", str(form), f"{url}/instance/logo"]
    subprocess.run(get, check=True)
    shown = form.read_bytes()
    assert PAGE not in shown
    assert b"taken at home" not in shown
    with Image.open(form) as image:
        assert image.size == (900, 600)
    again = [CURL, "-sS", "--etag-compare", str(tags), "-o", str(tmp_path / "again"), "-w", "%{http_code}"]
    ran = subprocess.run([*again, f"{url}/instance/logo"], capture_output=True, check=True)
    assert ran.stdout == b"304"
    named = client.get(told["url"])
    assert named.content == shown
    assert "immutable" in named.headers["cache-control"]
    assert named.headers["x-content-type-options"] == "nosniff"


def test_same_picture_over_rest_and_over_its_surface(world: World, client: httpx.Client) -> None:
    """The generic operation takes base64 and makes the same of it."""
    place = f"organizations/{world.organization_id}"
    done = world.rest.send("PUT", f"/assets/v1/{place}/icon", content=picture("blue"))
    told, position = done.json(), {"hexkeep-position": done.headers["hexkeep-position"]}
    listed = world.rest.send("GET", f"{MANAGEMENT}/{place}/assets", headers=position).json()["assets"]
    assert [(one["kind"], one["name"], one["size"]) for one in listed] == [("icon", told["name"], told["size"])]
    assert client.get(told["url"]).status_code == httpx.codes.OK
    content = base64.b64encode(picture("blue")).decode()
    again = world.rest.send("PUT", f"{MANAGEMENT}/{place}/assets/icon", json={"content": content})
    assert again.json()["name"] == told["name"]


@pytest.mark.parametrize("length", [2 << 20, (2 << 20) + 1, 64 << 20])
def test_uploads_end_at_their_bound(world: World, length: int) -> None:
    """What is too large is refused where its length is announced, and where it comes in pieces."""

    def pieces() -> Iterator[bytes]:
        for start in range(0, min(length, 4 << 20), 1 << 16):
            yield bytes(min(1 << 16, length - start))

    code = "not_a_picture" if length <= 2 << 20 else "too_large"
    answer = world.rest.send("PUT", "/assets/v1/instance/logo_dark", content=pieces())
    assert answer.json()["code"] == code
    assert answer.status_code < httpx.codes.INTERNAL_SERVER_ERROR


def test_picture_of_a_person_ends_with_the_person(world: World, client: httpx.Client) -> None:
    """It is shown by its name until the person is removed, and in no backup file of the storage in clear."""
    person = world.person("grace")
    with Rest(world.server) as grace:
        grace.sign_in(person.user_name, person.password)
        told = grace.send("POST", "/assets/v1/me/avatar", files={"f": ("x", picture("green"))}).json()
        assert (told["width"], told["height"]) == (512, 341)
        assert grace.send("GET", "/assets/v1/me/avatar").status_code == httpx.codes.OK
        assert grace.send("GET", f"/assets/v1/users/{world.ada.user_id}/avatar").status_code == httpx.codes.FORBIDDEN
    shown = client.get(told["url"])
    assert shown.status_code == httpx.codes.OK
    for file in world.server.data.glob("hexkeep.db*"):
        assert shown.content[200:280] not in file.read_bytes()
    assert world.rest.send("DELETE", f"{MANAGEMENT}/users/{person.user_id}").is_success
    assert client.get(told["url"]).status_code == httpx.codes.NOT_FOUND


def test_pictures_may_be_files(tmp_path: Path) -> None:
    """In the folder that the settings name, and there after a restart."""
    with installed(tmp_path, {"HEXKEEP_BLOBS__ADAPTER": "filesystem"}) as server:
        server.start()
        with Rest(server) as rest:
            rest.sign_in(server.administrator.user_name, server.administrator.password)
            url = rest.send("PUT", "/assets/v1/instance/logo", content=picture()).json()["url"]
        files = [path for path in (server.data / "blobs").rglob("*") if path.is_file() and path.name != ".lock"]
        assert len(files) == 1
        server.stop()
        server.start()
        shown = httpx.get(f"{server.origin}{url}", trust_env=False)
        assert (shown.status_code, shown.headers["content-type"]) == (httpx.codes.OK, "image/jpeg")
        assert files[0].read_bytes().endswith(shown.content)
        server.stop()
