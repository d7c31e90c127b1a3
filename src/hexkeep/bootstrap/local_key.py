"""The key of the machine: whoever can read the data folder of a running server may act as the system there.

Such a person has the database, or the master key, anyway. The key is made at each start, and is good for the calls of
that machine alone.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path

PREFIX = "hkm_"


class LocalKey:
    """The file ``server.key``, readable by its owner alone. A killed server leaves it behind; it opens nothing then."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "server.key"

    def make(self) -> str:
        """A new key, in place of any; empty where the folder cannot be written: then there is none."""
        key = PREFIX + secrets.token_urlsafe(32)
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(f"{key}\n")
            draft.replace(self._path)
        except OSError:
            return ""
        return key

    def read(self) -> str:
        """The key made last, empty when there is none or it is not one's own to read."""
        with suppress(OSError):
            return self._path.read_text(encoding="utf-8").strip()
        return ""

    def forget(self) -> None:
        """No server accepts it any more."""
        with suppress(OSError):
            self._path.unlink()
