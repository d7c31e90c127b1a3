"""`hexkeep outbox`."""

from collections import Counter
from typing import Any, cast

import click
from pydantic import JsonValue

from hexkeep.cli.calling import Place, ask, place_options
from hexkeep.cli.command import Commands, json_option
from hexkeep.cli.output import print_json, print_table, say

PAGE = 1000
SHOWN = 100
"""Deliveries that are listed for a person; a script gets all."""
OPEN = ("pending", "dead")
STATES = (*OPEN, "delivered", "discarded")
Object = dict[str, Any]
"""A JSON object of an operation's output."""


@click.group(name="outbox", cls=Commands)
def command() -> None:
    """Look at the deliveries that wait or could not be made, retry them or give them up.

    \b
    Examples:
      hexkeep outbox status
      hexkeep outbox retry mf2ha…
      hexkeep outbox discard mf2ha…
    """  # noqa: D301 - \b keeps click from filling the lines


@command.command(name="status")
@click.option("--state", type=click.Choice(STATES), multiple=True, help="Only these. Default: pending and dead.")
@click.option("--channel", default="", help="Only those of this channel, such as mail.")
@place_options
@json_option
@click.pass_context
def status(
    ctx: click.Context,
    state: tuple[str, ...],
    channel: str,
    place: Place,
    as_json: bool,
) -> None:
    """Show what waits to be delivered and what could not be, by the time at which it is due.

    What a delivery carries is never shown. `error` is the class of the last failure. A dead delivery was refused for
    good, failed too often, or came too late.

    \b
    Examples:
      hexkeep outbox status
      hexkeep outbox status --state dead --channel mail
      hexkeep outbox status --json | jq '.[] | select(.attempts > 3) | .delivery_id'
    """  # noqa: D301 - \b keeps click from filling the lines
    found = [row for one in state or OPEN for row in _listed(ctx, place, {"state": one, "channel": channel})]
    if as_json:
        print_json(found)
        return
    counts = Counter((one["outbox"], one["channel"], one["state"]) for one in found)
    numbers = [(*place_, str(count)) for place_, count in sorted(counts.items())]
    print_table(("Outbox", "Channel", "State", "Deliveries"), numbers, "Nothing waits, and nothing is dead.", (3,))
    if found:
        say()
        columns = ("Delivery", "Channel", "State", "Attempts", "Due", "Error")
        print_table(columns, map(_row, found[:SHOWN]), "", (3,))
    if len(found) > SHOWN:
        say(f"… and {len(found) - SHOWN} more; --json shows all")


@command.command(name="retry")
@click.argument("delivery_id", metavar="DELIVERY")
@place_options
@json_option
@click.pass_context
def retry(
    ctx: click.Context,
    delivery_id: str,
    place: Place,
    as_json: bool,
) -> None:
    """Try a delivery that waits or is dead again, at once and with all its attempts before it.

    \b
    Examples:
      hexkeep outbox retry mf2ha…
      hexkeep outbox status --state dead --json | jq -r '.[].delivery_id' | xargs -n1 hexkeep outbox retry
    """  # noqa: D301 - \b keeps click from filling the lines
    _done(ctx, place, "RetryDelivery", delivery_id, "It is tried again.", as_json=as_json)


@command.command(name="discard")
@click.argument("delivery_id", metavar="DELIVERY")
@place_options
@json_option
@click.pass_context
def discard(
    ctx: click.Context,
    delivery_id: str,
    place: Place,
    as_json: bool,
) -> None:
    """Give up a delivery that waits or is dead; what it carries is deleted. One on its way may still arrive.

    \b
    Examples:
      hexkeep outbox discard mf2ha…
    """  # noqa: D301 - \b keeps click from filling the lines
    _done(ctx, place, "DiscardDelivery", delivery_id, "It is given up.", as_json=as_json)


def _done(ctx: click.Context, place: Place, operation: str, delivery_id: str, told: str, *, as_json: bool) -> None:
    ask(ctx, place, operation, {"delivery_id": delivery_id})
    if as_json:
        print_json({"delivery_id": delivery_id})
    else:
        say(told)


def _listed(ctx: click.Context, place: Place, filters: dict[str, JsonValue]) -> list[Object]:
    """Every delivery that fits, from as many pages as it takes."""
    found: list[Object] = []
    cursor = ""
    while True:
        page = cast("Object", ask(ctx, place, "ListDeliveries", {**filters, "limit": PAGE, "cursor": cursor}))
        found += page["deliveries"]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def _row(one: Object) -> tuple[str, ...]:
    due = str(one["due_at"])[:19].replace("T", " ")
    attempts = f"{one['attempts']}/{one['max_attempts']}"
    return (one["delivery_id"], one["channel"], one["state"], attempts, due, one["error"])
