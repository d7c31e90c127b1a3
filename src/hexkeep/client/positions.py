"""Where the logs stood after what this client wrote, so that its lists show it."""

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.ports.api import PositionToken

HEADER = "hexkeep-position"
MOST = 16
"""Tokens that a server takes at once."""


class Positions:
    """The latest token of each log."""

    def __init__(self, text: str = "") -> None:
        self._known: dict[tuple[str, Log], PositionToken] = {}
        for token in filter(None, text.split(",")):
            self.note(token.strip())

    def note(self, text: str) -> None:
        """Remember the token of an answer unless a later one is known; what is no token counts for nothing."""
        try:
            token = PositionToken.parse(text)
        except InvalidInput:
            return
        place = (token.instance, token.log)
        known = self._known.pop(place, token)
        self._known[place] = max(known, token, key=lambda one: (one.epoch, one.position))

    def forget(self) -> None:
        """The logs were restored since."""
        self._known.clear()

    def __str__(self) -> str:
        """As they are sent, with commas."""
        return ",".join(str(token) for token in [*self._known.values()][-MOST:])
