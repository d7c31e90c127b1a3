"""Where a server's log stood after this user's last writes, kept from one command to the next."""

import json
import os
from contextlib import suppress
from pathlib import Path

KEPT = 4
"""A caller writes to a log or two of one instance; what is older is covered by what is newer."""


class Positions:
    """The position tokens of one server, in a file of the user's state folder. Losing it costs freshness alone."""

    def __init__(self, origin: str) -> None:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        self._path = Path(base) / "hexkeep" / "positions.json"
        self._origin = origin

    def read(self) -> str:
        """The tokens for the header, separated by commas; empty when there are none."""
        return ", ".join(self._all().get(self._origin, []))

    def note(self, token: str) -> None:
        """Keep the token of a write."""
        if token:
            known = self._all()
            self._write({**known, self._origin: [*known.get(self._origin, []), token][-KEPT:]})

    def forget(self) -> None:
        """Drop the server's tokens: its log was restored since."""
        self._write({origin: tokens for origin, tokens in self._all().items() if origin != self._origin})

    def _all(self) -> dict[str, list[str]]:
        with suppress(OSError, ValueError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(kept, dict):
                return {origin: [str(one) for one in tokens] for origin, tokens in kept.items()}
        return {}

    def _write(self, positions: dict[str, list[str]]) -> None:
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.write_text(json.dumps(positions), encoding="utf-8")
