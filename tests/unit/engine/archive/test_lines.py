from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.kernel.aggregate import Ref
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.event import Log
from hexkeep.engine.archive import records
from hexkeep.engine.archive.lines import ArchiveDamaged, Lines, read
from hexkeep.ports.event_store import Head, KeyChange, StoredEvent
from hexkeep.ports.keys import WrappedKey
from hexkeep.ports.seals import Seal

NOW = datetime(2026, 3, 31, 14, 5, 6, 789012, tzinfo=UTC)
HEADER = records.Header("id", "0.1.0", NOW, whole=True, instances=("one", "system"), masters=("m",), events=2)
RAW = bytes(range(256))
NASTY = '\x00\n\t"\\ \u2028 \U0001f511'
EVENT = StoredEvent(1, Ref("a", NASTY), 1, "a.b", 1, RAW, b"d" * 32, "who", "cor", RAW, NOW)
SEAL = Seal("one", Log.DURABLE, 1, 1, 1, 2, b"r" * 32, bytes(32), b"leaf", "a.b.c", NOW)
RECORDS: tuple[records.Record, ...] = (
    HEADER,
    records.LogBegun(Head("one", Log.DURABLE, 2, 1)),
    records.Events((EVENT,)),
    records.KeyChanges((KeyChange(2, "name", RAW, Ref("a", "b"), claimed=True),)),
    records.Seals((SEAL,)),
    records.Keys((WrappedKey("one", "subject/1", 1, "m", RAW), WrappedKey("one", "subject/2", 1, "m", b""))),
    records.Adoption("one", "One", "https://one.example", ("one.example",), "org", active=True),
)


def written(*wanted: records.Record) -> list[bytes]:
    """The lines of an archive with these records."""
    lines = Lines()
    return [*map(lines.line, wanted), lines.end()]


def test_every_record_comes_back_as_it_was() -> None:
    """Bytes, control characters, microseconds and enumerations survive; a line is one line."""
    lines = written(*RECORDS)
    assert [line.count(b"\n") for line in lines] == [1] * len(lines)
    assert tuple(read(lines)) == RECORDS


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place: int, flip: int) -> None:
    """Whatever is changed in an archive, reading it to the end fails."""
    whole = bytearray(b"".join(written(*RECORDS)))
    whole[place % len(whole)] ^= flip
    with pytest.raises(InvalidInput):
        list(read(bytes(whole).splitlines(keepends=True)))


@pytest.mark.parametrize("missing", range(len(RECORDS) + 1))
def test_any_missing_line_is_noticed(missing: int) -> None:
    """The end included: an archive that breaks off is damaged."""
    lines = written(*RECORDS)
    with pytest.raises(ArchiveDamaged):
        list(read(lines[:missing] + lines[missing + 1 :]))


def test_swapped_lines_are_noticed_before_they_are_used() -> None:
    """A check covers everything before it, so nothing behind the damage is handed out."""
    lines = written(*RECORDS)
    lines[2], lines[3] = lines[3], lines[2]
    found: list[records.Record] = []
    with pytest.raises(ArchiveDamaged, match="Line 3"):
        found.extend(read(lines))
    walk = read(lines)
    assert [next(walk), next(walk)] == list(RECORDS[:2])


def test_header_comes_first_and_once() -> None:
    """What has no header, or two, is no archive."""
    for wanted in (RECORDS[1:], (HEADER, HEADER), ()):
        with pytest.raises(ArchiveDamaged):
            list(read(written(*wanted)))


def test_newer_format_is_refused_as_such() -> None:
    """An archive of a newer program is not called damaged."""
    newer = records.Header("id", "9", NOW, whole=True, instances=(), masters=(), events=0, format=records.FORMAT + 1)
    lines = written(newer)
    with pytest.raises(InvalidInput, match="newer") as caught:
        list(read(lines))
    assert not isinstance(caught.value, ArchiveDamaged)


def test_formats_before_this_one_are_read() -> None:
    """An archive of a former program is none the worse for it."""
    former = records.Header("id", "0.1", NOW, whole=True, instances=(), masters=(), events=0, format=1)
    assert list(read(written(former))) == [former]
