"""Where the server of a data folder answers: told in the folder while it runs, for commands on the same machine."""

from contextlib import suppress
from pathlib import Path


class Whereabouts:
    """The file ``server.url``. A killed server leaves it behind, so who reads it has to see whether one answers."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "server.url"

    def tell(self, origin: str) -> None:
        """Note where this process serves. A node without a data folder needs none for this either."""
        with suppress(OSError):
            self._path.write_text(f"{origin}\n", encoding="utf-8")

    def read(self) -> str:
        """The origin noted last, empty when there is none."""
        with suppress(OSError):
            return self._path.read_text(encoding="utf-8").strip()
        return ""

    def forget(self) -> None:
        """This process serves no more."""
        with suppress(OSError):
            self._path.unlink()
