import asyncio
import os
import statistics
import time
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher, Type
from pydantic import ValidationError

from hexkeep.adapters.argon2.hashing import Argon2Hashing, Argon2Settings
from hexkeep.core.kernel.errors import Overloaded


@pytest.fixture
def hashing() -> Iterator[Argon2Hashing]:
    """Hashing at the default cost."""
    hashing = Argon2Hashing(Argon2Settings())
    yield hashing
    hashing.close()


async def test_right_password_fits(hashing: Argon2Hashing) -> None:
    """A password fits its own hash, which is up to date and tells its cost."""
    hashed = await hashing.hash("correct horse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    check = await hashing.verify(hashed, "correct horse")
    assert (check.ok, check.rehash) == (True, "")


async def test_wrong_password_does_not_fit(hashing: Argon2Hashing) -> None:
    """One other character, and nothing is said about the hash."""
    check = await hashing.verify(await hashing.hash("correct horse"), "correct horsf")
    assert (check.ok, check.rehash) == (False, "")


async def test_composed_and_decomposed_letters_are_one_password(hashing: Argon2Hashing) -> None:
    """NFC: the same characters fit whichever way a keyboard composes them; nothing else is changed."""
    hashed = await hashing.hash("caf\u00e9 ")
    assert (await hashing.verify(hashed, "cafe\u0301 ")).ok
    assert not (await hashing.verify(hashed, "caf\u00e9")).ok


async def test_long_passwords_are_not_cut_off(hashing: Argon2Hashing) -> None:
    """The last of 128 characters counts."""
    hashed = await hashing.hash("x" * 127 + "y")
    assert not (await hashing.verify(hashed, "x" * 127 + "z")).ok


@pytest.mark.parametrize(
    "text", ["", "x", "$argon2id$v=19$m=1", "$2b$12$abcdefgh", "$argon2id$v=19$m=19456,t=2,p=1$a$é"]
)
async def test_unusable_hash_never_fits(hashing: Argon2Hashing, text: str) -> None:
    """Without a usable hash the answer is no, never an error."""
    check = await hashing.verify(text, "password")
    assert (check.ok, check.rehash) == (False, "")


async def test_unusable_hash_takes_as_long_as_a_real_one(hashing: Argon2Hashing) -> None:
    """The time does not tell whether there is a password to check."""
    hashed = await hashing.hash("password")

    async def seconds(text: str) -> float:
        start = time.process_time()
        await hashing.verify(text, "other")
        return time.process_time() - start

    turns = [(await seconds(hashed), await seconds("")) for _ in range(7)]  # what else the machine does hits both
    assert 0.5 < statistics.median(empty / real for real, empty in turns) < 2


@pytest.mark.parametrize(
    "old",
    [
        PasswordHasher(time_cost=1, memory_cost=19456, parallelism=1),
        PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1),
        PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.I),
        PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=16),
    ],
)
async def test_cheaper_hash_is_replaced(hashing: Argon2Hashing, old: PasswordHasher) -> None:
    """A hash below today's cost still fits and comes back as one of today's, which fits as well."""
    check = await hashing.verify(old.hash("password"), "password")
    assert check.ok
    assert await hashing.verify(check.rehash, "password") == type(check)(ok=True)


async def test_dearer_hash_is_kept(hashing: Argon2Hashing) -> None:
    """Lowered settings do not weaken what is stored."""
    dear = PasswordHasher(time_cost=3, memory_cost=20000, parallelism=1)
    check = await hashing.verify(dear.hash("password"), "password")
    assert (check.ok, check.rehash) == (True, "")


async def test_too_many_waiting_are_refused() -> None:
    """Beyond threads and waiting places the answer is `Overloaded` at once; those accepted are served."""
    hashing = Argon2Hashing(Argon2Settings(threads=1, max_waiting=2))
    try:
        results = await asyncio.gather(*(hashing.hash("password") for _ in range(8)), return_exceptions=True)
        refused = [result for result in results if isinstance(result, Overloaded)]
        assert len(refused) == 5
        assert (await hashing.hash("password")).startswith("$argon2id$")
    finally:
        hashing.close()


async def test_cancelled_callers_give_their_place_back() -> None:
    """Who goes away while waiting does not keep others out."""
    hashing = Argon2Hashing(Argon2Settings(threads=1, max_waiting=1))
    try:
        waiting = [asyncio.create_task(hashing.hash("password")) for _ in range(2)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        hashing.close()  # waits for the one that was running
        with pytest.raises(Overloaded):
            await hashing.hash("password")
    finally:
        hashing.close()


async def test_event_loop_is_not_blocked(hashing: Argon2Hashing) -> None:
    """While hashes are computed the loop keeps turning."""
    work = asyncio.gather(*(hashing.hash("password") for _ in range(4 * (os.cpu_count() or 1))))
    turns = 0
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    await work
    assert turns > 100


@pytest.mark.parametrize("cheap", [{"memory_kib": 19455}, {"time": 1}, {"parallelism": 0}, {"max_waiting": -1}])
def test_costs_below_the_bounds_cannot_be_configured(cheap: dict[str, int]) -> None:
    """The settings refuse what would be too cheap to be safe."""
    with pytest.raises(ValidationError):
        Argon2Settings.model_validate(cheap)
