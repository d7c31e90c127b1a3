from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import JsonValue

from hexkeep.core.oidc.rfc9068 import AccessToken, audience_of, claims_of, read

ISSUER = "https://id.example.com"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
LIFETIME = timedelta(minutes=15)
TOKEN = AccessToken("sub", "client", ("client", "project"), ("openid", "email"), "t1", "f1", "s1", 1_700_000_000)


def test_token_is_read_as_it_was_written() -> None:
    """All claims of section 2.2 make the way there and back."""
    claims = claims_of(TOKEN, ISSUER, NOW, LIFETIME)
    assert claims.keys() >= {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"}
    assert read(claims, ISSUER, NOW) == TOKEN


def test_clients_own_token_has_neither_session_nor_family() -> None:
    """Claims about a person are left out where there is none."""
    own = replace(TOKEN, family_id="", session_id="", auth_time=None)
    claims = claims_of(own, ISSUER, NOW, LIFETIME)
    assert {"sid", "auth_time"} & claims.keys() == set()
    assert read(claims, ISSUER, NOW) == own


def test_token_ends_when_its_lifetime_is_over() -> None:
    """`exp` is the first moment at which the token does not hold."""
    claims = claims_of(TOKEN, ISSUER, NOW, LIFETIME)
    assert read(claims, ISSUER, NOW + LIFETIME - timedelta(seconds=1)) is not None
    assert read(claims, ISSUER, NOW + LIFETIME) is None


@pytest.mark.parametrize(
    "wrong", [{"iss": "https://other.example.com"}, {"iss": None}, {"exp": None}, {"exp": "9"}, {"sub": 1}]
)
def test_claims_that_do_not_hold_make_no_token(wrong: dict[str, JsonValue]) -> None:
    """Another issuer, no expiry, or a claim of the wrong type: not our token."""
    assert read({**claims_of(TOKEN, ISSUER, NOW, LIFETIME), **wrong}, ISSUER, NOW) is None


def test_audience_leaves_out_what_is_not_there() -> None:
    """Section 3: client, project, and our own API when asked for."""
    assert audience_of("c", "p", ISSUER) == ("c", "p", ISSUER)
    assert audience_of("c", "", "") == ("c",)
