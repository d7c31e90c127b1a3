"""The server: which method a call is for, and one line in the log for each."""

import logging
import time
from collections.abc import Mapping

import grpc

from hexkeep.adapters.asgi.headers import REQUEST_ID, request_id
from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.asgi.traffic import GRPC, Traffic
from hexkeep.adapters.grpc.call import Exchange, Facts, Handle, headers_of, peer_address
from hexkeep.adapters.grpc.core import Call, Core, Gone
from hexkeep.adapters.grpc.health import Health
from hexkeep.adapters.grpc.status import end_with
from hexkeep.core.kernel.errors import HexkeepError, Internal, InvalidInput

LOG = logging.getLogger(__name__)
ACCESS = logging.getLogger("hexkeep.access")
NAMES = {code.value[0]: code.name for code in grpc.StatusCode}


class GrpcServer:
    """Answers calls of ``methods``, by path, on ``core``.

    ``proxies`` tells where they come from, ``traffic`` counts them.
    """

    def __init__(
        self, core: Core, methods: Mapping[str, Handle], health: Health, proxies: Proxies, traffic: Traffic
    ) -> None:
        self._traffic = traffic
        self._core = core
        self._methods = methods
        self._health = health
        self._proxies = proxies

    def start(self) -> None:
        """Answer from now on."""
        self._core.start(self._serve)

    async def stop(self, patience: float) -> None:
        """Accept no more, let calls under way finish within ``patience`` seconds, and cancel what is left.

        Whoever watches the health learns at once that calls should go elsewhere.
        """
        self._health.drain()
        await self._core.stop(patience)

    async def _serve(self, call: Call) -> None:
        began = time.perf_counter()
        try:
            facts = Facts.of(call, self._proxies)
        except InvalidInput as error:
            headers = headers_of(call)
            facts = Facts(request_id(headers), peer_address(call.peer), "", headers)
            handle = _refusing(error)
        else:
            handle = self._methods.get(call.method, _unimplemented)
        try:
            await handle(call, facts)
        except Gone:
            LOG.debug("request %s: the client has left", facts.id)
        except Exception:
            LOG.exception("request %s failed", facts.id)
            await end_with(call, Internal(), facts.id)
        finally:
            status, seconds = _status(call), time.perf_counter() - began
            self._traffic.count(GRPC, status, seconds)
            _record(call, facts, status, seconds)


def _refusing(error: HexkeepError) -> Handle:
    async def refuse(call: Exchange, facts: Facts) -> None:
        await end_with(call, error, facts.id)

    return refuse


async def _unimplemented(call: Exchange, facts: Facts) -> None:
    await call.end(grpc.StatusCode.UNIMPLEMENTED.value[0], "There is no such method", [(REQUEST_ID, facts.id)])


def _status(call: Call) -> str:
    """The name of the status; a call without one was given up by its client, or its time was over."""
    if call.code is not None:
        return NAMES.get(call.code, grpc.StatusCode.UNKNOWN.name)
    late = time.time() >= call.deadline
    return (grpc.StatusCode.DEADLINE_EXCEEDED if late else grpc.StatusCode.CANCELLED).name


def _record(call: Call, facts: Facts, status: str, seconds: float) -> None:
    """One line for the log."""
    method = call.method[:200].encode("unicode_escape").decode()
    milliseconds = round(seconds * 1000, 1)
    ACCESS.info(
        "gRPC %s %s %s ms from %s request %s",
        *(method, status, milliseconds, facts.address or "-", facts.id),
        extra={
            "rpc_method": method,
            "rpc_status": status,
            "rpc_milliseconds": milliseconds,
            "client_address": facts.address,
            "request_id": facts.id,
        },
    )
