"""Identifiers: UUID version 7 (RFC 9562 section 5.7), monotone within the process."""

import secrets
import threading
import time
from collections.abc import Callable

RANDOM_BITS = 74
"""``rand_a`` and ``rand_b`` together: what is left beside the time, the version and the variant."""
STEP_BITS = 32
"""An identifier of the same millisecond lies up to 2^32 behind its predecessor, so neighbours cannot be guessed."""


class SystemIds:
    """The port ``clock.Ids``. May be used from several threads.

    Within a millisecond, and while the clock stands or goes back, the random part counts up by a random step
    (section 6.2, method 2); when it is used up the time part runs ahead by one.
    """

    def __init__(
        self,
        milliseconds: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._milliseconds = milliseconds
        self._bits = bits
        self._lock = threading.Lock()
        self._time = 0
        self._random = 0

    def new(self) -> str:
        """A fresh identifier in canonical text form (36 characters), greater than every earlier one."""
        with self._lock:
            self._advance()
            return _text(self._time, self._random)

    def _advance(self) -> None:
        now = self._milliseconds()
        if now > self._time:
            self._time, self._random = now, self._bits(RANDOM_BITS)
            return
        self._random += 1 + self._bits(STEP_BITS)
        if self._random >> RANDOM_BITS:
            self._time, self._random = self._time + 1, self._bits(RANDOM_BITS)


def _text(milliseconds: int, random: int) -> str:
    """Time (48 bits), version 7, 12 random bits, variant 2, 62 random bits."""
    high = (milliseconds & (1 << 48) - 1) << 16 | 0x7000 | random >> 62
    low = 0b10 << 62 | random & (1 << 62) - 1
    digits = f"{high << 64 | low:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
