"""Telemetry: what a process knows of itself as numbers, for whoever watches it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Kind(enum.StrEnum):
    """How a figure moves."""

    GAUGE = "gauge"
    """Up and down."""
    COUNTER = "counter"
    """Only up, from 0 at the start of the process."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. ``name`` is in snake case and ends with its unit; a counter's without ``_total``.

    Labels are few and from a small set: names of projections, never ids of instances or people.
    """

    name: str
    kind: Kind
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


class Telemetry(Protocol):
    """The port. May be asked at any rate: what costs something to find out is remembered for a moment."""

    async def figures(self) -> Sequence[Figure]:
        """Every number, those of one name next to each other. What cannot be found out now is left out."""
