"""How many requests are tried: a few whenever tests run, and many times as many in the slow test of this folder."""

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

TIMES = "FUZZ_TIMES"
"""The environment variable that says how many times as many."""
CHECKS = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)


def bounded(examples: int) -> Callable[[Any], Any]:
    """At most so many examples, times what was asked for: the same ones each time, or others when it is many."""
    times = int(os.environ.get(TIMES, "1"))
    return settings(max_examples=examples * times, derandomize=times == 1, deadline=None, suppress_health_check=CHECKS)
