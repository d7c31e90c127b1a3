"""`hexkeep call`: every operation of the API as a command, derived from the registry."""

from functools import partial

import click
from click.shell_completion import CompletionItem

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.cli import completion
from hexkeep.cli.answers import show
from hexkeep.cli.arguments import describe, example, read_fields
from hexkeep.cli.calling import QUIET, Place, answer, place_options, validated
from hexkeep.cli.command import CONTEXT, Commands, json_option, settings_of
from hexkeep.cli.following import follow as follow_lines
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty

TITLES = {
    ApiName.AUTH: "Your own context",
    ApiName.MANAGEMENT: "One organization",
    ApiName.ADMIN: "The instance",
    ApiName.SYSTEM: "All instances",
}


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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The names of the operations, with their summaries, and the options of the group."""
        rows = ((one.name, one.summary) for one in self._operations(ctx).values())
        return [*completion.items(rows, incomplete), *completion.options(self, ctx, incomplete)]

    def _operations(self, ctx: click.Context) -> dict[str, AnyOperation]:
        known: dict[str, AnyOperation] | None = ctx.meta.get(__name__)
        if known is None:
            found = Program(settings := settings_of(ctx), Plugins.load(settings.plugins.block)).operations
            known = {one.name: one for one in found if one.api is not ApiName.PROTOCOL}
            ctx.meta[__name__] = known
        return known


def _command(operation: AnyOperation) -> click.Command:
    def fields(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return completion.words_of(operation.input, ctx.params.get("words") or (), incomplete)

    words = click.Argument(["words"], nargs=-1, metavar="[KEY=VALUE]...", shell_complete=fields)
    file = click.Option(["--input", "file"], metavar="FILE", help="Fields from a JSON file; - reads standard input.")
    run = json_option(click.pass_context(partial(_run, operation)))
    follow = click.Option(
        ["--follow"], is_flag=True, help="Print each item as a line of JSON, as it comes; Ctrl-C ends."
    )
    streams = [follow] if operation.stream else []
    return _Operation(operation, callback=run, params=[words, file, *streams, *_flags(run)])


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
            if fields := describe(model):
                with formatter.section(title):
                    formatter.write_dl(fields)
        super().format_options(ctx, formatter)
        with formatter.section("Examples"):
            words = " ".join(["hexkeep call", self._operation.name, *example(self._operation.input)])
            formatter.write_text(words)


@click.group(name="call", cls=Operations, subcommand_metavar="OPERATION [KEY=VALUE]...", context_settings=CONTEXT)
@place_options
@click.pass_context
def command(ctx: click.Context, place: Place) -> None:
    """Call an operation of the API; the answer is a table on a terminal, and JSON anywhere else or with --json.

    A field is written key=text, or key:=json for numbers, lists and objects; a.b=text reaches into an object, and a
    repeated key makes a list. If a server runs on the data folder or where the settings say, it does the work, for the
    bearer of the token; CreateSession gives one. Otherwise the storage is opened and the system itself is the caller.

    \b
    Examples:
      hexkeep call ListUsers
      hexkeep call CreateHumanUser --help
      hexkeep call CreateProject organization_id=01a2… name=Shop
      hexkeep call CreateProject --input project.json
      hexkeep call CreateSession login_name=admin --input password.json
      HEXKEEP_TOKEN=… hexkeep call --server https://id.example.com GetMyUser
    """  # noqa: D301 - \b keeps click from filling the lines
    ctx.obj = place


def _run(
    operation: AnyOperation,
    ctx: click.Context,
    words: tuple[str, ...],
    file: str | None,
    as_json: bool,
    *,
    follow: bool = False,
) -> None:
    """Validate here, so that a slip is told at once; then let the server or this process do it."""
    fields = validated(operation, read_fields(words, file, operation.input))
    place: Place = ctx.obj
    settings = settings_of(ctx)
    configure_logging(QUIET)
    if follow:
        follow_lines(settings, place, operation, fields)
        return
    output = answer(settings, place, operation, fields)
    if operation.output is not Empty or as_json:
        show(operation, output, as_json=as_json)
