"""What every request passes before an application sees it, and every response before it leaves.

The scope that applications get is the client's own view of the request: ``client``, ``scheme`` and the ``Host`` header
are put right once, here, as far as trusted proxies vouch for it, and what the proxies wrote is taken out; where nobody
vouches for a proxy, the ``state`` says so. Each request has exactly one well-formed ``X-Request-Id``.
"""

import logging
import time

from hexkeep.adapters.asgi.headers import READ, REQUEST_ID, collect, request_id
from hexkeep.adapters.asgi.proxies import CLIENT_CERTIFICATES, FORWARDING_HEADERS, RELAYED, Hop, Proxies, is_relayed
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.asgi.traffic import OUTCOME, Outcome, Traffic
from hexkeep.adapters.asgi.types import ASGIApp, Message, Receive, Scope, Send
from hexkeep.core.kernel.errors import InvalidInput

LOG = logging.getLogger(__name__)
ACCESS = logging.getLogger("hexkeep.access")

MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
HEADERS_TOO_LARGE = 431
REPLACED = frozenset(name.encode() for name in (*FORWARDING_HEADERS, "host", REQUEST_ID))
CERTIFICATES = frozenset({b"client-cert", b"client-cert-chain"})
"""What a proxy that ends TLS says of the client's certificate (RFC 9440); of anybody else it is nothing but a claim."""
HSTS = "max-age=31536000"


class Front:
    """An ASGI application around ``app``; ``proxies`` tells where requests come from, ``traffic`` counts them."""

    def __init__(self, app: ASGIApp, proxies: Proxies | None = None, traffic: Traffic | None = None) -> None:
        self._app = app
        self._proxies = proxies or Proxies()
        self._traffic = traffic or Traffic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection; WebSockets are refused, what is not HTTP passes unchanged."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000, "reason": None})
        else:
            await self._app(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, client = collect(scope["headers"]), scope.get("client")
        call, began = request_id(headers), time.perf_counter()
        found = Hop(client[0] if client else "", scope["scheme"])
        outward, state = _Outward(send, call), dict(scope.get("state") or {})
        try:
            if oversized(scope):
                await _refusal(HEADERS_TOO_LARGE, "The request's headers are too large").send(outward)
                return
            found = self._proxies.client(headers, found.address, found.scheme)
            outward.secure = found.scheme == "https"
            if is_relayed(headers):
                state[RELAYED] = True
            state[CLIENT_CERTIFICATES] = self._proxies.certificates.value
            seen = seen_by_client(scope, found, call, vouched=self._proxies.certify(client[0] if client else ""))
            state[READ] = collect(seen["headers"])
            await self._app({**seen, "state": state}, receive, outward)
        except InvalidInput as error:
            await _refusal(error.status, error.message).send(outward)
        except Exception:
            LOG.exception("request %s failed", call)
            if outward.status:
                raise  # half an answer is out; the server has to break the connection
            await _refusal(500, "Something went wrong on our side").send(outward)
        finally:
            seconds, outcome = time.perf_counter() - began, state.get(OUTCOME)
            self._traffic.count_http(outward.status, seconds, outcome)
            _record(scope, found, outward, seconds, outcome)


def oversized(scope: Scope) -> bool:
    """Whether the headers are more than a request of ours ever needs."""
    headers = scope["headers"]
    count = total = 0
    for name, value in headers:
        count += 1
        total += len(name) + len(value)
    return count > MAX_HEADERS or total > MAX_HEADER_BYTES


def seen_by_client(scope: Scope, found: Hop, call: str, *, vouched: bool = False) -> Scope:
    """The scope as it would be if the client had come here itself.

    What is said about its certificate stays if that is ``vouched`` for.
    """
    dropped = REPLACED if vouched else REPLACED | CERTIFICATES
    kept = [pair for pair in scope["headers"] if pair[0] not in dropped]
    headers = [*kept, (b"host", found.host.encode()), (REQUEST_ID.encode(), call.encode())]
    peer = scope.get("client")
    client = (found.address, peer[1] if peer and peer[0] == found.address else 0) if found.address else None
    return {**scope, "headers": headers, "scheme": found.scheme, "client": client}


class _Outward:
    """Sends what an application answers, with the headers that every answer has, and remembers its status."""

    def __init__(self, send: Send, call: str) -> None:
        self._send = send
        self._always = [(b"x-content-type-options", b"nosniff"), (b"x-request-id", call.encode())]
        self.call = call
        self.secure = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = list(message["headers"])
            present = {name for name, _ in headers}
            headers += [one for one in self._wanted() if one[0] not in present]
        await self._send(message)

    def _wanted(self) -> list[tuple[bytes, bytes]]:
        return [*self._always, (b"strict-transport-security", HSTS.encode())] if self.secure else self._always


def _refusal(status: int, message: str) -> Response:
    return Response(status, (("content-type", "text/plain; charset=utf-8"), NO_STORE), message.encode())


def _record(scope: Scope, found: Hop, outward: _Outward, seconds: float, outcome: Outcome | None) -> None:
    """One line for the log, without the query: it may hold what only the two ends should know."""
    if not ACCESS.isEnabledFor(logging.INFO):
        return
    status = f"{outward.status} {outcome[1]}" if outcome else outward.status
    path = scope["path"][:200].encode("unicode_escape").decode()
    milliseconds = round(seconds * 1000, 1)
    ACCESS.info(
        "%s %s %s %s ms from %s request %s",
        *(scope["method"], path, status, milliseconds, found.address or "-", outward.call),
        extra={
            "http_method": scope["method"],
            "http_path": path,
            "http_status": outward.status,
            **({f"{outcome[0]}_status": outcome[1]} if outcome else {}),
            "http_milliseconds": milliseconds,
            "client_address": found.address,
            "request_id": outward.call,
        },
    )
