"""Figures: what a benchmark measured, against the floor of the same run and the bar the architecture sets."""

import json
import resource
import statistics
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    ``floor`` is what the bare technology does in the same run, in the same unit, and ``ratio`` the value over it; both
    are ``None`` for a figure judged by itself. ``bar`` is the sentence the value is judged by, ``met`` the verdict.
    """

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    bar: str
    met: bool


def at_least(name: str, value: float, unit: str, floor: float, ratio: float) -> Figure:
    """A rate that has to reach ``ratio`` of the floor."""
    reached = value / floor
    return Figure(name, value, unit, floor, reached, f">= {ratio:g} of the floor", reached >= ratio)


def at_most(name: str, value: float, unit: str, limit: float) -> Figure:
    """A duration or cost that has to stay below a limit."""
    return Figure(name, value, unit, None, None, f"<= {limit:g} {unit}", value <= limit)


def at_most_times(name: str, value: float, unit: str, floor: float, times: float) -> Figure:
    """A duration that has to stay below a multiple of the floor."""
    return Figure(name, value, unit, floor, value / floor, f"<= {times:g} x the floor", value <= times * floor)


def at_least_absolute(name: str, value: float, unit: str, limit: float) -> Figure:
    """A rate that has to reach a number of its own."""
    return Figure(name, value, unit, None, None, f">= {limit:g} {unit}", value >= limit)


def beside(name: str, value: float, unit: str, floor: float) -> Figure:
    """A figure shown beside its floor, without a bar."""
    return Figure(name, value, unit, floor, value / floor, "shown beside", met=True)


def noted(name: str, value: float, unit: str) -> Figure:
    """A figure shown beside the others, without a bar."""
    return Figure(name, value, unit, None, None, "shown beside", met=True)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of ``values`` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median(values: Iterable[float]) -> float:
    """The middle of the rounds, which one disturbed round does not move."""
    return statistics.median(values)


def cpu_seconds() -> float:
    """What this process has used of the processors."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


SHARES = (("p50", 0.5), ("p99", 0.99))


def delays(name: str, times: Sequence[float], floor: Sequence[float]) -> Iterator[Figure]:
    """How long something took, in seconds, beside how long it takes at the floor."""
    for known, share in SHARES:
        yield beside(f"{name}, {known}", percentile(times, share) * 1e3, "ms", percentile(floor, share) * 1e3)


def show(figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(title="Hexkeep benchmarks", title_justify="left")
    table.add_column("what")
    for heading in ("value", "floor", "ratio"):
        table.add_column(heading, justify="right")
    table.add_column("bar")
    table.add_column("met")
    for one in figures:
        floor = "" if one.floor is None else f"{one.floor:,.1f}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        verdict = "yes" if one.met else "[bold red]no[/]"
        table.add_row(one.name, f"{one.value:,.1f} {one.unit}", floor, ratio, one.bar, verdict)
    Console(width=150).print(table)


def publish(figures: Sequence[Figure], page: Path, name: str = "figures") -> None:
    """Put a table into a Markdown page, between the two marks of its name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    rows = ["| what | value | floor | ratio | bar | met |", "|---|--:|--:|--:|---|---|"]
    for one in figures:
        floor = "" if one.floor is None else f"{one.floor:,.1f}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        verdict = "yes" if one.met else "**no**"
        rows.append(f"| {one.name} | {one.value:,.1f} {one.unit} | {floor} | {ratio} | {one.bar} | {verdict} |")
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{page.name} has no place for {name}")
    page.write_text("\n".join([before + begin, *rows, end + after]), encoding="utf-8")


def write(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as a list of objects."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(one) for one in figures], indent=2) + "\n", encoding="utf-8")
