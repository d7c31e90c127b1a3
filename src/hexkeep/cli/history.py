"""`hexkeep history`."""

import json
from datetime import datetime
from typing import Any, cast

import click
from pydantic import JsonValue

from hexkeep.cli.archive_options import Moment
from hexkeep.cli.calling import Place, ask, place_options
from hexkeep.cli.command import json_option
from hexkeep.cli.output import print_json, print_table, say

PAGE = 500
Object = dict[str, Any]
"""A JSON object of an operation's output."""


class WhenType(click.ParamType[int | datetime]):
    """A position of the log, or a time."""

    name = "position|time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | datetime:
        """A whole number is a position, anything else has to be a time."""
        text = str(value)
        return int(text) if text.isdecimal() else Moment().convert(value, param, ctx)


@click.command(name="history")
@click.argument("aggregate_type", metavar="TYPE")
@click.argument("aggregate_id", metavar="ID")
@click.option("--at", type=WhenType(), help="What it was behind this position of its log, or at this time.")
@place_options
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    aggregate_type: str,
    aggregate_id: str,
    at: int | datetime | None,
    place: Place,
    as_json: bool,
) -> None:
    """Show what has happened to a resource, by whom and from where; with --at, what it was.

    TYPE is the kind of aggregate: user, organization, project, application, session and so on; the reference of events
    has them all. Values that are kept for comparing or sealed, such as hashes, are hidden;
    what was erased is blank. Of what retention has dropped nothing is shown, and the command says so.

    \b
    Examples:
      hexkeep history user 01a2…
      hexkeep history user 01a2… --at 2026-03-31T14:05:00+02:00
      hexkeep history organization 01a2… --at 1234 --json
    """  # noqa: D301 - \b keeps click from filling the lines
    names: dict[str, JsonValue] = {"aggregate_type": aggregate_type, "aggregate_id": aggregate_id}
    if at is None:
        _show_events(_events(ctx, place, names), as_json=as_json)
        return
    point: JsonValue = at if isinstance(at, int) else at.isoformat()
    found = ask(ctx, place, "GetResourceAt", {**names, "position" if isinstance(at, int) else "time": point})
    _show_then(cast("Object", found), as_json=as_json)


def _events(ctx: click.Context, place: Place, names: dict[str, JsonValue]) -> list[Object]:
    """Every event, from as many pages as it takes."""
    found: list[Object] = []
    after = 0
    while True:
        page = cast("Object", ask(ctx, place, "ListHistory", {**names, "after_version": after, "limit": PAGE}))
        found += page["events"]
        after = page["next_version"]
        if not after:
            return found


def _show_events(events: list[Object], *, as_json: bool) -> None:
    if as_json:
        print_json([{**one, "fields": _values(one["fields"])} for one in events])
        return
    columns = ("Version", "Position", "Time", "Event", "By", "From", "What")
    print_table(columns, map(_row, events), "Nothing has happened to it.", (0, 1))


def _row(event: Object) -> tuple[str, ...]:
    origin = " ".join(filter(None, (event["surface"], event["address"], event["client_id"])))
    what = ", ".join(f"{name}={value}" for name, value in event["fields"].items())
    when = event["created_at"][:19].replace("T", " ")
    return (
        str(event["version"]),
        str(event["position"]),
        when,
        event["type"],
        event["actor"] or "nobody",
        origin,
        what,
    )


def _show_then(then: Object, *, as_json: bool) -> None:
    rows = {one["view"]: _values(one["cells"]) for one in then["rows"]}
    if as_json:
        print_json(cast("Object", {**then, "state": _values(then["state"]), "rows": rows}))
        return
    say(f"Version {then['version']}, since {then['created_at']} (position {then['position']})", "bold")
    for title, values in (("State", _values(then["state"])), *rows.items()):
        say()
        texts = ((name, json.dumps(value, ensure_ascii=False)) for name, value in values.items())
        print_table((title, ""), texts, "")


def _values(texts: dict[str, str]) -> dict[str, JsonValue]:
    return {name: json.loads(text) for name, text in texts.items()}
