"""`hexkeep verify`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click
from pydantic import JsonValue

from hexkeep.bootstrap.container import Program
from hexkeep.bootstrap.seal_files import filed
from hexkeep.bootstrap.verification import Demand, verification
from hexkeep.cli.archive_options import Moment, program_of
from hexkeep.cli.command import json_option
from hexkeep.cli.exits import Exit
from hexkeep.cli.modesty import give_way
from hexkeep.cli.output import errors, print_json, print_table, say
from hexkeep.cli.progress import bars
from hexkeep.core.kernel.event import Log
from hexkeep.engine.findings import Break, LogReport, break_fields, fields_of
from hexkeep.engine.key_audit import KeyReport
from hexkeep.engine.seal_lines import keys_of

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
instance_option = click.option("--instance", default="", help="Only this instance.")


@click.command(name="verify")
@instance_option
@click.option("--log", type=click.Choice([log.value for log in Log]), help="Only the logs of this kind.")
@click.option("--since", type=Moment(), help="Only what was sealed at this time or later.")
@click.option("--keys", type=FILE, help="Trust these public keys alone, a JWK Set. No master key is needed then.")
@click.option("--seals", multiple=True, type=FILE, help="Hold the logs against seals that were kept elsewhere.")
@click.option("--restored", is_flag=True, help="Kept seals of what a restore left out are no fault.")
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    *,
    instance: str,
    log: str | None,
    since: datetime | None,
    keys: Path | None,
    seals: tuple[Path, ...],
    restored: bool,
    as_json: bool,
) -> None:
    """Verify that the logs are as they were written, and name the first position that is not.

    Of each event: it is there, fits its digest, is not dated before the one in front of it, and follows on its
    aggregate's last version. Of each seal: a trusted key signed it, it follows on the one before, and the events that
    it covers are those that were sealed. Events behind the newest seal are shown as unsealed; ranges that retention
    dropped are vouched for by their seals. Unique keys are held against their history.

    Whoever has the master key can sign a new history, and a log can be cut together with its newest seals. Only seals
    that are kept elsewhere show that: `hexkeep seals export`, and `--seals` with that file here.

    Works beside running servers, on every storage, and changes nothing. Ends with 1 when something is wrong.

    \b
    Examples:
      hexkeep verify
      hexkeep verify --keys keys.json --seals /vault/seals.jsonl
      hexkeep verify --since 2026-03-01 --json | jq .intact
    """  # noqa: D301 - \b keeps click from filling the lines
    trusted = keys_of(keys.read_text(encoding="utf-8", errors="replace")) if keys else None
    demand = Demand(instance, Log(log) if log else None, since, trusted, restored=restored)
    give_way()
    found = asyncio.run(_verified(program_of(ctx), demand, seals))
    if as_json:
        print_json(found.fields())
    else:
        _show(found)
    if not found.intact:
        ctx.exit(Exit.FAILED)


@dataclass(frozen=True, slots=True)
class _Found:
    logs: Sequence[LogReport]
    unique_keys: Sequence[KeyReport]

    @property
    def intact(self) -> bool:
        """Whether nothing was wrong."""
        breaks = [one.broken for one in self.logs] + [one.broken for one in self.unique_keys]
        return not any(breaks)

    def fields(self) -> dict[str, JsonValue]:
        """For a script."""
        keys: list[JsonValue] = [
            {"instance": one.instance, "keys": one.keys, "broken": break_fields(one.broken)} for one in self.unique_keys
        ]
        return {"intact": self.intact, "logs": [fields_of(one) for one in self.logs], "unique_keys": keys}


async def _verified(program: Program, demand: Demand, seals: tuple[Path, ...]) -> _Found:
    with filed(seals) as kept, bars() as progress:
        async with verification(program, replace(demand, kept=kept if seals else None), progress) as use:
            return _Found([one async for one in use.logs()], [one async for one in use.unique_keys()])


COLUMNS = ("Instance", "Log", "Head", "Events", "Seals", "Dropped", "Unsealed", "Epoch", "Verdict")
NUMBERS = (2, 3, 4, 5, 6, 7)


def _show(found: _Found) -> None:
    print_table(COLUMNS, map(_row, found.logs), "Nothing has been written yet.", NUMBERS)
    for log in found.logs:
        _show_break(f"the {log.log.value} log of instance {log.instance}", log.broken)
    for keys in found.unique_keys:
        _show_break(f"the unique keys of instance {keys.instance}", keys.broken)
    if found.intact and found.logs:
        say("The logs are as they were written.", "bold green")


def _show_break(what: str, broken: Break | None) -> None:
    if broken is not None:
        errors().print(f"In {what}, {broken.meaning}.  \\[{broken.fault.value}]", style="bold red")


def _row(log: LogReport) -> tuple[str, ...]:
    numbers = (log.head, log.events, log.seals, log.dropped, log.unsealed, log.epoch)
    return (log.instance, log.log.value, *map(str, numbers), "broken" if log.broken else "intact")
