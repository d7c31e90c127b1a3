"""The HTTP server: uvicorn on this process's event loop, stopped gently."""

import asyncio
import faulthandler
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import ServerSettings, Settings
from hexkeep.bootstrap.tls import HTTP_1, HTTP_2, Certificate

if TYPE_CHECKING:
    import uvicorn

SIGNALS = (signal.SIGINT, signal.SIGTERM)
KEEP_ALIVE = 30
"""Seconds that an idle connection is kept."""
BACKLOG = 2048
CLOSING = 10.0
"""Seconds that may pass between the last answer and the end of the process."""


def missing(error: ImportError) -> ConfigurationError:
    """What to tell when the server's libraries are not installed."""
    return ConfigurationError(
        Problem(
            f"the server needs {error.name}, which is not installed; install it with: pip install 'hexkeep[server]'"
        )
    )


def certificate(settings: Settings) -> Certificate | None:
    """The certificate to serve with, if there is one; raises ``ConfigurationError`` when it cannot be used."""
    chosen = settings.server
    if chosen.tls_certificate is None:
        return None
    alpn = (HTTP_2, HTTP_1) if settings.grpc.main_port else (HTTP_1,)
    return Certificate(chosen.tls_certificate, chosen.tls_key or chosen.tls_certificate, alpn)


def listen(settings: ServerSettings) -> socket.socket:
    """A listening socket; raises ``ConfigurationError`` when the address cannot be had."""
    return listen_on(settings.host, settings.port, "server.port")


def listen_on(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket; raises ``ConfigurationError`` about ``setting`` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigurationError(Problem(f"cannot listen on {host}:{port}: {error.strerror}", setting)) from error
    listener.setblocking(False)
    return listener


class Stop:
    """A wish to end."""

    def __init__(self) -> None:
        self._told = False
        self._listeners: list[Callable[[], None]] = []

    def tell(self) -> None:
        """Pass the wish on."""
        self._told = True
        for listener in self._listeners:
            listener()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` when it is told, now if it was told already."""
        self._listeners.append(listener)
        if self._told:
            listener()


@contextmanager
def on_signals(stop: Stop, patience: timedelta) -> Iterator[None]:
    """Tell ``stop`` when the process is asked to end (SIGTERM, SIGINT). Asked a second time it ends at once.

    From the first signal on, the process has ``patience`` for requests in flight and ten seconds to close. If it hangs
    it ends with code 1 and says where each thread was. Neither that nor the second signal needs the event loop.
    """
    loop = asyncio.get_running_loop()

    def told() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        faulthandler.dump_traceback_later(patience.total_seconds() + CLOSING, exit=True)
        stop.tell()

    for number in SIGNALS:
        loop.add_signal_handler(number, told)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        for number in SIGNALS:
            loop.remove_signal_handler(number)


async def serve(
    app: ASGIApp, listener: socket.socket, settings: Settings, stop: Stop, tls: Certificate | None = None
) -> None:
    """Answer requests until told to stop, then let those in flight finish within ``server.shutdown``."""
    server = _server(app, settings, tls)

    def end() -> None:
        server.should_exit = True

    stop.listen(end)
    await server.serve([listener])


def _server(app: ASGIApp, settings: Settings, tls: Certificate | None) -> "uvicorn.Server":
    try:
        import uvicorn

        protocol = _protocol(settings)
    except ImportError as error:
        raise missing(error) from error

    class Server(uvicorn.Server):
        """Leaves the signals to us: uvicorn would end the process before the storage is closed."""

        def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # a context manager as well
            return nullcontext()

    config = uvicorn.Config(
        app,
        loop="none",
        http=protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.server.shutdown.total_seconds()),
        ssl_context_factory=None if tls is None else lambda *_: tls.context,
    )
    return Server(config)


def _protocol(settings: Settings) -> type[asyncio.Protocol]:
    """What speaks HTTP: httptools, which has HTTP/1.1 alone, unless native gRPC is wanted on this port."""
    if not settings.grpc.main_port:
        from hexkeep.bootstrap.http1 import Http1

        return Http1
    from hexkeep.bootstrap.http2 import EitherHttp

    return EitherHttp
