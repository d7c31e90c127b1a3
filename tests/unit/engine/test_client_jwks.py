import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.adapters.system.clock import SystemClock
from hexkeep.engine import client_jwks
from hexkeep.engine.client_jwks import ClientKeys
from hexkeep.engine.remembered import REST_SECONDS
from tests.fakes.name_server import name_server
from tests.fakes.web_server import WebServer, answer, certified, web_server

HOST = "client.example"
KEY = {"kty": "EC", "crv": "P-256", "kid": "one", "x": "AA", "y": "AA"}
OTHER = {**KEY, "kid": "two"}


class Clock(SystemClock):
    """Moved by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.at


def key_set(*keys: object) -> bytes:
    """An answer with these keys."""
    return answer(json.dumps({"keys": list(keys)}).encode(), "200 OK", "content-type: application/jwk-set+json")


class World:
    """A client's web server, and a node that knows of it."""

    def __init__(self, server: WebServer, outbound: GuardedOutbound) -> None:
        self.server, self.clock = server, Clock()
        self.uri = f"https://{HOST}:{server.port}/jwks"
        self.keys = ClientKeys(outbound, self.clock)

    async def look(self, *, after: float = 0, fresh: bool = False) -> tuple[object, ...]:
        """The names of the keys that the node knows, some seconds later."""
        self.clock.at += after
        return tuple(key.get("kid") for key in await self.keys.keys_at(self.uri, fresh=fresh))


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """One whose client has one key."""
    certificate, tls = certified(HOST, tmp_path)
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as names, web_server({"/jwks": key_set(KEY)}, tls) as server:
        settings = OutboundSettings(
            private_networks=True, nameservers=(names.address,), certificates=str(certificate), lookup_seconds=0.5
        )
        yield World(server, GuardedOutbound(settings))


async def test_a_set_is_fetched_once_and_believed_for_minutes(world: World) -> None:
    """A client that signs every request does not make us fetch at every one."""
    for _ in range(3):
        assert await world.look() == ("one",)
    world.server.answers["/jwks"] = key_set(OTHER)
    assert await world.look(after=client_jwks.TERMS.kept - 1) == ("one",)
    assert await world.look(after=1) == ("two",)
    assert len(world.server.requests) == 2


async def test_an_unknown_name_is_looked_for_once_a_minute(world: World) -> None:
    """Whoever invents names of keys makes us knock at the client's door no more often than that."""
    assert await world.look() == ("one",)
    world.server.answers["/jwks"] = key_set(KEY, OTHER)
    assert await world.look(fresh=True, after=REST_SECONDS - 1) == ("one",)
    assert await world.look(fresh=True, after=1) == ("one", "two")
    for _ in range(5):
        await world.look(fresh=True)
    assert len(world.server.requests) == 2


async def test_who_comes_meanwhile_waits_for_the_same_answer(world: World) -> None:
    """A hundred requests at once are one at the client's door; one that gives up takes nothing from the others."""
    looks = [asyncio.create_task(world.look()) for _ in range(100)]
    await asyncio.sleep(0)
    looks[0].cancel()
    results = await asyncio.gather(*looks, return_exceptions=True)
    assert results[1:] == [("one",)] * 99
    assert len(world.server.requests) == 1


@pytest.mark.parametrize(
    "response",
    [
        answer(b"", "500 Internal Server Error"),
        answer(b"", "302 Found", "location: https://client.example/other"),
        answer(b"not json"),
        answer(b"[]"),
        answer(b"{}"),
        answer(b'{"keys":{}}'),
        answer(b'{"keys":' + b"[" * 60_000),
        answer(b"\xff\xfe"),
        answer(b" " * 70_000),
        b"",
    ],
)
async def test_failures_are_answers(world: World, response: bytes) -> None:
    """Nobody is asked again within a minute; what was known before is believed for an hour."""
    good = world.server.answers["/jwks"]
    world.server.answers["/jwks"] = response
    assert await world.look() == ()
    assert await world.look(fresh=True, after=REST_SECONDS - 1) == ()
    assert len(world.server.requests) == 1
    world.server.answers["/jwks"] = good
    assert await world.look(after=1) == ("one",)
    world.server.answers["/jwks"] = response
    assert await world.look(after=client_jwks.TERMS.kept) == ("one",)
    assert await world.look(after=client_jwks.TERMS.stale - client_jwks.TERMS.kept) == ()


async def test_only_public_keys_are_kept_and_not_too_many(world: World) -> None:
    """Secrets that somebody publishes by mistake are not taken for keys; nor is what is no object."""
    secret, private = {"kty": "oct", "k": "AAAA", "kid": "secret"}, {**KEY, "d": "AA", "kid": "private"}
    many = [{**KEY, "kid": f"key {i}"} for i in range(100)]
    world.server.answers["/jwks"] = key_set(secret, private, 5, None, "text", [], *many)
    assert await world.look() == tuple(f"key {i}" for i in range(client_jwks.MAX_KEYS))


async def test_the_memory_is_bounded(world: World) -> None:
    """The sets of clients that were not heard of for longest are forgotten, also those that there never were."""
    assert await world.look() == ("one",)
    for i in range(client_jwks.TERMS.held // 100_000):
        await world.keys.keys_at(f"http://{i}.example/{'x' * 50_000}")  # refused unsent: it is not https
    await world.look()
    assert len(world.server.requests) == 1
    for i in range(client_jwks.TERMS.held // 50_000):
        await world.keys.keys_at(f"http://{i}.example/{'y' * 50_000}")
    assert await world.look() == ("one",)
    assert len(world.server.requests) == 2


async def test_the_memory_is_bounded_by_bytes(world: World) -> None:
    """Few large sets are as much as many small ones; what is made of a text takes more than the text."""
    large = key_set(*({**KEY, **{f"{i}": 0 for i in range(120)}} for _ in range(client_jwks.MAX_KEYS)))
    assert len(large) < client_jwks.TERMS.max_bytes
    assert await world.look() == ("one",)
    many = client_jwks.TERMS.held // 500_000
    for number in range(many):
        world.server.answers[f"/{number}"] = large
        assert await world.keys.keys_at(world.uri.replace("jwks", f"{number}"))
    assert await world.look() == ("one",)
    assert len(world.server.requests) == many + 2
    await world.keys.keys_at(world.uri.replace("jwks", f"{many - 1}"))
    assert len(world.server.requests) == many + 2, "what was heard of last is remembered"


async def test_what_is_forgotten_while_it_comes_is_told_and_not_counted(world: World) -> None:
    """Who waits for it gets it; the memory holds what it holds, however often that happens."""
    looks = [asyncio.create_task(world.look()) for _ in range(2)]
    await asyncio.sleep(0)
    for i in range(client_jwks.TERMS.held // 50_000):
        await world.keys.keys_at(f"http://{i}.example/{'x' * 50_000}")
    assert await asyncio.gather(*looks) == [("one",)] * 2
    assert await world.look() == ("one",)
    assert len(world.server.requests) == 2
