"""Ownership: one process at a time may write to the file, held by a lock that the kernel gives back on any death."""

import fcntl
import os
from pathlib import Path

from hexkeep.core.kernel.errors import StorageUnavailable


class Ownership:
    """An exclusive ``flock`` on a file beside the database, which names the process that holds it."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_name(f"{database.name}.lock")
        self._descriptor = -1

    def take(self) -> None:
        """Raises ``StorageUnavailable`` while somebody else has it, be it in this process or in another."""
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageUnavailable(f"The lock beside the SQLite file cannot be made ({error.strerror})") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise StorageUnavailable(
                f"The SQLite file is in use by process {holder or 'unknown'}: only one may write to it. "
                "Stop that process, or let it do the work"
            ) from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def give_back(self) -> None:
        """Let others have it. The file stays: deleting it would let two processes lock two files of one name."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
