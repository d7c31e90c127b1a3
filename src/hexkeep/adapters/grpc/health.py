"""The standard health service (``grpc.health.v1.Health``): what ``/readyz`` says, for balancers that speak gRPC."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2

from hexkeep.adapters.grpc.call import Exchange, Facts, Handle

Ready = Callable[[], Awaitable[Mapping[str, bool]]]
"""Tells for each part that serving needs whether it is well."""
Response = health_pb2.HealthCheckResponse

LOG = logging.getLogger(__name__)
SERVICE = "grpc.health.v1.Health"
MAX_WATCHERS = 100
"""At once: anybody may watch, and watching is not to keep others from calling."""
LOOK = 1.0
"""Seconds between two looks, whoever asks and however often."""
PROBE_SECONDS = 5.0


class Health:
    """Every service is as well as the node: it serves while the node is ready and not told to stop.

    ``services`` are those that may be asked for; the empty name stands for all.
    """

    def __init__(self, services: Iterable[str], ready: Ready | None = None) -> None:
        self._services = frozenset({"", *services})
        self._ready = ready
        self._draining = asyncio.Event()
        self._looked = -LOOK
        self._well = True
        self._looking = asyncio.Lock()
        self._watchers = 0

    @property
    def methods(self) -> dict[str, Handle]:
        """The service's methods by path."""
        return {f"/{SERVICE}/Check": self._check, f"/{SERVICE}/Watch": self._watch, f"/{SERVICE}/List": self._list}

    def drain(self) -> None:
        """From now on nothing serves: calls are to go elsewhere."""
        self._draining.set()

    async def _check(self, call: Exchange, facts: Facts) -> None:
        service = await _asked(call)
        if service is None:
            return
        if service not in self._services:
            await call.end(grpc.StatusCode.NOT_FOUND.value[0], "There is no such service")
            return
        await call.answer(_response(await self._status()).SerializeToString())

    async def _list(self, call: Exchange, facts: Facts) -> None:
        await call.receive()
        status = await self._status()
        statuses = {service: _response(status) for service in self._services}
        listed = health_pb2.HealthListResponse(statuses=statuses)  # type: ignore[attr-defined]  # newer than the types
        await call.answer(listed.SerializeToString())

    async def _watch(self, call: Exchange, facts: Facts) -> None:
        """Tell the status whenever it is another; a service that is not there may come some day, says the protocol."""
        service = await _asked(call)
        if service is None:
            return
        if self._watchers >= MAX_WATCHERS:
            await call.end(grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], "There are too many watchers")
            return
        self._watchers += 1
        try:
            await self._tell(call, service)
        finally:
            self._watchers -= 1

    async def _tell(self, call: Exchange, service: str) -> None:
        told: int | None = None
        while True:
            draining = self._draining.is_set()
            status = await self._status() if service in self._services else Response.SERVICE_UNKNOWN
            if status != told:
                await call.send(_response(status).SerializeToString())
                told = status
            if draining:
                await call.end(grpc.StatusCode.UNAVAILABLE.value[0], "The server is stopping")
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._draining.wait()

    async def _status(self) -> int:
        if self._draining.is_set():
            return Response.NOT_SERVING
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now - self._looked >= LOOK:
                self._well, self._looked = await self._is_well(), now
        return Response.SERVING if self._well and not self._draining.is_set() else Response.NOT_SERVING

    async def _is_well(self) -> bool:
        if self._ready is None:
            return True
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                return all((await self._ready()).values())
        except Exception:
            LOG.exception("the readiness probe failed")
            return False


async def _asked(call: Exchange) -> str | None:
    """The service that a call asks for; ``None`` when that cannot be read, which the caller was told."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return health_pb2.HealthCheckRequest.FromString(await call.receive() or b"").service
    except (DecodeError, TimeoutError):
        await call.end(grpc.StatusCode.INVALID_ARGUMENT.value[0], "This is not the message of this method")
        return None


def _response(status: int) -> health_pb2.HealthCheckResponse:
    return Response(status=Response.ServingStatus.Name(status))
