"""`hexkeep projections retry` and `skip`."""

from typing import Any, cast

import click
from pydantic import JsonValue

from hexkeep.cli.calling import Place, ask, place_options
from hexkeep.cli.command import json_option
from hexkeep.cli.exits import Exit
from hexkeep.cli.output import print_json, print_table, say
from hexkeep.core.kernel.errors import NotFound

Object = dict[str, Any]


def _waiting(
    ctx: click.Context, place: Place, projection: str | None, type_: str | None, id_: str | None
) -> list[Object]:
    """What is parked, as far as it was named."""
    found = cast("Object", ask(ctx, place, "ListParked", {"projection": projection or ""}))["parked"]
    return [one for one in found if type_ in {None, one["aggregate_type"]} and id_ in {None, one["aggregate_id"]}]


def _whom(one: Object) -> dict[str, JsonValue]:
    return {name: one[name] for name in ("projection", "aggregate_type", "aggregate_id")}


@click.command(name="retry")
@click.argument("projection", required=False)
@click.argument("aggregate_type", metavar="[TYPE]", required=False)
@click.argument("aggregate_id", metavar="[ID]", required=False)
@place_options
@json_option
@click.pass_context
def retry(
    ctx: click.Context,
    projection: str | None,
    aggregate_type: str | None,
    aggregate_id: str | None,
    place: Place,
    as_json: bool,
) -> None:
    """Digest the events of parked aggregates again, because their cause was mended: all, or those that are named.

    What fails again stays parked, and the command ends with code 1.

    \b
    Examples:
      hexkeep projections retry
      hexkeep projections retry users
      hexkeep projections retry users user 01a2…
    """  # noqa: D301 - \b keeps click from filling the lines
    whom = [_whom(one) for one in _waiting(ctx, place, projection, aggregate_type, aggregate_id)]
    unique = [one for index, one in enumerate(whom) if one not in whom[:index]]
    done: list[Object] = [
        {**one, "mended": cast("Object", ask(ctx, place, "RetryParked", one))["mended"]} for one in unique
    ]
    if as_json:
        print_json(cast("list[JsonValue]", done))
    else:
        rows = ((*map(str, _whom(one).values()), "mended" if one["mended"] else "still parked") for one in done)
        print_table(("Projection", "Type", "Id", "Outcome"), rows, "Nothing is parked.")
    if not all(one["mended"] for one in done):
        ctx.exit(Exit.FAILED)


@click.command(name="skip")
@click.argument("projection")
@click.argument("aggregate_type", metavar="TYPE")
@click.argument("aggregate_id", metavar="ID")
@click.option("--reason", required=True, help="Why, for the audit. Kept for ever: no personal data belongs here.")
@click.option("--yes", is_flag=True, help="Do not ask whether you mean it.")
@place_options
@json_option
@click.pass_context
def skip(  # noqa: PLR0917 - a click command
    ctx: click.Context,
    projection: str,
    aggregate_type: str,
    aggregate_id: str,
    reason: str,
    yes: bool,
    place: Place,
    as_json: bool,
) -> None:
    """Let a projection pass over the event that a parked aggregate waits at, for good.

    The log keeps the event; the aggregate's rows are what its other events make of them, also after a rebuild. It is
    recorded who did it and why. Mend the cause and retry wherever that can be done.

    \b
    Examples:
      hexkeep projections skip users user 01a2… --reason 'written by a broken import'
    """  # noqa: D301 - \b keeps click from filling the lines
    found = _waiting(ctx, place, projection, aggregate_type, aggregate_id)
    if not found:
        raise NotFound(f"{projection} has no parked {aggregate_type} {aggregate_id}")
    positions = sorted({one["position"] for one in found})
    told = ", ".join(f"{one['position']} ({one['error']})" for one in found)
    if not yes:
        click.confirm(f"Pass over the event at {told} in {projection} for good?", abort=True, err=True)
    for position in positions:
        ask(ctx, place, "SkipParked", {**_whom(found[0]), "position": position, "reason": reason})
    left = _waiting(ctx, place, projection, aggregate_type, aggregate_id)
    if as_json:
        print_json({"skipped": cast("JsonValue", positions), "parked_at": [one["position"] for one in left]})
    else:
        say(f"Skipped {', '.join(map(str, positions))}.")
        for one in left:
            say(f"It is parked at {one['position']} now: {one['error']}", "yellow")
