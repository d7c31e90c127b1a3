"""The surface for bytes: uploads, entity tags, lifetimes, and what nobody gets by it."""

import asyncio
import contextlib
import io
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from hexkeep.adapters.asgi.types import Message
from hexkeep.adapters.assets import uploads
from hexkeep.adapters.assets.app import create_assets_app
from hexkeep.adapters.assets.places import found
from hexkeep.core.asset.commands import LARGEST
from hexkeep.core.kernel.errors import InvalidInput, NotFound, TooLarge
from hexkeep.ports.api import Meta, System
from tests.unit.adapters.site import PASSWORD, USER_NAME, Site, Tenant, running_site

OTHER_ORIGIN = "https://other.example.com"
SCRIPT = b"<script>alert(1)</script>"
FONT = b"wOF2\0\0\0\0\0\0\0\x10\0\0\0\0"


def png(colour: str = "red", size: tuple[int, int] = (30, 20)) -> bytes:
    """A picture."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """The engine with its pages, protocols and assets."""
    async with running_site() as site:
        yield site


@pytest.fixture
async def tenant(site: Site) -> Tenant:
    """An instance."""
    return await site.tenant()


async def session(tenant: Tenant, user_name: str = USER_NAME) -> dict[str, str]:
    """The headers of somebody who has signed in."""
    made = await tenant.iam.call_json(
        tenant.iam.operation("CreateSession"),
        {"login_name": user_name, "password": PASSWORD},
        System(),
        Meta(instance=tenant.id, timeout=60),
    )
    return {"authorization": f"Bearer {getattr(made.output, 'session_token')}"}  # noqa: B009 - tests know whose it is


@pytest.fixture
async def admin(tenant: Tenant) -> dict[str, str]:
    """The headers of the owner of the instance."""
    return await session(tenant)


@pytest.fixture
async def grace(tenant: Tenant) -> tuple[str, dict[str, str]]:
    """A user without any role, and her headers."""
    user_id = await tenant.user()
    return user_id, await session(tenant, "grace")


async def test_logo_is_uploaded_and_shown_to_everybody(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """Drawn anew, at its path for a while and under its name for ever, without a token."""
    path = f"/assets/v1/organizations/{tenant.organization_id}/logo"
    async with site.browser() as client:
        done = await client.put(path, content=png() + SCRIPT, headers={**admin, "content-type": "text/html"})
        assert done.status_code == 200, done.text
        told = done.json()
        assert (told["content_type"], told["width"], told["height"]) == ("image/png", 30, 20)
        assert told["url"] == f"{path}/{told['name']}"
        assert "hexkeep-position" in done.headers
        for url, lifetime in ((path, "max-age=300"), (told["url"], "max-age=31536000, immutable")):
            shown = await client.get(url)
            assert shown.status_code == 200
            assert shown.headers["cache-control"] == f"public, {lifetime}"
            assert shown.headers["etag"] == f'"{told["name"]}"'
            assert (shown.headers["content-type"], len(shown.content)) == ("image/png", told["size"])
            assert SCRIPT not in shown.content
            assert shown.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in shown.headers["content-security-policy"]
            assert shown.headers["content-disposition"] == 'inline; filename="logo.png"'


async def test_entity_tags_save_the_bytes(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """A tag that still fits gets 304, in any form the RFC has; one that does not gets the bytes. HEAD sends none."""
    path = "/assets/v1/instance/icon"
    async with site.browser() as client:
        name = (await client.put(path, content=png(), headers=admin)).json()["name"]
        for tag in (f'"{name}"', f'W/"{name}"', f'"x", "{name}"'):
            same = await client.get(path, headers={"if-none-match": tag})
            assert (same.status_code, same.content) == (304, b"")
            assert same.headers["etag"] == f'"{name}"'
            assert same.headers["cache-control"] == "public, max-age=300"
        for tag in ('"x"', name, "", '"' * 3):
            assert (await client.get(path, headers={"if-none-match": tag})).status_code == 200
        head = await client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["content-length"]) > 0
        changed = (await client.put(path, content=png("blue"), headers=admin)).json()["name"]
        assert changed != name
        assert (await client.get(path, headers={"if-none-match": f'"{name}"'})).status_code == 200
        assert (await client.get(f"{path}/{name}")).status_code == 404


async def test_form_may_bring_the_file(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """The first file of a form of any fields; a form without one is told so."""
    async with site.browser() as client:
        files = {"picture": ("../../etc/passwd", png(), "text/html")}
        done = await client.post("/assets/v1/instance/logo", files=files, data={"note": "x"}, headers=admin)
        assert done.status_code == 200, done.text
        assert (await client.get("/assets/v1/instance/logo")).status_code == 200
        boundary = {"content-type": "multipart/form-data; boundary=x", **admin}
        for body in (b"", b"--x--\r\n", b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'):
            refused = await client.post("/assets/v1/instance/logo", content=body, headers=boundary)
            assert refused.status_code == 400, refused.text


async def test_fonts_are_shown_as_they_are(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """With the media type that their bytes have."""
    async with site.browser() as client:
        headers = {**admin, "content-type": "text/html"}
        assert (await client.put("/assets/v1/instance/font", content=FONT, headers=headers)).status_code == 200
        shown = await client.get("/assets/v1/instance/font")
        assert (shown.content, shown.headers["content-type"]) == (FONT, "font/woff2")
        refused = await client.put("/assets/v1/instance/font", content=FONT + SCRIPT, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "not_a_font")


async def test_what_is_removed_is_gone(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """At its path and under its name."""
    path = "/assets/v1/instance/logo"
    async with site.browser() as client:
        url = (await client.put(path, content=png(), headers=admin)).json()["url"]
        stale = await client.delete(path, headers={**admin, "if-match": '"7"'})
        assert (stale.status_code, stale.json()["status"], stale.json()["code"]) == (412, 412, "version_conflict")
        assert (await client.delete(path, headers={**admin, "if-match": '"1"'})).status_code == 204
        for gone in (path, url):
            answer = await client.get(gone)
            assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


async def test_own_picture(site: Site, tenant: Tenant, grace: tuple[str, dict[str, str]]) -> None:
    """It takes a token and no role; under its name it is shown to whoever was told it, and cached by nobody between."""
    user_id, token = grace
    async with site.browser() as client:
        told = (await client.put("/assets/v1/me/avatar", content=png(size=(900, 300)), headers=token)).json()
        assert (told["width"], told["height"]) == (512, 171)
        assert told["url"] == f"/assets/v1/users/{user_id}/avatar/{told['name']}"
        mine = await client.get("/assets/v1/me/avatar", headers=token)
        assert (mine.status_code, mine.headers["cache-control"]) == (200, "private, no-cache")
        assert mine.headers["vary"] == "Authorization"
        named = await client.get(told["url"])
        assert (named.status_code, named.content) == (200, mine.content)
        assert named.headers["cache-control"] == "private, max-age=86400, immutable"
        assert (await client.get(f"/assets/v1/users/{user_id}/avatar/{'A' * 43}")).status_code == 404
        assert (await client.delete("/assets/v1/me/avatar", headers=token)).status_code == 204
        assert (await client.get(told["url"])).status_code == 404


async def test_pictures_are_not_shown_to_who_may_not_see_the_user(
    site: Site, tenant: Tenant, admin: dict[str, str], grace: tuple[str, dict[str, str]]
) -> None:
    """Nobody in particular, and users without a role; who manages users sees them."""
    user_id, token = grace
    path = f"/assets/v1/users/{tenant.user_id}/avatar"
    async with site.browser() as client:
        assert (await client.put(path, content=png(), headers=admin)).status_code == 200
        assert (await client.get(path, headers=admin)).status_code == 200
        nobody = await client.get(path)
        assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
        assert nobody.headers["www-authenticate"].startswith("Bearer")
        assert nobody.headers["content-type"] == "application/problem+json"
        assert (await client.get(path, headers=token)).status_code == 403
        assert (await client.put(path, content=png(), headers=token)).status_code == 404
        assert (await client.delete(path, headers=token)).status_code == 404
        theirs = f"/assets/v1/users/{user_id}/avatar"
        assert (await client.put(theirs, content=png(), headers=admin)).status_code == 200


async def test_instances_are_apart(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """What one instance shows, another does not; tokens and ids of one are nothing in another."""
    other = await site.tenant(OTHER_ORIGIN)
    organization = f"/assets/v1/organizations/{tenant.organization_id}/logo"
    avatar = f"/assets/v1/users/{tenant.user_id}/avatar"
    async with site.browser() as here, site.browser(OTHER_ORIGIN) as there:
        urls = [(await here.put(path, content=png(), headers=admin)).json()["url"] for path in (organization, avatar)]
        for url in (*urls, organization):
            assert (await here.get(url)).status_code == 200
            assert (await there.get(url)).status_code == 404
        for path in (organization, avatar, f"/assets/v1/organizations/{other.organization_id}/logo"):
            assert (await there.put(path, content=png(), headers=admin)).status_code == 401
            assert (await there.delete(path, headers=admin)).status_code == 401
        theirs = await session(other)
        for path in (organization, avatar):
            assert (await there.put(path, content=png(), headers=theirs)).status_code == 404
            assert (await there.get(path, headers=theirs)).status_code == 404


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "invalid_input"),
        (SCRIPT, 400, "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 400, "not_a_picture"),
        (bytes(LARGEST + 1), 413, "too_large"),
    ],
)
async def test_refusals_are_problems(
    site: Site, tenant: Tenant, admin: dict[str, str], content: bytes, status: int, code: str
) -> None:
    """With the codes of every surface."""
    async with site.browser() as client:
        for extra in ({}, {"content-type": "image/png"}):
            refused = await client.put("/assets/v1/instance/logo", content=content, headers={**admin, **extra})
            assert (refused.status_code, refused.json()["code"]) == (status, code)
            assert refused.headers["content-type"] == "application/problem+json"
        assert (await client.get("/assets/v1/instance/logo")).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/assets",
        "/assets/v1",
        "/assets/v1/instance",
        "/assets/v1/instance/unspecified",
        "/assets/v1/instance/logo/a/b",
        "/assets/v1/instance/../../etc/passwd",
        "/assets/v1/organizations//logo",
        "/assets/v1/users/a%2Fb/avatar/c",
        "/assets/v1/users/%2e%2e/avatar/%00",
        "/assets/v2/instance/logo",
    ],
)
async def test_other_paths_are_not_there(site: Site, tenant: Tenant, path: str) -> None:
    """Whatever they are spelled like."""
    async with site.browser() as client:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_methods_that_are_not_there(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """A path tells which it has; under a name nothing is changed."""
    async with site.browser() as client:
        answer = await client.patch("/assets/v1/instance/logo", headers=admin)
        assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, POST, PUT")
        for method in ("PUT", "DELETE"):
            answer = await client.request(method, "/assets/v1/instance/logo/x", headers=admin)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


async def test_nothing_is_read_of_who_shows_no_token(site: Site, tenant: Tenant) -> None:
    """An upload of nobody's is refused before its first byte."""
    app = create_assets_app(site.iam, 10.0)
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("the body was read")

    async def send(message: Message) -> None:
        sent.append(message)

    host = tenant.origin.partition("//")[2].encode()
    scope = {
        "type": "http",
        "method": "PUT",
        "scheme": "https",
        "path": "/assets/v1/instance/logo",
        "query_string": b"",
        "headers": [(b"host", host), (b"x-request-id", b"one")],
        "client": ("192.0.2.1", 1),
    }
    await app(scope, receive, send)
    assert sent[0]["status"] == 401
    assert json.loads(sent[1]["body"])["code"] == "unauthenticated"


