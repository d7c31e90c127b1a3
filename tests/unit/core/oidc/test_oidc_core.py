from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.oidc import oidc_core
from hexkeep.core.oidc.claims import additional
from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.oidc_core import Authentication, Profile, Prompt

ISSUER = "https://id.example.com"
NOW = datetime(2026, 1, 2, tzinfo=UTC)
WHO = Authentication("sub", "client", "session", 1_700_000_000, "n-0S6_WzA2Mj")

ACCESS = oidc_core.Beside("access").hashes("RS256")


def test_at_hash_of_the_specification() -> None:
    """The `at_hash` that belongs to the access token in OIDC Core appendix A.4's response."""
    assert oidc_core.half_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"


def test_prompts_are_read() -> None:
    """A list of known values, in order, each once."""
    assert oidc_core.prompts("login consent login") == (Prompt.LOGIN, Prompt.CONSENT)
    assert oidc_core.prompts("") == ()


@pytest.mark.parametrize("text", ["none login", "none create", "nobody", "NONE"])
def test_impossible_prompts_are_refused(text: str) -> None:
    """`none` stands alone and values are case-sensitive."""
    with pytest.raises(InvalidRequest):
        oidc_core.prompts(text)


@pytest.mark.parametrize(("text", "seconds"), [("", None), ("0", 0), ("10000", 10000)])
def test_max_age_is_seconds(text: str, seconds: int | None) -> None:
    """An omitted one is none; nought is one."""
    assert oidc_core.max_age(text) == seconds


@pytest.mark.parametrize("text", ["-1", "1.5", "a", "1 ", "9" * 10, "\u0661"])
def test_malformed_max_age_is_refused(text: str) -> None:
    """Only ASCII digits, and not so many that a time overflows."""
    with pytest.raises(InvalidRequest):
        oidc_core.max_age(text)


@given(st.text())
def test_hints_never_fail(text: str) -> None:
    """Languages and login hints are hints: what is not fit to be used is ignored."""
    assert all(tag.isascii() for tag in oidc_core.languages(text))
    assert oidc_core.login_hint(text) in ("", text)
    assert oidc_core.login_hint(text).isprintable()


def test_id_token_claims_are_those_of_section_2() -> None:
    """Single audience, authentication time, nonce, session, and the binding to the access token."""
    claims = oidc_core.id_token_claims(WHO, ACCESS, ISSUER, NOW, timedelta(hours=1))
    assert claims["aud"] == "client"
    assert "azp" not in claims
    assert (claims["nonce"], claims["auth_time"], claims["sid"]) == (WHO.nonce, WHO.at, "session")
    assert claims["at_hash"] == oidc_core.half_hash("access", "RS256")


def test_nonce_is_only_there_when_it_was_sent() -> None:
    """Section 2: a nonce is passed on unmodified, and not made up."""
    without = Authentication("sub", "client", "session", 1)
    assert "nonce" not in oidc_core.id_token_claims(without, ACCESS, ISSUER, NOW, timedelta(hours=1))


def test_id_token_reads_back_as_a_hint() -> None:
    """An ID token of ours, expired or not, names its user, client and session; another issuer's names nobody."""
    claims = oidc_core.id_token_claims(WHO, ACCESS, ISSUER, NOW, timedelta(hours=1))
    assert oidc_core.read_hint(claims, ISSUER) == oidc_core.Hint("sub", "client", "session")
    assert oidc_core.read_hint(claims, "https://other.example.com") is None


@pytest.mark.parametrize("missing", ["sub", "aud", "exp", "iat", "auth_time"])
def test_what_lacks_a_claim_of_id_tokens_is_no_hint(missing: str) -> None:
    """RFC 8725 section 3.12: other JWTs of the same type and issuer are told apart by what they must have."""
    claims = oidc_core.id_token_claims(WHO, ACCESS, ISSUER, NOW, timedelta(hours=1))
    del claims[missing]
    assert oidc_core.read_hint(claims, ISSUER) is None


def test_scopes_choose_the_claims() -> None:
    """Section 5.4: profile, email and phone each bring their own; what is unknown is left out."""
    profile = Profile(name="Ada", email="ada@example.com", phone_number_verified=True)

    def told(scope: str) -> dict[str, JsonValue]:
        return oidc_core.standard_claims(profile, oidc_core.behind((scope,)))

    assert told("openid") == told("phone") == {}
    assert told("profile") == {"name": "Ada"}
    assert told("email") == {"email": "ada@example.com", "email_verified": False}


def test_added_claims_cannot_pose_as_ours() -> None:
    """A plugin adds claims of its own and never `sub`, `email`, `cnf` or roles."""
    given_claims: dict[str, JsonValue] = {
        "sub": "x",
        "email": "x",
        "cnf": {},
        "urn:hexkeep:roles": {},
        "department": "sales",
    }
    assert additional(given_claims) == {"department": "sales"}
