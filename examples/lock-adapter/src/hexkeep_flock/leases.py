"""Leases as files, each read and replaced under one kernel lock that all processes of the machine share."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hexkeep.ports.locks import Lease


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds or held a lease. ``since`` is on the machine's monotonic clock; a given-back lease has no seconds."""

    owner: str = ""
    token: int = 0
    since: float = 0.0
    seconds: float = 0.0

    def at(self, now: float) -> bool:
        """Whether it is still held.

        The clock begins anew when the machine does, and then stands before ``since``: nobody of before is left.
        """
        return self.since <= now < self.since + self.seconds


class Leases:
    """A folder of leases. Its methods block for moments; raises ``OSError``, and ``ValueError`` for a foreign file."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self._folder = folder
        self._clock = clock

    def prepare(self) -> None:
        """Make the folder, for its owner alone, and see that it can be locked."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._alone():
            pass

    def acquire(self, name: str, owner: str, seconds: float) -> Lease | None:
        """Take a lease that is free; the token grows unless the owner holds it already."""
        with self._alone():
            held, now = self._read(name), self._clock()
            again = held.at(now) and held.owner == owner
            if held.at(now) and not again:
                return None
            taken = Held(owner, held.token if again else held.token + 1, now, seconds)
            self._write(name, taken)
            return Lease(name, owner, taken.token, seconds)

    def hold(self, lease: Lease, seconds: float) -> bool:
        """Let a lease last ``seconds`` from now, none to give it back; ``False`` when it is no longer this one."""
        with self._alone():
            held, now = self._read(lease.name), self._clock()
            if not held.at(now) or (held.owner, held.token) != (lease.owner, lease.token):
                return False
            self._write(lease.name, replace(held, since=now, seconds=seconds))
            return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The kernel gives the lock back when the process dies, so nobody waits for a dead one."""
        descriptor = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _read(self, name: str) -> Held:
        try:
            return Held(**json.loads(self._path(name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Held()
        except TypeError as error:
            raise ValueError(f"{self._path(name)} is no lease") from error

    def _write(self, name: str, held: Held) -> None:
        """Replace the whole file, on disk before anybody learns the token: a token is never given twice."""
        path = self._path(name)
        draft = path.with_suffix(".draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(asdict(held), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
