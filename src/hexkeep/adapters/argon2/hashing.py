"""Argon2id (RFC 9106) in a bounded pool of threads beside the event loop."""

import asyncio
import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher, Type, extract_parameters
from argon2.exceptions import VerificationError, VerifyMismatchError
from pydantic import BaseModel, ConfigDict, Field

from hexkeep.adapters.argon2.foreign import fits
from hexkeep.core.kernel.ask import PasswordCheck
from hexkeep.core.kernel.errors import Overloaded
from hexkeep.core.user.foreign import ForeignHash, Scheme, parse

T = TypeVar("T")
SALT_BYTES = 16
HASH_BYTES = 32


class Argon2Settings(BaseModel):
    """The cost of a password hash and how many may be computed at once.

    The lower bounds are those of OWASP ASVS 5.0: cheaper hashes cannot be configured, not even by mistake.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    memory_kib: int = Field(default=19456, ge=19456, le=4_194_304, description="Memory per hash, in KiB.")
    time: int = Field(default=2, ge=2, le=64, description="Passes over that memory.")
    parallelism: int = Field(default=1, ge=1, le=64, description="Lanes per hash.")
    threads: int | None = Field(default=None, ge=1, le=1024, description="Hashes at once. Unset: one per processor.")
    max_waiting: int = Field(
        default=256,
        ge=0,
        le=100_000,
        description="Hashes that may wait for a thread; those beyond are refused as `overloaded`.",
    )


class Argon2Hashing:
    """The port ``hashing.PasswordHashing``. Threads start with the first hash."""

    def __init__(self, settings: Argon2Settings) -> None:
        self._settings = settings
        self._hasher = PasswordHasher(
            time_cost=settings.time,
            memory_cost=settings.memory_kib,
            parallelism=settings.parallelism,
            hash_len=HASH_BYTES,
            salt_len=SALT_BYTES,
            type=Type.ID,
        )
        threads = settings.threads or os.cpu_count() or 1
        self._places = threading.Semaphore(threads + settings.max_waiting)
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="argon2")

    async def hash(self, password: str) -> str:
        """A PHC string of the password's NFC form; raises ``Overloaded``."""
        return await self._run(lambda: self._hasher.hash(_bytes(password)))

    async def verify(self, hash_: str, password: str) -> PasswordCheck:
        """Whether the password fits, with a better hash if the present one is cheaper than today's; ``Overloaded``."""
        return await self._run(lambda: self._check(hash_, _bytes(password)))

    def close(self) -> None:
        """Let hashes under way finish and drop those that wait."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _check(self, hash_: str, password: bytes) -> PasswordCheck:
        found = parse(hash_)
        if found is not None and found.scheme is not Scheme.ARGON2:
            return self._check_foreign(found, password)
        try:
            self._hasher.verify(hash_, password)
        except VerifyMismatchError:
            return PasswordCheck(ok=False)
        except (VerificationError, ValueError):  # empty, or no hash of ours
            self._hasher.hash(password)  # the cost of a real one, so that nobody can tell the difference by the clock
            return PasswordCheck(ok=False)
        return PasswordCheck(ok=True, rehash=self._hasher.hash(password) if self._outdated(hash_) else "")

    def _check_foreign(self, found: ForeignHash, password: bytes) -> PasswordCheck:
        """Hashed as ours are in either case: to be kept if it fits, and for the time that it takes if not."""
        ok = fits(found, password)
        own = self._hasher.hash(password)
        return PasswordCheck(ok=ok, rehash=own if ok else "")

    def _outdated(self, hash_: str) -> bool:
        stored, wanted = extract_parameters(hash_), self._settings
        cheaper = stored.memory_cost < wanted.memory_kib or stored.time_cost < wanted.time
        return cheaper or stored.type is not Type.ID or stored.hash_len < HASH_BYTES or stored.salt_len < SALT_BYTES

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Overloaded
        try:
            future: Future[T] = self._pool.submit(work)
        except RuntimeError as error:  # the pool has been closed
            self._places.release()
            raise Overloaded from error
        future.add_done_callback(lambda _: self._places.release())  # also when the caller has gone away
        return await asyncio.wrap_future(future)


def _bytes(password: str) -> bytes:
    """The same bytes for the same characters, however a keyboard composes them (NIST SP 800-63B section 3.1.1.2)."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
