"""``make bench``: measure against the floors of the same run, print a table, write ``build/bench.json``."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop
from rich.console import Console

from tests.bench import appends, projections, serving
from tests.bench.figures import Figure, show, write
from tests.bench.storages import postgres

RESULT = Path("build/bench.json")


async def measure(only: str) -> list[Figure]:
    """Run every suite whose name contains ``only``, one after the other."""
    figures: list[Figure] = []
    with postgres() as database:
        suites: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
            "append": lambda: appends.on_one_process(database),
            "append-cluster": lambda: appends.on_four_processes(database),
            "append-sqlite": appends.on_sqlite_file,
            "catch-up": lambda: projections.catching_up(database),
            "serve": serving.on_sqlite,
            "lag": lambda: projections.lagging(database),
        }
        chosen = {name: suite for name, suite in suites.items() if only in name}
        with Console(stderr=True).status("measuring") as status:
            for number, (name, suite) in enumerate(chosen.items(), 1):
                status.update(f"measuring {name} ({number} of {len(chosen)})")
                figures += await suite()
    return figures


def main() -> None:
    """Measure and report. An argument narrows to suites whose name contains it."""
    figures = uvloop.run(measure(sys.argv[1] if len(sys.argv) > 1 else ""))
    show(figures)
    write(figures, RESULT)


if __name__ == "__main__":
    main()
