"""What the parts of the memory storage have in common."""


class Part:
    """A port that is served by memory: there is nothing to open, to reach or to give back."""

    async def open(self) -> None:
        """Nothing."""

    async def ping(self) -> None:
        """Nothing: memory answers."""

    async def close(self) -> None:
        """Nothing."""
