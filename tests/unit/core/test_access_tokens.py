import json
from datetime import timedelta
from typing import Any

import pytest

from hexkeep.core.application.client_metadata import AccessTokenType, ClientMetadata
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.access_tokens import PREFIX
from hexkeep.core.oidc.errors import InvalidToken
from hexkeep.core.oidc.oidc_core import half_hash
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.session.events import SessionEnded
from hexkeep.core.session.state import SESSION
from hexkeep.core.token.events import AccessTokenRevoked, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo
from hexkeep.core.token.state import TOKEN_FAMILY
from hexkeep.core.user.events import UserDeactivated
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import claims_of
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import application, basic, redeem, signed_in, tokens, world

OPAQUE = ClientMetadata(access_token_type=AccessTokenType.OPAQUE)


def info(before: World, token: str) -> dict[str, Any]:
    """What userinfo tells for a token."""
    document: dict[str, Any] = json.loads(before.when(GetUserInfo(access_token=token)).result.document)
    return document


def opaque() -> World:
    """The usual world, with an application whose tokens say nothing."""
    return world(application("closed", client_metadata=OPAQUE))


def revoked(token_id: str, after: World, family_id: str = "id-1") -> Append:
    """One access token has been given back."""
    until = after.now + LifetimePolicy().access_token_lifetime
    event = AccessTokenRevoked(token_id=token_id, expires_at=until, revoked_at=after.now)
    return TOKEN_FAMILY.append(family_id, event)


def test_opaque_token_says_nothing_and_stands_for_the_same() -> None:
    """Its text is random; what it stands for is kept here alone, and it works as a JWT does."""
    after, answer = tokens(opaque(), "closed", scope="openid email")
    assert answer.access_token.startswith(PREFIX)
    assert "." not in answer.access_token
    assert info(after, answer.access_token)["email"] == "ada@example.com"
    assert claims_of(answer.id_token or "")["at_hash"] == half_hash(answer.access_token, "RS256")


def test_opaque_token_stands_in_no_event() -> None:
    """Nor does anything that it is made of."""
    after, code = signed_in(opaque(), "closed", scope="openid offline_access")
    outcome = after.when(redeem(code, "closed"))
    assert outcome.result.access_token.removeprefix(PREFIX) not in repr(outcome.changes)


def test_opaque_token_expires() -> None:
    """As the lifetime policy has it."""
    after, answer = tokens(opaque(), "closed")
    lifetime = LifetimePolicy().access_token_lifetime
    assert info(after.at(after.now + lifetime - timedelta(seconds=1)), answer.access_token) == {"sub": "ada"}
    after.at(after.now + lifetime).when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)


@pytest.mark.parametrize(
    "change",
    [
        USER.append("ada", UserDeactivated()),
        APPLICATION.append("closed", ApplicationDeactivated()),
        SESSION.append("session-1", SessionEnded()),
        TOKEN_FAMILY.append("id-1", TokenFamilyRevoked(reason="code_reused")),
    ],
    ids=lambda change: change.events[0].type,
)
def test_opaque_token_ends_with_what_it_rests_on(change: Append) -> None:
    """That it is kept does not mean that it holds."""
    after, answer = tokens(opaque(), "closed")
    after.given(change).when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)


@pytest.mark.parametrize("text", [PREFIX, PREFIX + "x" * 43, PREFIX + "id-1"])
def test_unknown_opaque_token_is_refused(text: str) -> None:
    """There is nothing to guess."""
    opaque().when(GetUserInfo(access_token=text)).refused(InvalidToken)


@pytest.mark.parametrize("client_id", ["web", "closed"])
def test_one_token_of_a_family_can_end_alone(client_id: str) -> None:
    """Either kind; the next token of the same family is another one."""
    after, answer = tokens(opaque(), client_id)
    token_id = "id-2"
    gone = after.given(revoked(token_id, after))
    gone.when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)
    assert info(after.given(revoked("another", after)), answer.access_token) == {"sub": "ada"}


def test_clients_own_token_is_opaque_as_well() -> None:
    """RFC 6749 section 4.4 with the application's kind of token."""
    request = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("closed"))
    assert opaque().when(request).result.access_token.startswith(PREFIX)


def test_a_family_forgets_revoked_tokens_that_have_expired() -> None:
    """So that it does not grow for as long as it is refreshed."""
    start = world()
    first = AccessTokenRevoked(token_id="1", expires_at=start.now + timedelta(minutes=1), revoked_at=start.now)
    later = start.now + timedelta(minutes=2)
    second = AccessTokenRevoked(token_id="2", expires_at=later + timedelta(minutes=1), revoked_at=later)
    state = TOKEN_FAMILY.initial
    for event in (first, second):
        state = TOKEN_FAMILY.evolve(state, event)
    assert [one.id for one in state.revoked_tokens] == ["2"]
    assert not state.holds("2")
