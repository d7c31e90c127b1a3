from datetime import UTC, datetime, timedelta
from uuid import UUID

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.adapters.system.ids import SystemIds


def test_clock_tells_aware_utc() -> None:
    """The time is aware and in UTC, so that no caller has to guess a zone."""
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)


def test_monotonic_never_goes_back() -> None:
    """Later readings are never smaller."""
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


def test_ids_are_uuid_version_7() -> None:
    """RFC 9562: version 7, the RFC's variant, canonical lower-case text."""
    text = SystemIds().new()
    parsed = UUID(text)
    assert (parsed.version, parsed.variant) == (7, "specified in RFC 4122")
    assert str(parsed) == text


def test_id_matches_the_rfc_example() -> None:
    """RFC 9562 appendix A.6: the known time and random bits give the known identifier."""
    random = 0xCC3 << 62 | 0x18C4DC0C0C07398F
    ids = SystemIds(milliseconds=lambda: 0x017F22E279B0, bits=lambda _: random)
    assert ids.new() == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_ids_grow_even_when_the_clock_goes_back() -> None:
    """Text order is order of making, also within a millisecond and while the clock is being corrected."""
    times = iter([5000, 5000, 5000, 4000, 1, 5001, 5001])
    ids = SystemIds(milliseconds=lambda: next(times))
    made = [ids.new() for _ in range(7)]
    assert made == sorted(set(made))


def test_ids_run_ahead_when_a_millisecond_is_used_up() -> None:
    """When no random value is left above the last one, the time part moves on instead of wrapping."""
    ids = SystemIds(milliseconds=lambda: 7, bits=lambda bits: (1 << bits) - 1)
    first, second = UUID(ids.new()), UUID(ids.new())
    assert second > first
    assert second.int >> 80 == 8


def test_ids_are_unique_in_bulk() -> None:
    """Ten thousand in a row, none twice, all in order."""
    ids = SystemIds()
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))
