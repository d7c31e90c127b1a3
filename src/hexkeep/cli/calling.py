"""Calling an operation from a command: by the server that runs, for the bearer of a token, or here, as the system.

A command that does what an operation does takes ``place_options`` and hands its fields to ``ask``; so it works beside a
server, with the server stopped, and on every storage, with the same permissions and errors as everywhere.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

import click
from pydantic import JsonValue, ValidationError

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.loading import nearest
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.bootstrap.whereabouts import Whereabouts
from hexkeep.cli.command import settings_of
from hexkeep.cli.remote import Server
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, StorageUnavailable, Unauthenticated, Violation
from hexkeep.core.kernel.operation import AnyOperation, Message
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.engine.survey import Survey

SETTLING, LOOK = 10.0, 0.02
"""Seconds."""
QUIET = LoggingSettings(level="error")
NEEDS_TOKEN = (
    "A server runs on {origin} and does this for whom a token says: give an access token with --token or HEXKEEP_TOKEN "
    "(hexkeep call CreateSession login_name=… password=… answers with one), or stop the server to work on the storage "
    "as the system itself"
)
IN_USE = "Call without --local and with a token (--token or HEXKEEP_TOKEN), or stop the server first"

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operation is called. Without ``server`` and ``local`` that is found out."""

    server: str | None = None
    local: bool = False
    token: str = field(default="", repr=False)
    instance: str = ""


def place_options(command: F) -> F:
    """The options that say where, as one parameter ``place``; a usage error where they exclude each other."""

    @wraps(command)
    def placed(*words: Any, server: str | None, local: bool, token: str | None, instance: str, **others: Any) -> Any:
        if server and local:
            raise click.UsageError("--server and --local exclude each other")
        return command(*words, place=Place(server, local, token or "", instance), **others)

    for option in reversed(
        (
            click.option("--server", metavar="URL", help="Ask this server. Default: that of the settings, if it runs."),
            click.option("--local", is_flag=True, help="Work on the storage in this process, as the system itself."),
            click.option("--token", envvar="HEXKEEP_TOKEN", help="Access token for it. Default: HEXKEEP_TOKEN."),
            click.option("--instance", default="", help="Id of the instance, on the storage. Default: the origin's."),
        )
    ):
        placed = option(placed)
    return cast("F", placed)


def ask(ctx: click.Context, place: Place, name: str, fields: Mapping[str, JsonValue]) -> JsonValue:
    """The output of the operation of that name, as JSON values; raises the errors of the tree."""
    settings = settings_of(ctx)
    configure_logging(QUIET)
    operation = next(one for one in program_of(settings).operations if one.name == name)
    return answer(settings, place, operation, validated(operation, fields))


def validated(operation: AnyOperation, fields: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields, checked here so that a slip is told at once; raises ``InvalidInput``."""
    try:
        message: Message = operation.input.model_validate(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        known = tuple(operation.input.model_fields)
        raise InvalidInput("", *(_violation(one["loc"], one["type"], one["msg"], known) for one in found)) from None
    plain: dict[str, JsonValue] = message.model_dump(mode="json", exclude_unset=True)
    return plain


def _violation(place: tuple[int | str, ...], kind: str, message: str, known: tuple[str, ...]) -> Violation:
    """What is wrong with a field; with what may have been meant by a name that is not known."""
    name = ".".join(map(str, place))
    return Violation(name, message + (nearest(name, known) if kind == "extra_forbidden" else ""))


def answer(settings: Settings, place: Place, operation: AnyOperation, fields: dict[str, JsonValue]) -> JsonValue:
    """Let the server or this process do it."""
    server = serving_at(settings, place)
    if server is not None:
        return _remote(server, operation, fields, place.token)
    return asyncio.run(_local(settings, operation, fields, place.instance))


def serving_at(settings: Settings, place: Place) -> Server | None:
    """The server that does what is asked for, or ``None`` where this process does."""
    return None if place.local else _server(settings, place.server)


def program_of(settings: Settings) -> Program:
    """The program of these settings, with its plugins."""
    return Program(settings, Plugins.load(settings.plugins.block))


def _server(settings: Settings, named: str | None) -> Server | None:
    """The server that was named, else one that answers: that of the data folder, or that of the settings."""
    if named:
        return Server(named.rstrip("/"))
    for origin in dict.fromkeys((Whereabouts(settings.data.folder).read(), settings.server.origin)):
        if origin and (server := Server(origin)).answers():
            return server
    return None


def _remote(server: Server, operation: AnyOperation, fields: dict[str, JsonValue], token: str) -> JsonValue:
    if operation.http is None:
        raise FailedPrecondition(f"{operation.name} is not offered over REST; stop the server and call it --local")
    if not token and operation.permission != PUBLIC:
        raise Unauthenticated(NEEDS_TOKEN.format(origin=server.origin))
    return server.call(operation.http, fields, token)


async def _local(settings: Settings, operation: AnyOperation, fields: dict[str, JsonValue], instance: str) -> JsonValue:
    program = program_of(settings)
    try:
        async with running(program) as iam:
            client = await Embedded(program, iam).client(instance=instance)
            output = await client.call_json(operation.name, fields)
            if operation.writes:
                await _settled(iam.machinery.survey)
            return output
    except StorageUnavailable as error:
        origin = Whereabouts(settings.data.folder).read()
        if not origin:
            raise
        raise StorageUnavailable(f"{error.message}: a server serves it on {origin}. {IN_USE}") from error


async def _settled(survey: Survey) -> None:
    """Wait until projections and processes have followed, so that an instance is ready when its making is told.

    Not for ever: what is left is done by the next process on the storage.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLING):
            while any(one.lag and one.current for one in await survey.status()):  # noqa: ASYNC110 - the work may be another node's
                await asyncio.sleep(LOOK)