async def test_slow_upload_is_given_up(site: Site, tenant: Tenant, admin: dict[str, str]) -> None:
    """Nobody holds a call open by sending nothing."""
    app = create_assets_app(site.iam, 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=tenant.origin) as client:
        answer = await client.put("/assets/v1/instance/logo", content=never(), headers=admin)
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(chunks: list[bytes], content_type: str) -> bytes:
    """What an upload in these pieces holds."""
    left: Iterator[bytes] = iter(chunks)
    rest = len(chunks)

    async def receive() -> Message:
        nonlocal rest
        rest -= 1
        return {"type": "http.request", "body": next(left, b""), "more_body": rest > 0}

    return asyncio.run(uploads.read(receive, {"content-type": (content_type,)}))


@given(st.binary(max_size=300), st.integers(1, 50))
def test_form_in_any_pieces_holds_its_file(content: bytes, size: int) -> None:
    """However it was cut on its way."""
    head = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="x"\r\nContent-Type: text/html\r\n\r\n'
    if b"\r\n--edge" in b"\r\n" + content:
        return
    body = head + content + b"\r\n--edge--\r\n"
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    assert _read(chunks, "multipart/form-data; boundary=edge") == content


@given(st.lists(st.binary(max_size=100), min_size=1, max_size=5), st.text(max_size=30))
def test_any_form_is_read_or_refused(chunks: list[bytes], boundary: str) -> None:
    """Whatever a client sends as one, nothing but errors of ours comes of it."""
    latin = boundary.encode("latin-1", "replace").decode("latin-1")
    for kind in (f"multipart/form-data; boundary={latin}", f'multipart/form-data; boundary="{latin}', latin):
        with contextlib.suppress(InvalidInput, TooLarge):
            assert isinstance(_read(chunks, kind), bytes)


def test_uploads_are_cut_off_at_their_bound() -> None:
    """Without an announced length as well, as they are and in a form."""
    piece = bytes(1 << 19)
    with pytest.raises(TooLarge):
        _read([piece] * 5, "image/png")
    head = b'--edge\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n'
    with pytest.raises(TooLarge):
        _read([head, *[piece] * 5], "multipart/form-data; boundary=edge")
    with pytest.raises(TooLarge):
        _read([head + b"x\r\n"] * 40, "multipart/form-data; boundary=edge")


@given(st.text(max_size=60))
def test_any_path_is_a_place_or_not_there(tail: str) -> None:
    """Nothing else comes of it, and no place holds a slash or a climb."""
    try:
        _, fields = found(f"/assets/v1/{tail}")
    except NotFound:
        return
    assert not any("/" in value for value in fields.values())
