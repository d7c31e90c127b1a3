"""Whether the process lives and whether it is ready for traffic."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping

from litestar.handlers import HTTPRouteHandler

from hexkeep.adapters.asgi.response import NO_STORE
from hexkeep.adapters.rest.reply import JSON, Reply

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Tells for each part that serving needs whether it is well; asked at every probe, so it must be cheap."""

Notes = Callable[[], Awaitable[Mapping[str, str]]]
"""What an operator ought to see at once, by name, though it is no reason to send no traffic; as cheap."""

LOG = logging.getLogger(__name__)
PROBE_SECONDS = 5.0


def health_routes(ready: Ready | None, notes: Notes | None = None) -> list[HTTPRouteHandler]:
    """``/healthz`` (the process answers) and ``/readyz`` (each part is well, else 503 with the names of the ill).

    ``notes`` stand beside the parts where there are any, and change nothing about the answer.
    """

    async def healthz() -> Reply:
        return _status(200, {"status": "ok"})

    async def readyz() -> Reply:
        parts = await _parts(ready) if ready else {}
        well = all(parts.values())
        report = {name: "ok" if state else "failing" for name, state in parts.items()}
        told = await _notes(notes) if notes else {}
        noted = {"notes": told} if told else {}
        return _status(200 if well else 503, {"status": "ready" if well else "not ready", "parts": report, **noted})

    return [
        HTTPRouteHandler(path, http_method="GET", status_code=200)(handler)
        for path, handler in (("/healthz", healthz), ("/readyz", readyz))
    ]


async def _parts(ready: Ready) -> Mapping[str, bool]:
    """What ``ready`` says; one failing part called ``probe`` when it raises or takes too long."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await ready()
    except Exception:
        LOG.exception("the readiness probe failed")
        return {"probe": False}


async def _notes(notes: Notes) -> Mapping[str, str]:
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await notes()
    except Exception:
        LOG.exception("the notes of the readiness probe failed")
        return {}


def _status(status: int, content: Mapping[str, object]) -> Reply:
    return Reply(status, json.dumps(content).encode(), JSON, [NO_STORE])
