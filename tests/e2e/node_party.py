"""Relying parties in processes of their own that take orders line by line and have no browser."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx

from tests.e2e.attacker import SESSION_COOKIE
from tests.e2e.rest import World

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PATIENCE = 20.0
CALLBACK = "https://shop.example.com/cb"


class OrderedParty:
    """A process that answers orders, and the browser of who has signed in already."""

    def __init__(self, world: World, process: asyncio.subprocess.Process) -> None:
        self.world = world
        self.process = process

    @classmethod
    @asynccontextmanager
    async def running(cls, world: World, script: str) -> AsyncIterator[Self]:
        """The process of ``script``, which knows of no provider yet."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(PROGRAM, script, cwd=NODE, stdin=pipe, stdout=pipe)
        try:
            yield cls(world, process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await asyncio.wait_for(process.wait(), PATIENCE)

    async def order(self, **order: object) -> dict[str, Any]:
        """What it makes of an order."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(PATIENCE):
            answer: dict[str, Any] = json.loads(await self.process.stdout.readline())
        self.world.server.secrets |= set(answer.get("secrets", ()))
        return answer

    async def visited(self, url: str) -> httpx.Response:
        """What ada's browser gets."""
        cookie = {"cookie": f"{SESSION_COOKIE}={self.world.ada_session}"}
        async with httpx.AsyncClient(trust_env=False, headers=cookie) as browser:
            return await browser.get(url)

    async def signed_in(self, **begin: object) -> dict[str, Any]:
        """What it knows at the end of a sign-in."""
        begun = await self.order(**begin)
        assert "url" in begun, begun
        response = await self.visited(begun["url"])
        assert response.status_code in {302, 303}, response.text
        assert response.headers["location"].startswith(CALLBACK)
        finished = await self.order(finish=response.headers["location"])
        assert "error" not in finished, finished
        return finished
