from collections.abc import Iterator

from hexkeep.core.oidc import errors
from hexkeep.core.oidc.errors import InsufficientScope, InvalidClient, InvalidToken, OAuthError


def family(root: type[OAuthError] = OAuthError) -> Iterator[type[OAuthError]]:
    """Every protocol error."""
    yield root
    for child in root.__subclasses__():
        yield from family(child)


def test_codes_are_unique_and_wire_codes_set() -> None:
    """Hexkeep's codes tell errors apart; each wire code is the RFC's."""
    found = list(family())
    assert len({error.code for error in found}) == len(found)
    assert all(error.error and error.__doc__ for error in found)


def test_titles_are_fit_for_a_header() -> None:
    """RFC 6749 section 5.2 and RFC 6750 section 3 exclude quotes, backslashes and anything but ASCII."""
    texts = [error.title for error in family()]
    assert all(text.isascii() and text.isprintable() and not set(text) & {'"', "\\"} for text in texts)


def test_challenges_are_those_of_the_rfcs() -> None:
    """RFC 6749 section 5.2: only who used the header is told the scheme. RFC 6750 section 3: the error's name."""
    assert InvalidClient().challenge == ""
    assert InvalidClient(basic=True).challenge.startswith("Basic realm=")
    assert 'error="invalid_token"' in InvalidToken().challenge
    assert (InsufficientScope.status, InvalidToken.status) == (403, 401)
    assert errors.InvalidGrant().challenge == ""
