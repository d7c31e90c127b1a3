"""`hexkeep keys`."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, looking, running
from hexkeep.bootstrap.local_key import LocalKey
from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import LoggingSettings, Settings
from hexkeep.cli.calling import Place, serving_at
from hexkeep.cli.command import Commands, json_option, settings_of
from hexkeep.cli.output import errors, print_json, print_table, say
from hexkeep.cli.progress import Bars, bars
from hexkeep.cli.remote import Server
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.operation import Http
from hexkeep.ports.keys import WrappedKey

QUIET = LoggingSettings(level="error")
PAGE = 200
PERSONAL = ("subject/", "client/")
"""Prefixes of the keys that there are many of."""
COLUMNS = ("Instance", "Name", "Version", "Master key")
INTERRUPTED = 130

Call = Callable[[str, Mapping[str, JsonValue]], Awaitable[Mapping[str, JsonValue]]]
"""Calls an operation as the system."""


@click.group(name="keys", cls=Commands)
def command() -> None:
    """Look at the data keys, and rotate the keys that they lie under.

    \b
    Examples:
      hexkeep keys list
      hexkeep keys rotate
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also those of people and days, which there are many of.")
@json_option
@click.pass_context
def list_(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the data keys by name, with the id of the master key that wraps each; never a byte of one.

    Works beside running servers, needs no master key, and changes nothing.

    \b
    Examples:
      hexkeep keys list
      hexkeep keys list --all --json | jq 'group_by(.master) | map({(.[0].master): length})'
    """  # noqa: D301 - \b keeps click from filling the lines
    found = asyncio.run(_listed(_program(ctx)))
    shown = [key for key in found if everything or not key.name.startswith(PERSONAL)]
    if as_json:
        print_json([_fields(key) for key in shown])
        return
    print_table(COLUMNS, map(_row, shown), "There are no keys yet.", (2,))
    if len(shown) < len(found):
        say()
        say(f"{len(found) - len(shown)} more of people and days; --all shows them.", "dim")


@command.command(name="rotate")
@click.option("--data", "name", metavar="NAME", help="Renew this data key instead, as sealed/signing.")
@click.option("--instance", default="", help="Id of the data key's instance. Default: the origin's.")
@json_option
@click.pass_context
def rotate(ctx: click.Context, name: str | None, instance: str, as_json: bool) -> None:
    """Wrap every data key by the present master key, beside running servers.

    First give the new master key to every node, and the old one as a previous one (`secrets.previous_master_keys` or
    `secrets.previous_master_key_files`). Then run this, once. Then take the old one away. Broken off, run it again: it
    goes on. Nothing that is sealed is touched, and no request fails.

    With --data a single data key gets a new version, for what is sealed or hashed from now on.

    \b
    Examples:
      hexkeep config master-key new.key
      hexkeep keys rotate
      hexkeep keys rotate --data sealed/signing
    """  # noqa: D301 - \b keeps click from filling the lines
    program = _program(ctx)
    try:
        if name:
            done = asyncio.run(_renewed(program, name, instance))
        else:
            with bars() as progress:
                done = asyncio.run(_rotated(program, progress))
    except KeyboardInterrupt:
        errors().print("Interrupted. Nothing is lost: run it again, and it goes on.")
        ctx.exit(INTERRUPTED)
    if as_json:
        print_json(done)
    elif name:
        say(f"{name} has version {done['version']} now; what older ones have made stays readable.")
    else:
        say(f"Every data key is wrapped by the master key {done['master']}: {done['rewrapped']} were not before.")
        say("The previous master keys can be taken out of the settings.", "dim")


def _program(ctx: click.Context) -> Program:
    settings = settings_of(ctx)
    configure_logging(QUIET)
    return Program(settings, Plugins.load(settings.plugins.block))


async def _listed(program: Program) -> list[WrappedKey]:
    async with looking(program):
        return await _all_keys(program)


async def _all_keys(program: Program) -> list[WrappedKey]:
    found: list[WrappedKey] = []
    while page := await program.storage.keys.list(_place(found), 1000):
        found += page
    return found


def _place(found: list[WrappedKey]) -> tuple[str, str, int] | None:
    return (found[-1].instance, found[-1].name, found[-1].version) if found else None


def _fields(key: WrappedKey) -> dict[str, JsonValue]:
    return {
        "instance": key.instance,
        "name": key.name,
        "version": key.version,
        "master": key.master,
        "destroyed": not key.wrapped,
    }


def _row(key: WrappedKey) -> tuple[str, ...]:
    return key.instance, key.name, str(key.version), key.master if key.wrapped else "destroyed"


async def _renewed(program: Program, name: str, instance: str) -> dict[str, JsonValue]:
    async def renew(call: Call, own: str) -> dict[str, JsonValue]:
        return dict(await call("RenewDataKey", {"instance_id": instance or own, "name": name}))

    return await _as_system(program, renew)


async def _rotated(program: Program, progress: Bars) -> dict[str, JsonValue]:
    wanted = program.iam.machinery.masters.wanted.id
    total = len(await _listed(program)) if _beside(program) is not None else 0

    async def turn(call: Call, _: str) -> dict[str, JsonValue]:
        count = total or len(await _all_keys(program))
        return await rotation(call, wanted, lambda done: progress("Wrapping keys", min(done, count), count))

    return await _as_system(program, turn)


async def rotation(call: Call, wanted: str, progress: Callable[[int], None]) -> dict[str, JsonValue]:
    """The whole rotation, step by step. ``progress`` is told how many keys of a pass were looked at.

    Raises ``FailedPrecondition`` where the nodes are set to another master key than this command.
    """
    begun = await call("BeginKeyRotation", {})
    if begun["master"] != wanted:
        raise FailedPrecondition(
            f"The server that runs is set to the master key {begun['master']}, these settings to {wanted}: "
            "restart it with the new settings first"
        )
    await asyncio.sleep(int(str(begun["wait_milliseconds"])) / 1000)
    rewrapped = 0
    while count := await _pass(call, progress):
        rewrapped += count
    finished = await call("FinishKeyRotation", {})
    return {"master": finished["master"], "rewrapped": rewrapped}


async def _pass(call: Call, progress: Callable[[int], None]) -> int:
    """Every key once; how many were wrapped anew."""
    seen, rewrapped, last = 0, 0, list[JsonValue]()
    while True:
        page = await call("RewrapDataKeys", {"after": last, "limit": PAGE})
        seen += int(str(page["seen"]))
        rewrapped += int(str(page["rewrapped"]))
        progress(seen)
        if not (found := page["last"]) or not isinstance(found, list):
            return rewrapped
        last = found


async def _as_system(
    program: Program, work: Callable[[Call, str], Awaitable[dict[str, JsonValue]]]
) -> dict[str, JsonValue]:
    """Let the server of this data folder do it, whose key the folder holds; else this process."""
    beside = _beside(program)
    if beside is not None:
        server, key = beside
        own = await asyncio.to_thread(server.call, _binding(program, "GetMyInstance"), {}, key)
        return await work(_remote(program, server, key), _instance_of(own))
    async with running(program, migrate=False) as iam:
        client = await Embedded(program, iam).client()
        return await work(client.call_json, client.instance)


def _beside(program: Program) -> tuple[Server, str] | None:
    settings: Settings = program.settings
    key = LocalKey(settings.data.folder).read()
    server = serving_at(settings, Place()) if key else None
    return (server, key) if server is not None else None


def _remote(program: Program, server: Server, key: str) -> Call:
    async def call(name: str, fields: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        answer = await asyncio.to_thread(server.call, _binding(program, name), fields, key)
        return answer if isinstance(answer, dict) else {}

    return call


def _binding(program: Program, name: str) -> Http:
    found = next(one.http for one in program.operations if one.name == name)
    if found is None:
        raise FailedPrecondition(f"{name} is not offered over REST")
    return found


def _instance_of(answer: JsonValue) -> str:
    return str(answer["instance_id"]) if isinstance(answer, dict) else ""
