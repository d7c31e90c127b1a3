import pytest

from hexkeep.core.oidc.logout import needs_confirmation, return_uri
from hexkeep.core.oidc.oidc_core import Hint


@pytest.mark.parametrize(
    ("hint", "asks"),
    [
        (None, True),
        (Hint("user", "client", "session"), False),
        (Hint("user", "client", "an older session"), False),
        (Hint("somebody else", "client", "their session"), True),
    ],
)
def test_a_hint_for_this_person_spares_the_question(hint: Hint | None, asks: bool) -> None:  # noqa: FBT001 - a table
    """RP-Initiated Logout section 2: without a fitting hint the person is asked."""
    assert needs_confirmation(hint, "session", "user") is asks


def test_without_a_session_there_is_nothing_to_ask() -> None:
    """Nobody is signed in, so nothing is lost."""
    assert not needs_confirmation(None, "", "")


def test_state_is_passed_back() -> None:
    """Section 3: the state is appended to the registered URI, whose own query stays."""
    assert return_uri("https://rp/bye", "") == "https://rp/bye"
    assert return_uri("https://rp/bye", "a b") == "https://rp/bye?state=a+b"
    assert return_uri("https://rp/bye?x=1", "s") == "https://rp/bye?x=1&state=s"
