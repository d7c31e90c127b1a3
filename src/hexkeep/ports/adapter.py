"""What every adapter that holds a resource has in common: it is opened, pinged and closed by the program around it."""

from typing import Protocol


class Adapter(Protocol):
    """The life of an adapter.

    Construction does nothing but keep its settings. ``open`` may be called once; ``close`` may be called any number of
    times, also after a failed ``open``. Both are called on the event loop the adapter serves.
    """

    async def open(self) -> None:
        """Acquire what is needed. Raises ``StorageUnavailable`` when the other side does not answer."""

    async def ping(self) -> None:
        """Prove in one short round trip that work is possible now, or raise ``StorageUnavailable``."""

    async def close(self) -> None:
        """Give everything back, after letting work in flight finish."""
