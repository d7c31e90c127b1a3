"""`hexkeep serve`."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.first_run import follow_origin, set_up
from hexkeep.bootstrap.garbage import keep_what_is_there
from hexkeep.bootstrap.grpc import grpc_core, serving_grpc
from hexkeep.bootstrap.http import http_app
from hexkeep.bootstrap.local_key import LocalKey
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.server import Stop, certificate, listen, on_signals, serve
from hexkeep.bootstrap.settings import Settings
from hexkeep.bootstrap.tls import Certificate
from hexkeep.bootstrap.whereabouts import Whereabouts
from hexkeep.cli.command import settings_of
from hexkeep.cli.output import say
from hexkeep.cli.setup import show_first_run
from hexkeep.engine.iam import Iam

if TYPE_CHECKING:
    from hexkeep.adapters.grpc.core import Core


@click.command(name="serve")
@click.option("--host", help="Address to listen on.  [server.host]")
@click.option("--port", type=int, help="Port to listen on; 0 takes a free one.  [server.port]")
@click.option("--public-url", help="Origin that browsers and applications use.  [server.public_url]")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder.  [data.folder]")
@click.pass_context
def command(ctx: click.Context, host: str | None, port: int | None, public_url: str | None, data: Path | None) -> None:
    """Serve the API over HTTP and gRPC, and the pages.

    With nothing configured: http://localhost:8080, SQLite and the master key in ./hexkeep-data. An empty storage is set
    up, and the first administrator's password is printed, once; `hexkeep setup --reset-administrator` makes another.
    SIGTERM or Ctrl-C lets requests in flight finish; a second one ends at once.

    \b
    Examples:
      hexkeep serve
      hexkeep serve --port 9000 --data /var/lib/hexkeep
      HEXKEEP_STORAGE__ADAPTER=postgres HEXKEEP_STORAGE__POSTGRES__URL=postgresql:///hexkeep hexkeep serve
    """  # noqa: D301 - \b keeps click from filling the lines
    server = {"host": host, "port": port, "public_url": public_url}
    chosen: dict[str, dict[str, object]] = {
        "server": {name: value for name, value in server.items() if value is not None}
    }
    if data is not None:
        chosen["data"] = {"folder": data}
    settings = settings_of(ctx, chosen)
    configure_logging(settings.logging)
    _run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = Stop()
    stop.listen(_say_stopping)
    tls = certificate(settings)
    with on_signals(stop, settings.server.shutdown), listen(settings.server) as listener:
        async with grpc_core(settings) as core:
            await _serve_on(_with_port(settings, listener), listener, core, stop, tls)
    say("Stopped.", "dim")


async def _serve_on(
    settings: Settings, listener: socket, core: "Core | None", stop: Stop, tls: Certificate | None
) -> None:
    """Run on ports that are taken already."""
    program = Program(settings, Plugins.load(settings.plugins.block))
    async with running(program) as iam:
        embedded = Embedded(program, iam, await set_up(iam, program.storage.events, settings))
        app = http_app(embedded, stop)
        notice = await follow_origin(iam, settings)
        stop.listen(iam.machinery.streams.close)
        keep_what_is_there()
        with _told(settings, iam):
            async with serving_grpc(core, embedded, stop):
                _greet(embedded, notice, core.port if core else 0)
                await serve(app, listener, settings, stop, tls)


@contextmanager
def _told(settings: Settings, iam: Iam) -> Iterator[None]:
    """Let commands on this machine find the server, and operators act as the system, as long as it serves."""
    whereabouts, key = Whereabouts(settings.data.folder), LocalKey(settings.data.folder)
    whereabouts.tell(settings.server.origin)
    iam.admit(key.make())
    try:
        yield
    finally:
        key.forget()
        whereabouts.forget()


def _say_stopping() -> None:
    """Below the ``^C`` that a terminal shows."""
    if sys.stdout.isatty():
        say()
        say("Stopping: requests in flight may finish. Once more ends at once.", "dim")


def _with_port(settings: Settings, listener: socket) -> Settings:
    """The settings with the port that was really taken, where any free one was asked for."""
    server = settings.server.model_copy(update={"port": listener.getsockname()[1]})
    return settings.model_copy(update={"server": server})


def _greet(embedded: Embedded, notice: str, grpc_port: int) -> None:
    """Where to go and what to do next."""
    origin = embedded.program.settings.server.origin
    if embedded.first_run is not None:
        show_first_run(embedded.first_run)
        say()
    if notice:
        say(notice, "yellow")
    say(f"Hexkeep serves on {origin}", "bold")
    say(f"  Sign in        {origin}/")
    say(f"  API reference  {origin}/docs")
    say(f"  Discovery      {origin}/.well-known/openid-configuration")
    if grpc_port:
        say(f"  gRPC           {urlsplit(origin).hostname}:{grpc_port}")
    say("  Stop           Ctrl-C")


def _run(main: Coroutine[Any, Any, None]) -> None:
    """On uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
        return
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
