"""What the contract kits share: a base class that guards its rules, fresh names, and ways to wait without sleeping."""

import asyncio
import inspect
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import ClassVar, Protocol

import pytest

from hexkeep.ports.adapter import Adapter
from hexkeep.ports.storage import Storage


def fresh(word: str) -> str:
    """A name that no other test uses, so that tests may share one database: ``word`` and a random end."""
    return f"{word}-{uuid.uuid4().hex[:12]}"


class PassingTime(Protocol):
    """The clock by which an adapter judges leases and expiry, as far as a test can move it."""

    def now(self) -> datetime:
        """The adapter's present time, aware, in UTC."""

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, or return at once where time passes by itself: the kit then polls."""


class RealTime:
    """For adapters on a clock that nobody can move: waiting is left to ``Contract.eventually``."""

    def now(self) -> datetime:
        """The time of this machine, which is taken to be the storage's as well."""
        return datetime.now(UTC)

    async def advance(self, seconds: float) -> None:
        """Nothing: time passes by itself."""


class Contract:
    """Base of the kits: a subclass with one fixture, ``storage``, runs every rule of a port against an adapter.

    ``storage`` gives an opened storage, a new one for each test; they may all lie on one database, for the tests use
    names of their own. An adapter of one port alone overrides the kit's fixture of that port instead, and ``adapter``.
    Tests are coroutines, so the project that uses a kit runs them with an asyncio plugin (``asyncio_mode = "auto"`` of
    pytest-asyncio).

    A rule cannot be dropped in silence: a subclass that overrides one is refused, unless the override is marked
    ``@pytest.mark.xfail(strict=True, reason="…")``.
    """

    patience: ClassVar[float] = 10.0
    """Trait: how many seconds to wait for what has to happen at last."""

    def __init_subclass__(cls) -> None:
        """Refuse a subclass in which a rule of a kit is no longer the kit's own."""
        for kit in (base for base in cls.__mro__[1:] if issubclass(base, Contract)):
            for name, rule in vars(kit).items():
                if name.startswith("test_") and inspect.getattr_static(cls, name) is not rule:
                    _insist_on_reason(cls, name)

    @pytest.fixture
    def adapter(self, storage: Storage) -> Adapter:
        """What opens and closes the port under test: the storage, or an adapter of this port alone."""
        return storage

    @pytest.fixture
    def time(self) -> PassingTime:
        """The adapter's time; an adapter whose clock is a test's own overrides this to move it."""
        return RealTime()

    async def eventually(self, condition: Callable[[], Awaitable[bool]]) -> None:
        """Ask again and again until ``condition`` holds; the test fails when patience runs out."""
        async with asyncio.timeout(self.patience):
            while not await condition():  # noqa: ASYNC110 - the other side is a database, it can set no event of ours
                await asyncio.sleep(0.02)


def _insist_on_reason(cls: type, name: str) -> None:
    marks = getattr(inspect.getattr_static(cls, name), "pytestmark", ())
    excused = any(mark.name == "xfail" and mark.kwargs.get("strict") and mark.kwargs.get("reason") for mark in marks)
    if not excused:
        raise TypeError(f"{cls.__name__}.{name} overrides a rule of the contract without a strict xfail and its reason")
