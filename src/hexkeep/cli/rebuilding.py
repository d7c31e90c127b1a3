"""`hexkeep projections rebuild`."""

import asyncio
import enum
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.embed import Embedded, running
from hexkeep.bootstrap.loading import nearest
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.calling import Place, ask, place_options, serving_at
from hexkeep.cli.command import json_option, settings_of
from hexkeep.cli.output import errors, print_json, say
from hexkeep.cli.progress import Bars, bars
from hexkeep.core.kernel.errors import NotFound
from hexkeep.engine.survey import Survey
from hexkeep.ports.views import BuildState, Views

LOOK = 0.2
"""Seconds between two looks at how far the work is."""
Shown = Callable[[str, int, int], None]
"""Hears how far which work is, and of how much."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A projection and the build that is to serve it."""

    projection: str
    build: int


class Fate(enum.StrEnum):
    """What became of a build, in words."""

    BEGUN = "is being filled"
    SERVES = "serves"
    REPLACED = "was replaced by a later build"


@click.command(name="rebuild")
@click.argument("name", required=False)
@click.option("--all", "everything", is_flag=True, help="Every projection.")
@click.option("--no-wait", "no_wait", is_flag=True, help="Begin, and leave the work to the servers that run.")
@place_options
@json_option
@click.pass_context
def rebuild(
    ctx: click.Context,
    name: str | None,
    everything: bool,
    no_wait: bool,
    place: Place,
    as_json: bool,
) -> None:
    """Fill a projection's tables anew from the log, beside those that serve, and let them take over.

    Nothing is unavailable meanwhile, and nothing is lost by breaking it off: with Ctrl-C the build stays, servers that
    run go on with it, and the same command continues it. If a server runs here, it does the work, for the bearer of a
    token; the bar then shows the instance of that token. Otherwise, or with --local, this process takes part: on
    PostgreSQL also beside servers. A changed projection needs no such command: it rebuilds by itself at the start. If
    the build of such a change takes over first, the command says that its own was replaced.

    \b
    Examples:
      hexkeep projections rebuild users
      hexkeep projections rebuild --all --local
      hexkeep projections rebuild users --no-wait --token …
    """  # noqa: D301 - \b keeps click from filling the lines
    if bool(name) is everything:
        raise click.UsageError("Name one projection, or give --all")
    settings = settings_of(ctx)
    names = _names(settings, name)
    try:
        with bars() as shown:
            if serving_at(settings, place) is not None:
                done = _there(ctx, place, names, None if no_wait else shown)
            else:
                done = asyncio.run(_here(settings, place, names, None if no_wait else shown))
    except KeyboardInterrupt:
        errors().print("Broken off. What was built stays, and the same command goes on with it.")
        raise click.exceptions.Exit(1) from None
    if as_json:
        print_json([_fields(one, fate) for one, fate in done.items()])
        return
    for one, fate in done.items():
        say(f"{one.projection}: build {one.build} {fate.value}")


def _fields(one: Wanted, fate: Fate) -> dict[str, JsonValue]:
    serves, replaced = fate is Fate.SERVES, fate is Fate.REPLACED
    return {"projection": one.projection, "build": one.build, "serves": serves, "replaced": replaced}


def _names(settings: Settings, name: str | None) -> list[str]:
    known = [one.name for one in Program(settings, Plugins.load(settings.plugins.block)).projections]
    if name is not None and name not in known:
        raise NotFound(f"There is no projection {name}{nearest(name, known)}")
    return known if name is None else [name]


def fate_of(one: Wanted, states: Mapping[int, str]) -> Fate | None:
    """What became of a build, by the states of all builds of its projection; ``None`` while it is being filled.

    One that is not there any more was replaced, and discarded since.
    """
    match states.get(one.build):
        case BuildState.BUILDING:
            return None
        case BuildState.SERVING:
            return Fate.SERVES
        case _:
            return Fate.REPLACED


def _there(ctx: click.Context, place: Place, names: Sequence[str], shown: Bars | None) -> dict[Wanted, Fate]:
    """Let the server do it, and look how far it is."""
    fates: dict[Wanted, Fate] = {}
    left = []
    for name in names:
        begun = cast("dict[str, Any]", ask(ctx, place, "RebuildProjection", {"projection": name}))
        left.append(Wanted(name, begun["build"]))
    while left and shown is not None:
        listed = cast("dict[str, Any]", ask(ctx, place, "ListProjections", {}))["projections"]
        for one in list(left):
            rows = [row for row in listed if row["projection"] == one.projection]
            own = [row for row in rows if row["build"] == one.build]
            shown(one.projection, sum(row["head"] - row["lag"] for row in own), sum(row["head"] for row in own))
            # where nothing has happened in the instance, nothing is listed, and nobody here can tell
            fate = fate_of(one, {row["build"]: row["state"] for row in rows}) if rows else Fate.BEGUN
            if fate is not None:
                fates[one] = fate
                left.remove(one)
        if left:
            time.sleep(LOOK)
    return fates | dict.fromkeys(left, Fate.BEGUN)


async def _here(settings: Settings, place: Place, names: Sequence[str], shown: Bars | None) -> dict[Wanted, Fate]:
    """Do it as a node of the cluster, as the system itself."""
    program = Program(settings, Plugins.load(settings.plugins.block))
    async with running(program) as iam:
        client = await Embedded(program, iam).client(instance=place.instance)
        wanted = []
        for name in names:
            begun = await client.call_json("RebuildProjection", {"projection": name})
            wanted.append(Wanted(name, cast("int", begun["build"])))
        if shown is None:
            return dict.fromkeys(wanted, Fate.BEGUN)
        return await followed(wanted, program.storage.views, program.survey, shown)


async def followed(wanted: Iterable[Wanted], views: Views, survey: Survey, shown: Shown) -> dict[Wanted, Fate]:
    """Wait until none of these builds is being filled any more; what became of them."""
    fates: dict[Wanted, Fate] = {}
    left = list(wanted)
    while True:
        statuses, builds = await survey.status(), await views.builds()
        for one in list(left):
            rows = [row for row in statuses if (row.consumer, row.build) == (one.projection, one.build)]
            shown(one.projection, sum(row.head - row.lag for row in rows), sum(row.head for row in rows))
            fate = fate_of(one, {build.number: build.state for build in builds if build.projection == one.projection})
            if fate is not None:
                fates[one] = fate
                left.remove(one)
        if not left:
            return fates
        await asyncio.sleep(LOOK)
