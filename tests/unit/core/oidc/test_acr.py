"""How well somebody signed in, and whether that is what a client asked for."""

import pytest

from hexkeep.core.oidc import acr
from hexkeep.core.oidc.acr import MULTI_FACTOR, PASSWORD, PHISHING_RESISTANT, Wanted
from hexkeep.core.oidc.claims_request import parse

ALONE = ("swk", "user", "mfa")


@pytest.mark.parametrize(
    ("methods", "strongest", "number"),
    [
        ((), "", 0),
        (("pwd",), PASSWORD, 1),
        (("pwd", "otp", "mfa"), MULTI_FACTOR, 2),
        (("pwd", "sms", "mfa"), MULTI_FACTOR, 2),
        (("pwd", "swk", "mfa"), PHISHING_RESISTANT, 3),
        (ALONE, PHISHING_RESISTANT, 3),
    ],
)
def test_stronger_classes_include_weaker_ones(methods: tuple[str, ...], strongest: str, number: int) -> None:
    """And the strongest is told where nothing was asked for."""
    assert acr.told(methods) == strongest
    assert len(acr.classes(methods)) == number


def test_first_value_that_holds_is_told() -> None:
    """OIDC Core section 3.1.2.1: in the client's order of preference, not ours."""
    assert acr.told(ALONE, Wanted((PASSWORD, PHISHING_RESISTANT))) == PASSWORD
    assert acr.told(("pwd",), Wanted((PHISHING_RESISTANT, "unknown"))) == PASSWORD


def test_claim_counts_before_the_parameter() -> None:
    """Section 5.5.1.1: a claim without values asks for nothing in particular, so the parameter counts."""
    essential = '{"id_token":{"acr":{"essential":true,"values":["phr"]}}}'
    assert acr.wanted(parse(essential), (PASSWORD,)) == Wanted(("phr",), essential=True)
    assert acr.wanted(parse('{"id_token":{"acr":{"essential":true}}}'), (PASSWORD,)) == Wanted((PASSWORD,))
    assert acr.wanted(parse(""), ()) == acr.ANY


def test_what_nobody_can_reach_is_impossible_only_if_it_is_essential() -> None:
    """A wish for a class that we do not know is no obstacle."""
    assert Wanted(("unknown",), essential=True).impossible
    assert not Wanted(("unknown",)).impossible
    assert Wanted(("unknown",)).met(("pwd",))
    assert not Wanted(("unknown", "phr"), essential=True).impossible


def test_one_more_proof_reaches_what_it_reaches() -> None:
    """A code makes two factors of a password; only a passkey resists phishing."""
    assert Wanted((MULTI_FACTOR,)).met_by(("pwd",), second=True, passkey=False)
    assert not Wanted((PHISHING_RESISTANT,)).met_by(("pwd",), second=True, passkey=False)
    assert Wanted((PHISHING_RESISTANT,)).met_by(("pwd",), second=True, passkey=True)
    assert not Wanted((MULTI_FACTOR,)).met_by(("pwd",), second=False, passkey=False)
