"""The vectors of RFC 4226 appendix D and RFC 6238 appendix B, and what follows for the window."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.factor.rfc6238 import (
    SECRET_BYTES,
    STEP_SECONDS,
    hotp,
    key_of,
    matching_step,
    new_secret,
    step_at,
    uri,
)

KEY = b"12345678901234567890"
HOTP = ("755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489")
TOTP = {
    59: "94287082",
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP)))
def test_codes_of_counters(counter: int, code: str) -> None:
    """RFC 4226 appendix D."""
    assert hotp(KEY, counter) == code


@pytest.mark.parametrize(("seconds", "code"), list(TOTP.items()))
def test_codes_of_times(seconds: int, code: str) -> None:
    """RFC 6238 appendix B, SHA-1, eight digits."""
    assert hotp(KEY, step_at(datetime.fromtimestamp(seconds, UTC)), 8) == code


@given(st.text(min_size=1), TIMES, st.integers(-3, 3))
def test_window_is_one_step_to_each_side(random: str, now: datetime, away: int) -> None:
    """A code of the step before, the present one or the next is right; of any other it is not, but by chance."""
    secret = new_secret(random)
    key = key_of(secret)
    assert key
    assert len(key) == SECRET_BYTES
    code, step = hotp(key, step_at(now) + away), step_at(now) + away
    near = [hotp(key, step_at(now) + one) for one in (-1, 0, 1)]
    if abs(away) <= 1:
        found = matching_step(secret, now, f"{code[:3]} {code[3:]}")
        assert found is not None
        assert hotp(key, found) == code
    elif code not in near:
        assert matching_step(secret, now, code) is None
    assert step_at(now + timedelta(seconds=STEP_SECONDS * away)) == step


@given(st.text(), TIMES)
def test_whatever_is_typed_is_judged(code: str, now: datetime) -> None:
    """Nothing but six digits can be right, and nothing fails; nor does a secret that is none any more."""
    if not (len("".join(code.split())) == 6 and code.isascii()):
        assert matching_step(new_secret("x"), now, code) is None
    assert matching_step("", now, code) is None
    assert matching_step("!", now, code) is None


def test_uri_is_read_by_apps() -> None:
    """The Key URI Format: issuer and account in the label, nothing that could end it early."""
    parts = urlsplit(uri("ABC", "id.example.com:8080", "ada/lovelace@x"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/id.example.com%3A8080:ada%2Flovelace%40x")
    asked = parse_qs(parts.query)
    assert (asked["secret"], asked["issuer"], asked["digits"]) == (["ABC"], ["id.example.com:8080"], ["6"])
