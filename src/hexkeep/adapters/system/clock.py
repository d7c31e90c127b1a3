"""The machine's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The port ``clock.Clock``, answered by the machine this process runs on."""

    def now(self) -> datetime:
        """The present time, aware, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go backwards."""
        return time.monotonic()
