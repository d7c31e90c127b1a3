"""Logos at addresses that clients have chosen: fetched by us, within limits, and never shown as they came."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.engine import client_logos
from hexkeep.engine.client_logos import TERMS, ClientLogos
from hexkeep.engine.remembered import REST_SECONDS
from hexkeep.ports.outbound import Nowhere, Outbound, WebRequest, WebResponse
from tests.fakes.client_site import ClientSite, client_site, picture
from tests.fakes.web_server import answer

PNG = "content-type: image/png"


class Clock(SystemClock):
    """Moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.at


class World:
    """A client's site, and a node that knows of it."""

    def __init__(self, site: ClientSite, outbound: Outbound) -> None:
        self.site, self.clock = site, Clock()
        self.logos = ClientLogos(outbound, self.clock, PillowImages(PillowSettings(points=1 << 20)))

    async def look(self, *, after: float = 0, path: str = "/logo") -> tuple[str, tuple[int, int]] | None:
        """Type and size of the picture that the node has, some seconds later."""
        self.clock.at += after
        found = await self.logos.picture_at(self.site.url(path))
        if found is None:
            return None
        with Image.open(io.BytesIO(found.content)) as image:
            assert f"image/{str(image.format).lower()}" == found.content_type
            return found.content_type, image.size


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """One whose client has a logo."""
    async with client_site(tmp_path, logo=answer(picture(), "200 OK", PNG)) as site:
        yield World(site, GuardedOutbound(site.outbound))


@pytest.mark.parametrize(("kind", "drawn"), [("PNG", "png"), ("JPEG", "jpeg"), ("GIF", "png"), ("WEBP", "jpeg")])
async def test_picture_is_drawn_anew_whatever_its_server_calls_it(world: World, kind: str, drawn: str) -> None:
    """By its bytes alone, scaled down, and without what came with it or behind it."""
    secret = b"<script>alert(1)</script>"
    called = "content-type: image/svg+xml"
    world.site.server.answers["/logo"] = answer(picture(kind) + secret, "200 OK", called)
    assert await world.look() == (f"image/{drawn}", (256, 128))
    found = await world.logos.picture_at(world.site.url("/logo"))
    assert found is not None
    assert secret not in found.content


@pytest.mark.parametrize(
    "response",
    [
        answer(b"<!doctype html><script>alert(1)</script>", "200 OK", PNG),
        answer(b"\x89PNG\r\n\x1a\n<!doctype html><script>alert(1)</script>", "200 OK", PNG),
        answer(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "200 OK", "content-type: image/svg+xml"),
        answer(picture()[:-40], "200 OK", PNG),
        answer(picture("GIF", frames=3), "200 OK", "content-type: image/gif"),
        answer(picture(size=(2048, 1024)), "200 OK", PNG),
        answer(picture("BMP"), "200 OK", "content-type: image/bmp"),
        answer(picture() + bytes(TERMS.max_bytes), "200 OK", PNG),
        answer(picture(), "404 Not Found", PNG),
        answer(b"", "302 Found", "location: https://client.example/other"),
        answer(b"", "200 OK", PNG),
        b"",
    ],
    ids=[
        "html",
        "html-as-png",
        "svg",
        "cut",
        "moving",
        "points",
        "bmp",
        "bytes",
        "missing",
        "elsewhere",
        "empty",
        "nothing",
    ],
)
async def test_what_is_no_picture_of_the_right_size_is_none(world: World, response: bytes) -> None:
    """Nobody asks again within a minute; then it may be there."""
    good = world.site.server.answers["/logo"]
    world.site.server.answers["/logo"] = response
    assert await world.look() is None
    assert await world.look(after=REST_SECONDS - 1) is None
    assert len(world.site.server.requests) == 1
    world.site.server.answers["/logo"] = good
    assert await world.look(after=1) == ("image/png", (256, 128))


async def test_private_addresses_are_not_called(world: World) -> None:
    """A logo makes us look at no server of our own network; nor is anything fetched without TLS."""
    guarded = World(world.site, GuardedOutbound(world.site.outbound.model_copy(update={"private_networks": False})))
    assert await guarded.look() is None
    for url in (f"https://127.0.0.1:{world.site.server.port}/logo", world.site.url("/logo").replace("https", "http")):
        assert await guarded.logos.picture_at(url) is None
    assert await world.logos.picture_at(world.site.url("/logo").replace("https", "http")) is None
    assert world.site.server.requests == []


async def test_picture_is_believed_for_an_hour_and_missed_after_some(world: World) -> None:
    """A client's site is asked once by a node, however many people sign in, and may be down for a while."""
    for _ in range(3):
        assert await world.look() == ("image/png", (256, 128))
    world.site.server.answers["/logo"] = answer(picture("JPEG", (64, 64)))
    assert await world.look(after=TERMS.kept - 1) == ("image/png", (256, 128))
    assert await world.look(after=1) == ("image/jpeg", (64, 64))
    assert len(world.site.server.requests) == 2
    world.site.server.answers["/logo"] = answer(b"", "500 Internal Server Error")
    assert await world.look(after=TERMS.kept) == ("image/jpeg", (64, 64))
    assert await world.look(after=TERMS.stale - TERMS.kept) is None


class Slow(Nowhere):
    """A place that answers when it is told to."""

    def __init__(self) -> None:
        self.answering = asyncio.Event()
        self.done = asyncio.Event()

    async def send(self, request: WebRequest) -> WebResponse:
        """Wait for the word."""
        await self.answering.wait()
        self.done.set()
        return WebResponse(request.url, 200, {}, picture())


async def test_slow_picture_keeps_no_page_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page is shown without it; a later one has it."""
    monkeypatch.setattr(client_logos, "PATIENCE", 0.01)
    place = Slow()
    slow = World(world.site, place)
    assert await slow.look() is None
    monkeypatch.undo()
    place.answering.set()
    await place.done.wait()
    assert await slow.look() == ("image/png", (256, 128))
