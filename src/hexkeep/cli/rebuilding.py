"""`hexkeep projections rebuild`."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import click

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
from hexkeep.ports.views import BuildState

LOOK = 0.2
"""Seconds between two looks at how far the work is."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A projection and the build that is to serve it."""

    projection: str
    build: int


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
    PostgreSQL also beside servers. A changed projection needs no such command: it rebuilds by itself at the start.

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
        print_json([{"projection": one.projection, "build": one.build, "serves": not no_wait} for one in done])
        return
    for one in done:
        say(f"{one.projection}: build {one.build} {'is being filled' if no_wait else 'serves'}")


def _names(settings: Settings, name: str | None) -> list[str]:
    known = [one.name for one in Program(settings, Plugins.load(settings.plugins.block)).projections]
    if name is not None and name not in known:
        raise NotFound(f"There is no projection {name}{nearest(name, known)}")
    return known if name is None else [name]


def _there(ctx: click.Context, place: Place, names: Sequence[str], shown: Bars | None) -> list[_Wanted]:
    """Let the server do it, and look how far it is."""
    wanted = []
    for name in names:
        begun = cast("dict[str, Any]", ask(ctx, place, "RebuildProjection", {"projection": name}))
        wanted.append(_Wanted(name, begun["build"]))
    left = list(wanted)
    while left and shown is not None:
        listed = cast("dict[str, Any]", ask(ctx, place, "ListProjections", {}))["projections"]
        for one in list(left):
            rows = [row for row in listed if (row["projection"], row["build"]) == (one.projection, one.build)]
            shown(one.projection, sum(row["head"] - row["lag"] for row in rows), sum(row["head"] for row in rows))
            if all(row["state"] != BuildState.BUILDING for row in rows):  # filled; a later build may serve already
                left.remove(one)
        if left:
            time.sleep(LOOK)
    return wanted


async def _here(settings: Settings, place: Place, names: Sequence[str], shown: Bars | None) -> list[_Wanted]:
    """Do it as a node of the cluster, as the system itself."""
    program = Program(settings, Plugins.load(settings.plugins.block))
    async with running(program) as iam:
        client = await Embedded(program, iam).client(instance=place.instance)
        wanted = []
        for name in names:
            begun = await client.call_json("RebuildProjection", {"projection": name})
            wanted.append(_Wanted(name, cast("int", begun["build"])))
        left = list(wanted)
        while left and shown is not None:
            statuses = await program.survey.status()
            for one in list(left):
                rows = [row for row in statuses if (row.consumer, row.build) == (one.projection, one.build)]
                shown(one.projection, sum(row.head - row.lag for row in rows), sum(row.head for row in rows))
                if all(row.state is not BuildState.BUILDING for row in rows):
                    left.remove(one)
            if left:
                await asyncio.sleep(LOOK)
        return wanted
