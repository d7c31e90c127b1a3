"""The HTTP server: uvicorn on this process's event loop, stopped gently."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import ServerSettings

if TYPE_CHECKING:
    import uvicorn

KEEP_ALIVE = 30
"""Seconds that an idle connection is kept."""
BACKLOG = 2048


def missing(error: ImportError) -> ConfigurationError:
    """What to tell when the server's libraries are not installed."""
    return ConfigurationError(
        Problem(
            f"the server needs {error.name}, which is not installed; install it with: pip install 'hexkeep[server]'"
        )
    )


def listen(settings: ServerSettings) -> socket.socket:
    """A listening socket; raises ``ConfigurationError`` when the address cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        place = f"{settings.host}:{settings.port}"
        raise ConfigurationError(Problem(f"cannot listen on {place}: {error.strerror}", "server.port")) from error
    listener.setblocking(False)
    return listener


class Stop:
    """A wish to end: once gently, twice at once."""

    def __init__(self) -> None:
        self._told = 0
        self._listeners: list[Callable[[bool], None]] = []

    def tell(self) -> None:
        """Pass the wish on."""
        self._told += 1
        for listener in self._listeners:
            listener(self._told > 1)

    def listen(self, listener: Callable[[bool], None]) -> None:
        """Call ``listener`` with whether it is urgent, now if it was told already."""
        self._listeners.append(listener)
        if self._told:
            listener(self._told > 1)


@contextmanager
def on_signals(stop: Stop) -> Iterator[None]:
    """Tell ``stop`` when the process is asked to end (SIGTERM, SIGINT)."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        loop.add_signal_handler(number, stop.tell)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


async def serve(app: ASGIApp, listener: socket.socket, settings: ServerSettings, stop: Stop) -> None:
    """Answer requests until told to stop, then let those in flight finish within ``settings.shutdown``."""
    server = _server(app, settings)

    def end(urgent: bool) -> None:  # noqa: FBT001 - the listener's signature
        server.should_exit = True
        server.force_exit = urgent

    stop.listen(end)
    await server.serve([listener])


def _server(app: ASGIApp, settings: ServerSettings) -> "uvicorn.Server":
    try:
        import httptools  # noqa: F401 - so that its absence is told here
        import uvicorn
    except ImportError as error:
        raise missing(error) from error

    class Server(uvicorn.Server):
        """Leaves the signals to us: uvicorn would end the process before the storage is closed."""

        def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # a context manager as well
            return nullcontext()

    config = uvicorn.Config(
        app,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=int(settings.shutdown.total_seconds()),
    )
    return Server(config)
