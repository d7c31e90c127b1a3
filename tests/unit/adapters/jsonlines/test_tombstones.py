"""The list of erasures in a file: it grows, survives, and is never guessed at."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hexkeep.adapters.jsonlines.tombstones import JsonLinesTombstones
from hexkeep.core.kernel.errors import StorageUnavailable
from hexkeep.ports.tombstones import Tombstone

NOW = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)


def stone(number: int) -> Tombstone:
    """One of several."""
    return Tombstone("main", f"user-{number}", NOW, number)


async def test_what_was_added_is_listed_in_order(tmp_path: Path) -> None:
    """By another process as well, for all that is known lies in the file."""
    path = tmp_path / "folder" / "erasures.jsonl"
    assert await JsonLinesTombstones(path).list() == ()
    for number in (1, 2, 1):
        await JsonLinesTombstones(path).add(stone(number))
    assert await JsonLinesTombstones(path).list() == (stone(1), stone(2), stone(1))


async def test_nobody_else_can_read_the_file(tmp_path: Path) -> None:
    """It says who was erased, if by id alone."""
    path = tmp_path / "erasures.jsonl"
    await JsonLinesTombstones(path).add(stone(1))
    assert path.stat().st_mode & 0o077 == 0


async def test_a_line_that_a_crash_cut_off_does_not_count_and_spoils_nothing(tmp_path: Path) -> None:
    """It was never acknowledged, and the next one does not stick to it."""
    path = tmp_path / "erasures.jsonl"
    stones = JsonLinesTombstones(path)
    await stones.add(stone(1))
    path.write_bytes(path.read_bytes() + b'{"instance":"main","user')
    assert await stones.list() == (stone(1),)
    await stones.add(stone(2))
    assert await stones.list() == (stone(1), stone(2))


async def test_a_damaged_file_is_told_and_never_passed_over(tmp_path: Path) -> None:
    """Who was erased must not come back because a line could not be read."""
    path = tmp_path / "erasures.jsonl"
    path.write_text('{"instance":"main"}\n')
    with pytest.raises(StorageUnavailable):
        await JsonLinesTombstones(path).list()


async def test_a_list_that_cannot_be_written_fails(tmp_path: Path) -> None:
    """So that no erasure is acknowledged without it."""
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(StorageUnavailable):
        await JsonLinesTombstones(tmp_path / "folder" / "erasures.jsonl").add(stone(1))


WRITER = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from hexkeep.adapters.jsonlines.tombstones import JsonLinesTombstones
from hexkeep.ports.tombstones import Tombstone
async def main():
    stones = JsonLinesTombstones(Path(sys.argv[1]))
    for number in range(50):
        await stones.add(Tombstone(sys.argv[2], f"user-{number}", datetime(2026, 1, 1, tzinfo=UTC), number))
asyncio.run(main())
"""


async def test_several_processes_add_at_once(tmp_path: Path) -> None:
    """Each line is whole, and none is lost."""
    path = tmp_path / "erasures.jsonl"
    command = [sys.executable, "-c", WRITER, str(path)]
    processes = [
        await asyncio.create_subprocess_exec(*command, name, stderr=subprocess.PIPE) for name in ("one", "two", "three")
    ]
    for process in processes:
        _, told = await process.communicate()
        assert process.returncode == 0, told
    found = await JsonLinesTombstones(path).list()
    assert len({(one.instance, one.user_id) for one in found}) == len(found) == 150
