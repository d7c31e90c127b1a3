"""The enricher as Hexkeep calls it: found by its entry point, asked for one token."""

import pytest

from hexkeep.bootstrap.plugins import Plugins
from hexkeep.core.oidc.asks import TokenClaims

CLAIMS = Plugins.load().token_claims()


@pytest.mark.parametrize("token", ["access_token", "id_token"])
def test_number_stands_in_both_tokens(token: str) -> None:
    """The number that is kept with the user, as text."""
    asked = TokenClaims("u1", "c1", (), token, metadata=(("colour", "blue"), ("customer_number", "0042")))
    assert CLAIMS(asked) == {"customer_number": "0042"}


@pytest.mark.parametrize("number", ["", "42", "0042; drop", "٠٠٤٢"])
def test_what_is_no_number_is_not_told(number: str) -> None:
    """Whatever else somebody keeps under the key."""
    assert CLAIMS(TokenClaims("u1", "c1", (), metadata=(("customer_number", number),))) == {}


def test_nothing_is_told_elsewhere() -> None:
    """Neither to userinfo, nor of users without a number, nor of clients that act for themselves."""
    assert CLAIMS(TokenClaims("u1", "c1", (), "userinfo", metadata=(("customer_number", "0042"),))) == {}
    assert CLAIMS(TokenClaims("u1", "c1", ())) == CLAIMS(TokenClaims("", "c1", ())) == {}
