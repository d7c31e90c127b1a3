from datetime import timedelta

import pytest

from hexkeep.core.application.client_metadata import AccessTokenType, ClientMetadata
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.oidc.clients import FAILURES
from hexkeep.core.oidc.errors import InvalidClient, InvalidGrant, InvalidRequest, InvalidToken, UnsupportedTokenType
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.token.events import AccessTokenRevoked, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo, RevokeToken
from hexkeep.core.token.state import GRACE, TOKEN_FAMILY
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import application, basic, refresh, tokens, world

OPAQUE = ClientMetadata(access_token_type=AccessTokenType.OPAQUE)
OFFLINE = "openid offline_access"
ENDED = TOKEN_FAMILY.append("id-1", TokenFamilyRevoked(reason="revoked_by_client"))


def revoke(token: str, client_id: str = "web", /, **params: str) -> RevokeToken:
    """A revocation request, with the secret in the header unless the client is the public one."""
    fields = {"token": token, "client_id": client_id, **params}
    return RevokeToken(params=fields, authorization="" if client_id == "spa" else basic(client_id))


def alone(after: World, token_id: str = "id-2", family_id: str = "id-1") -> Append:
    """The end of one access token."""
    until = after.now + LifetimePolicy().access_token_lifetime
    event = AccessTokenRevoked(token_id=token_id, expires_at=until, revoked_at=after.now)
    return TOKEN_FAMILY.append(family_id, event)


def opaque() -> World:
    """The usual world, with an application whose tokens say nothing."""
    return world(application("closed", client_metadata=OPAQUE))


@pytest.mark.parametrize("client_id", ["web", "spa", "closed"])
@pytest.mark.parametrize("hint", ["", "access_token", "refresh_token", "something_else"])
def test_an_access_token_ends_alone(client_id: str, hint: str) -> None:
    """RFC 7009 section 2.1: whichever kind, by whichever client, with whichever hint; the refresh token goes on."""
    after, answer = tokens(opaque(), client_id, scope=OFFLINE)
    outcome = after.when(revoke(answer.access_token, client_id, token_type_hint=hint))
    outcome.then(alone(after))
    outcome.world.when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)
    following = outcome.world.when(refresh(answer.refresh_token or "", client_id))
    assert following.world.when(GetUserInfo(access_token=following.result.access_token)).result.document


@pytest.mark.parametrize("client_id", ["web", "spa", "closed"])
def test_a_refresh_token_ends_its_family(client_id: str) -> None:
    """Section 2.1: with it go the access tokens based on the same grant."""
    after, answer = tokens(opaque(), client_id, scope=OFFLINE)
    outcome = after.when(revoke(answer.refresh_token or "", client_id))
    outcome.then(ENDED)
    outcome.world.when(refresh(answer.refresh_token or "", client_id)).refused(InvalidGrant)
    outcome.world.when(GetUserInfo(access_token=answer.access_token)).refused(InvalidToken)


def test_a_refresh_token_that_was_replaced_ends_its_family_too() -> None:
    """Who gives back an old one does not want the new one either."""
    after, first = tokens(world(), scope=OFFLINE)
    second = after.when(refresh(first.refresh_token or ""))
    later = second.world.later(seconds=int(GRACE.total_seconds()) + 1)
    later.when(revoke(first.refresh_token or "")).then(ENDED)


def test_others_tokens_are_left_alone() -> None:
    """Section 2.1: only the client it was issued to; it is told nothing, as if there were no such token."""
    after, answer = tokens(world(), scope=OFFLINE)
    for token in (answer.access_token, answer.refresh_token or ""):
        after.when(revoke(token, "strict")).then()
        after.when(revoke(token, "spa")).then()


@pytest.mark.parametrize("token", ["x", "a.b.c", "id-1.wrong.wrong", "hexkeep_at_unknown", "hks_session-1_of-ada"])
def test_what_does_not_hold_is_revoked_already(token: str) -> None:
    """Section 2.2: an invalid token is no error. To know a family's id is not enough to end it."""
    after, _ = tokens(world(), scope=OFFLINE)
    after.when(revoke(token)).then()


def test_nothing_is_written_twice() -> None:
    """A second revocation, and one of an expired token."""
    after, answer = tokens(world(), scope=OFFLINE)
    once = after.when(revoke(answer.access_token)).world
    once.when(revoke(answer.access_token)).then()
    ended = after.when(revoke(answer.refresh_token or "")).world
    ended.when(revoke(answer.refresh_token or "")).then()
    ended.when(revoke(answer.access_token)).then()
    after.later(days=1).when(revoke(answer.access_token)).then()


@pytest.mark.parametrize("client_id", ["web", "closed", "robot"])
def test_a_clients_own_token_ends(client_id: str) -> None:
    """There is no family; it is one by itself."""
    start = opaque()
    request = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic(client_id))
    issued = start.when(request)
    outcome = issued.world.when(revoke(issued.result.access_token, client_id))
    outcome.then(alone(start, "id-1"))
    outcome.world.when(revoke(issued.result.access_token, client_id)).then()


def test_an_id_token_cannot_be_revoked() -> None:
    """Section 2.2.1: `unsupported_token_type` for who says so; by itself it is no token that we would end."""
    after, answer = tokens(world())
    after.when(revoke(answer.id_token or "", token_type_hint="id_token")).refused(UnsupportedTokenType)
    after.when(revoke(answer.id_token or "")).then()


def test_a_client_has_to_be_itself() -> None:
    """Section 2.1: credentials first; a token is needed; nothing is included twice."""
    after, answer = tokens(world(), scope=OFFLINE)
    stolen = {"token": answer.access_token}
    after.when(RevokeToken(params=stolen, authorization=basic("web", "wrong"))).refused(InvalidClient)
    after.when(RevokeToken(params={**stolen, "client_id": "web"})).refused(InvalidClient)
    after.when(RevokeToken(params=stolen)).refused(InvalidClient)
    after.when(RevokeToken(params={}, authorization=basic())).refused(InvalidRequest)
    after.when(RevokeToken(params=stolen, repeated=("token",), authorization=basic())).refused(InvalidRequest)


def test_failed_authentication_is_counted() -> None:
    """Who guesses secrets here is held up as at the token endpoint, and told how long."""
    start = world()
    request = RevokeToken(params={"token": "x"}, authorization=basic("web", "wrong"))
    for _ in range(FAILURES):
        outcome = start.when(request)
        outcome.refused(InvalidClient)
        start = outcome.world
    error = start.when(request).error
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after == timedelta(minutes=1).total_seconds()
