"""Prints what happens to users, as it happens: ``HEXKEEP_TOKEN=… follow.py URL [SINCE]``; Ctrl-C ends."""

import asyncio
import os
import sys
from datetime import UTC, datetime

from hexkeep.client import AsyncClient


async def follow(client: AsyncClient, since: datetime) -> None:
    """A line for each event. Lost connections are made again behind what has come, so nothing is missed or repeated."""
    async with client.history.watch_events(types=["user.*"], since=since) as events:
        async for event in events:
            print(event.type, event.aggregate_id, "by", event.actor, flush=True)


async def main(url: str, since: str = "") -> None:
    """Follow from a time on, or from now."""
    async with AsyncClient(url, os.environ["HEXKEEP_TOKEN"]) as client:
        await follow(client, datetime.fromisoformat(since) if since else datetime.now(UTC))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
