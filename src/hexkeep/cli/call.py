"""`hexkeep call`: every operation of the API as a command, derived from the registry."""

import asyncio
from contextlib import suppress
from functools import partial

import click
from pydantic import JsonValue, ValidationError

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.bootstrap.whereabouts import Whereabouts
from hexkeep.cli.arguments import describe, example, read_fields
from hexkeep.cli.command import CONTEXT, Commands, json_option, settings_of
from hexkeep.cli.output import print_json
from hexkeep.cli.remote import Server
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, StorageUnavailable, Unauthenticated, Violation
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.engine.survey import Survey

TITLES = {
    ApiName.AUTH: "Your own context",
    ApiName.MANAGEMENT: "One organization",
    ApiName.ADMIN: "The instance",
    ApiName.SYSTEM: "All instances",
}
SETTLING, LOOK = 10.0, 0.02
"""Seconds."""
QUIET = LoggingSettings(level="error")
NEEDS_TOKEN = (
    "A server runs on {origin} and does this for whom a token says: give an access token with --token or HEXKEEP_TOKEN "
    "(hexkeep call CreateSession login_name=… password=… answers with one), or stop the server to work on the storage "
    "as the system itself"
)
IN_USE = "Call without --local and with a token (--token or HEXKEEP_TOKEN), or stop the server first"


class Operations(Commands):
    """The operations as commands; plugins' operations too."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every operation but those of protocols, in order of registration."""
        return [one.name for one in self._operations(ctx).values()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of one operation."""
        operation = self._operations(ctx).get(cmd_name)
        return _command(operation) if operation else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, grouped by who an operation is for."""
        for api, title in TITLES.items():
            rows = [(one.name, one.summary) for one in self._operations(ctx).values() if one.api is api]
            with formatter.section(title):
                formatter.write_dl(rows)

    def _operations(self, ctx: click.Context) -> dict[str, AnyOperation]:
        known: dict[str, AnyOperation] | None = ctx.meta.get(__name__)
        if known is None:
            found = Program(settings := settings_of(ctx), Plugins.load(settings.plugins.block)).operations
            known = {one.name: one for one in found if one.api is not ApiName.PROTOCOL}
            ctx.meta[__name__] = known
        return known


def _command(operation: AnyOperation) -> click.Command:
    words = click.Argument(["words"], nargs=-1, metavar="[KEY=VALUE]...")
    file = click.Option(["--input", "file"], metavar="FILE", help="Fields from a JSON file; - reads standard input.")
    run = json_option(click.pass_context(partial(_run, operation)))
    return _Operation(operation, callback=run, params=[words, file, *_flags(run)])


def _flags(run: object) -> list[click.Parameter]:
    """The parameters that a decorator has left on a callback."""
    return list(getattr(run, "__click_params__", ()))


class _Operation(click.Command):
    """Shows the fields of the input and of the output in its help."""

    def __init__(self, operation: AnyOperation, **options: object) -> None:
        super().__init__(operation.name, help=operation.description, context_settings=CONTEXT, **options)  # type: ignore[arg-type]  # passed on
        self._operation = operation

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Fields first, then the options of every operation."""
        for title, model in (("Fields", self._operation.input), ("Answer", self._operation.output)):
            if model is not Empty:
                with formatter.section(title):
                    formatter.write_dl(describe(model))
        super().format_options(ctx, formatter)
        with formatter.section("Examples"):
            words = " ".join(["hexkeep call", self._operation.name, *example(self._operation.input)])
            formatter.write_text(words)


@click.group(name="call", cls=Operations, subcommand_metavar="OPERATION [KEY=VALUE]...", context_settings=CONTEXT)
@click.option("--server", metavar="URL", help="Ask the server there. Default: the one of the settings, if it runs.")
@click.option("--local", is_flag=True, help="Work on the storage in this process, as the system itself.")
@click.option("--token", envvar="HEXKEEP_TOKEN", help="Access token for the server. Default: HEXKEEP_TOKEN.")
@click.option("--instance", default="", help="Id of the instance, for work on the storage. Default: the origin's.")
@click.pass_context
def command(ctx: click.Context, server: str | None, local: bool, token: str | None, instance: str) -> None:
    """Call an operation of the API; the answer is JSON.

    A field is written key=text, or key:=json for numbers, lists and objects; a.b=text reaches into an object, and a
    repeated key makes a list. If a server runs on the data folder or where the settings say, it does the work, for the
    bearer of the token; CreateSession gives one. Otherwise the storage is opened and the system itself is the caller.

    \b
    Examples:
      hexkeep call ListUsers
      hexkeep call AddHumanUser --help
      hexkeep call CreateProject organization_id=01a2… name=Shop
      hexkeep call CreateProject --input project.json
      hexkeep call CreateSession login_name=admin --input password.json
      HEXKEEP_TOKEN=… hexkeep call --server https://id.example.com GetMyUser
    """  # noqa: D301 - \b keeps click from filling the lines
    if server and local:
        raise click.UsageError("--server and --local exclude each other")
    ctx.obj = {"server": server, "local": local, "token": token or "", "instance": instance}


def _run(operation: AnyOperation, ctx: click.Context, words: tuple[str, ...], file: str | None, as_json: bool) -> None:
    """Validate here, so that a slip is told at once; then let the server or this process do it."""
    fields = _validated(operation, read_fields(words, file, operation.input))
    settings, chosen = settings_of(ctx), ctx.obj
    configure_logging(QUIET)
    server = None if chosen["local"] else _server(settings, chosen["server"])
    if server is not None:
        output = _remote(server, operation, fields, chosen["token"])
    else:
        output = asyncio.run(_local(settings, operation, fields, chosen["instance"]))
    if operation.output is not Empty or as_json:
        print_json(output)


def _server(settings: Settings, named: str | None) -> Server | None:
    """The server that was named, else one that answers: that of the data folder, or that of the settings."""
    if named:
        return Server(named.rstrip("/"))
    for origin in dict.fromkeys((Whereabouts(settings.data.folder).read(), settings.server.origin)):
        if origin and (server := Server(origin)).answers():
            return server
    return None


def _validated(operation: AnyOperation, fields: dict[str, JsonValue]) -> dict[str, JsonValue]:
    try:
        message: Message = operation.input.model_validate(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidInput("", *(Violation(".".join(map(str, one["loc"])), one["msg"]) for one in found)) from None
    plain: dict[str, JsonValue] = message.model_dump(mode="json", exclude_unset=True)
    return plain


def _remote(server: Server, operation: AnyOperation, fields: dict[str, JsonValue], token: str) -> JsonValue:
    if operation.http is None:
        raise FailedPrecondition(f"{operation.name} is not offered over REST; stop the server and call it --local")
    if not token and operation.permission != PUBLIC:
        raise Unauthenticated(NEEDS_TOKEN.format(origin=server.origin))
    return server.call(operation.http, fields, token)


async def _local(settings: Settings, operation: AnyOperation, fields: dict[str, JsonValue], instance: str) -> JsonValue:
    program = Program(settings, Plugins.load(settings.plugins.block))
    try:
        async with running(program) as iam:
            client = await Embedded(program, iam).client(instance=instance)
            output = await client.call_json(operation.name, fields)
            if operation.writes:
                await _settled(program.survey)
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
