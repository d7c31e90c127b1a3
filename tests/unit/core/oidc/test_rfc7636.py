import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc.errors import InvalidGrant, InvalidRequest
from hexkeep.core.oidc.rfc7636 import challenge_of, checked_challenge, verify

# RFC 7636 appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_appendix_b_holds() -> None:
    """The RFC's own verifier gives its own challenge."""
    assert challenge_of(VERIFIER) == CHALLENGE
    verify(VERIFIER, CHALLENGE)


@given(st.from_regex(r"[A-Za-z0-9._~-]{43,128}", fullmatch=True))
def test_every_verifier_fits_its_own_challenge(verifier: str) -> None:
    """S256 round trip, and the challenge passes the authorization request's check."""
    challenge = challenge_of(verifier)
    assert checked_challenge(challenge, "S256", required=True) == challenge
    verify(verifier, challenge)


@pytest.mark.parametrize("verifier", ["", VERIFIER[:-1] + "l", VERIFIER[:42], "ä" * 43, VERIFIER + "\n"])
def test_other_verifiers_are_refused(verifier: str) -> None:
    """Missing, wrong, too short, not ASCII, trailing newline."""
    with pytest.raises(InvalidGrant):
        verify(verifier, CHALLENGE)


def test_verifier_without_challenge_is_refused() -> None:
    """RFC 9700 section 2.1.1: the challenge was stripped from the request on its way."""
    verify("", "")
    with pytest.raises(InvalidGrant):
        verify(VERIFIER, "")


@pytest.mark.parametrize(
    ("challenge", "method"), [("", ""), ("", "S256"), (CHALLENGE, ""), (CHALLENGE, "plain"), ("short", "S256")]
)
def test_only_s256_is_accepted(challenge: str, method: str) -> None:
    """Section 4.3: an omitted method means plain, which a public client may not use."""
    with pytest.raises(InvalidRequest):
        checked_challenge(challenge, method, required=True)


def test_confidential_clients_may_leave_it_out() -> None:
    """Without a challenge there is nothing to verify later; half of one is an error all the same."""
    assert checked_challenge("", "", required=False) == ""
    with pytest.raises(InvalidRequest):
        checked_challenge("", "S256", required=False)
