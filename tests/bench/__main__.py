"""``make bench``: measure against the floors of the same run, print a table, write ``build/bench.json``."""

import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import uvloop
from rich.console import Console

from hexkeep.bootstrap.garbage import collect_rarely, keep_what_is_there
from tests.bench import (
    appends,
    beside,
    growth,
    judging,
    memory,
    million,
    projections,
    protocols,
    saml,
    saml_answers,
    sealing,
    serving,
    sign_ins,
    surfaces,
)
from tests.bench.figures import Figure, publish, show, write
from tests.bench.storages import postgres
from tests.postgres_server import PostgresDatabase, fresh_database

RESULT = Path("build/bench.json")
PAGE = Path("docs/performance.md")
SUITES: dict[str, Callable[[PostgresDatabase], Awaitable[list[Figure]]]] = {
    "append": appends.on_one_process,
    "append-cluster": appends.on_four_processes,
    "append-sqlite": appends.on_sqlite_file,
    "append-beside": beside.on_postgres_alone,
    "sealing": sealing.on_postgres_and_sqlite,
    "catch-up": projections.catching_up,
    "serve": serving.on_sqlite,
    "oidc": protocols.beside_the_peer,
    "surfaces": surfaces.on_sqlite,
    "lag": projections.lagging,
}


async def _growth(sizes: Sequence[int]) -> list[Figure]:
    with postgres() as server:
        return await growth.growing(server, sizes or growth.SIZES)


async def _saml(count: Sequence[int]) -> list[Figure]:
    held_up = await judging.beside_a_timer()
    return [*await saml.beside_xmlsec(*count[:1]), *held_up, *await saml_answers.beside_others()]


LONG: dict[str, Callable[[Sequence[int]], Awaitable[list[Figure]]]] = {
    "growth": _growth,
    "million": lambda users: million.of_users(*users[:1]),
    "memory": lambda seconds: memory.of_a_server(*seconds[:1]),
    "sign-ins": lambda count: sign_ins.of_one_server(*count[:1]),
    "saml": _saml,
}
"""Suites with a table of their own, run by their names alone; numbers of events, answers or seconds may follow.

All but the last take a quarter of an hour or more.
"""


async def measure(only: str, sizes: Sequence[int]) -> list[Figure]:
    """Run every suite whose name contains ``only``, one after the other, each on a database of its own."""
    if only in LONG:
        return await LONG[only](sizes)
    figures: list[Figure] = []
    with postgres() as server, Console(stderr=True).status("measuring") as status:
        chosen = {name: suite for name, suite in SUITES.items() if only in name}
        for number, (name, suite) in enumerate(chosen.items(), 1):
            status.update(f"measuring {name} ({number} of {len(chosen)})")
            with fresh_database(server) as database:
                figures += await suite(database)
    return figures


def main() -> None:
    """Measure and report. An argument narrows to suites whose name contains it."""
    collect_rarely()
    keep_what_is_there()
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    figures = uvloop.run(measure(only, [int(size) for size in sys.argv[2:]]))
    show(figures)
    write(figures, RESULT)
    if not only:
        publish(figures, PAGE)
    elif only in LONG and len(sys.argv) == len(("make", only)):
        publish(figures, PAGE, only)


if __name__ == "__main__":
    main()
