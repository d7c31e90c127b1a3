"""Value types of settings: durations as people write them."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_WRITTEN = re.compile(r"(\d+)\s*([dhms])")


def parse_duration(value: object) -> object:
    """``15m``, ``30 d``, or a number of seconds; anything else is left for pydantic to judge."""
    if isinstance(value, str):
        match = _WRITTEN.fullmatch(value.strip())
        if match:
            return timedelta(seconds=int(match[1]) * UNITS[match[2]])
        if not value.isdecimal():
            raise ValueError("write a duration as 30s, 15m, 12h or 90d")
    return value


def format_duration(value: timedelta) -> str:
    """The shortest way to write a duration: the largest unit that divides it."""
    seconds = int(value.total_seconds())
    unit = next(unit for unit, size in UNITS.items() if seconds % size == 0)
    return f"{seconds // UNITS[unit]}{unit}"


Duration = Annotated[
    timedelta, BeforeValidator(parse_duration), PlainSerializer(format_duration, return_type=str, when_used="json")
]
"""A positive span of whole seconds, written ``30s``, ``15m``, ``12h`` or ``90d``."""
