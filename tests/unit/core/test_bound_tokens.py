"""Tokens bound to a key (RFC 9449) or a certificate (RFC 8705): at the token endpoint."""

import base64
import hashlib
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata, ClientProfile, ResponseType
from hexkeep.core.application.events import OidcApplicationChanged
from hexkeep.core.application.state import APPLICATION
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.oidc.errors import InvalidDpopProof, InvalidGrant, InvalidRequest, OAuthError, UseDpopNonce
from hexkeep.core.oidc.profiles import rules_of
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.token.events import RefreshTokenUsed, TokenFamilyRevoked
from hexkeep.core.token.messages import ExchangeToken, TokenResponse
from hexkeep.core.token.state import GRACE, TOKEN_FAMILY
from hexkeep.testing.answers import claims_of, self_signed, thumbprint
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.oidc_world import application, basic, redeem, refresh, signed_in, world

URL = f"{ISSUER}/oauth/token"
OFFLINE = "openid offline_access"
MINE, HERS = "key of ada", "key of mallory"
CERTIFICATE = base64.b64encode(b"a certificate").decode()
OTHER_CERTIFICATE = base64.b64encode(b"another certificate").decode()
X5T = base64.urlsafe_b64encode(hashlib.sha256(b"a certificate").digest()).decode().rstrip("=")
numbers = count()


def proof(world: World, key: str, **changes: JsonValue) -> str:
    """A proof for the token endpoint that nobody has seen."""
    usual: dict[str, JsonValue] = {"htm": "POST", "htu": URL, "iat": int(world.now.timestamp())}
    return self_signed(usual | {"jti": f"proof-{next(numbers)}"} | changes, key=key)


@dataclass(frozen=True)
class Caller:
    """How a client calls: with a proof of its key, with its certificate, with both or neither."""

    key: str = ""
    certificate: str = ""
    nonce: str = ""

    def call(self, world: World, request: ExchangeToken) -> Outcome:
        """What comes of a token request."""
        said: dict[str, JsonValue] = {"nonce": self.nonce} if self.nonce else {}
        shown = proof(world, self.key, **said) if self.key else ""
        return world.when(request.model_copy(update={"dpop": shown, "url": URL, "certificate": self.certificate}))

    def tokens(self, before: World, client: str = "web", scope: str = OFFLINE, **params: str) -> tuple[World, Any]:
        """The world after a sign-in and the redemption of its code, and the tokens."""
        after, code = signed_in(before, client, scope=scope, **params)
        outcome = self.call(after, redeem(code, client))
        return outcome.world, outcome.result


NOTHING, ADA, MALLORY = Caller(), Caller(MINE), Caller(HERS)
CERTIFIED = Caller(certificate=CERTIFICATE)
DPOP = ClientMetadata(dpop_bound_access_tokens=True)
MTLS = ClientMetadata(tls_client_certificate_bound_access_tokens=True)


def with_clients(**clients: ClientMetadata) -> World:
    """The world with confidential applications of these settings."""
    return world(*(application(name, client_metadata=metadata) for name, metadata in clients.items()))


def credentials(client: str) -> ExchangeToken:
    """A token request of a client for itself."""
    return ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic(client))


def cnf(answer: TokenResponse) -> JsonValue:
    """What an access token is bound to."""
    return claims_of(answer.access_token).get("cnf")


# --- who is bound ----------------------------------------------------------------------------------------------------


def test_proof_binds_whoever_sends_it() -> None:
    """RFC 9449 section 5: a client need not be registered for it; the answer tells the scheme."""
    after, answer = ADA.tokens(world())
    assert (answer.token_type, cnf(answer)) == ("DPoP", {"jkt": thumbprint(MINE)})
    assert after.history("main").state(TOKEN_FAMILY, "id-1").jkt == thumbprint(MINE)


def test_without_a_proof_tokens_are_for_whoever_bears_them() -> None:
    """A certificate that nobody asked to be bound to binds nothing: a proxy may send one for everybody."""
    for caller in (NOTHING, CERTIFIED):
        _, answer = caller.tokens(world())
        assert (answer.token_type, cnf(answer)) == ("Bearer", None)


@pytest.mark.parametrize("client", ["web", "robot"])
def test_own_tokens_of_clients_and_machines_are_bound(client: str) -> None:
    """Every grant binds alike."""
    answer = ADA.call(world(), credentials(client)).result
    assert (answer.token_type, cnf(answer)) == ("DPoP", {"jkt": thumbprint(MINE)})


def test_certificate_binds_who_asked_for_it() -> None:
    """RFC 8705 section 3.1: the token names the certificate by its SHA-256, and is a bearer token on the wire."""
    answer = CERTIFIED.call(with_clients(bank=MTLS), credentials("bank")).result
    assert (answer.token_type, cnf(answer)) == ("Bearer", {"x5t#S256": X5T})
    after, answer = CERTIFIED.tokens(with_clients(bank=MTLS), "bank")
    assert cnf(answer) == {"x5t#S256": X5T}
    assert after.history("main").state(TOKEN_FAMILY, "id-1").certificate_thumbprint == X5T


FAPI = ClientMetadata(profile=ClientProfile.FAPI_2_SECURITY)
BOTH = ClientMetadata(dpop_bound_access_tokens=True, tls_client_certificate_bound_access_tokens=True)


@pytest.mark.parametrize(
    ("metadata", "caller"),
    [
        (DPOP, NOTHING),
        (DPOP, CERTIFIED),
        (MTLS, NOTHING),
        (MTLS, ADA),
        (MTLS, Caller(certificate="no base64")),
        (BOTH, ADA),
        (BOTH, CERTIFIED),
        (FAPI, NOTHING),
    ],
    ids=str,
)
def test_client_that_has_to_be_bound_gets_nothing_else(metadata: ClientMetadata, caller: Caller) -> None:
    """ensure-holder-of-key-required of the FAPI 2 plan; RFC 9449 section 5.2, RFC 8705 section 3.4."""
    before = with_clients(bank=metadata)
    caller.call(before, credentials("bank")).refused(InvalidRequest)


def test_fapi_client_may_be_bound_either_way() -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1: by its key or by its certificate."""
    before = with_clients(bank=FAPI)
    assert cnf(CERTIFIED.call(before, credentials("bank")).result) == {"x5t#S256": X5T}
    refused = ADA.call(before, credentials("bank")).refused(UseDpopNonce)
    assert isinstance(refused, UseDpopNonce)
    answer = Caller(MINE, nonce=refused.nonce).call(before, credentials("bank")).result
    assert cnf(answer) == {"jkt": thumbprint(MINE)}


def test_fapi_client_signs_proofs_with_strong_algorithms_alone() -> None:
    """FAPI 2.0 Security Profile section 5.4.1: no RS256."""
    before = with_clients(bank=DPOP)
    weak = self_signed({"jti": "1", "htm": "POST", "htu": URL, "iat": int(before.now.timestamp())}, algorithm="RS256")
    request = credentials("bank").model_copy(update={"dpop": weak, "url": URL})
    assert before.when(request).result
    with_clients(bank=FAPI).when(request).refused(InvalidDpopProof)


@pytest.mark.parametrize("metadata", [DPOP, MTLS])
def test_nothing_unbound_comes_through_a_browser(metadata: ClientMetadata) -> None:
    """Whoever has to be bound gets no token from the authorization endpoint, whatever it registered."""
    registered = metadata.model_copy(
        update={"response_types": (ResponseType.CODE, ResponseType.CODE_TOKEN, ResponseType.ID_TOKEN_TOKEN)}
    )
    state = with_clients(bank=registered).history("main").state(APPLICATION, "bank")
    assert rules_of(state).response_types == {ResponseType.CODE}


# --- proofs at the token endpoint ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"htm": "GET"}, InvalidDpopProof),
        ({"htu": f"{ISSUER}/oauth/par"}, InvalidDpopProof),
        ({"iat": 1}, InvalidDpopProof),
        ({"jti": None}, InvalidDpopProof),
        ({"exp": 1}, InvalidDpopProof),
        ({"nonce": "made up"}, UseDpopNonce),
    ],
    ids=str,
)
def test_bad_proof_costs_no_code(changes: dict[str, JsonValue], error: type[OAuthError]) -> None:
    """dpop-negative-tests: refused before anything is used up, so that the client can try again."""
    after, code = signed_in(world())
    outcome = after.when(redeem(code).model_copy(update={"dpop": proof(after, MINE, **changes), "url": URL}))
    outcome.refused(error)
    assert ADA.call(outcome.world, redeem(code)).result.token_type == "DPoP"


def test_proof_is_good_for_one_token_request() -> None:
    """RFC 9449 section 11.1: replayed at the same endpoint it gets nothing."""
    before = world()
    request = credentials("web").model_copy(update={"dpop": proof(before, MINE), "url": URL})
    after = before.when(request).world
    after.when(request).refused(InvalidDpopProof)


def test_nonce_is_asked_for_and_handed_on() -> None:
    """RFC 9449 section 8: who needs one is told one, again with each answer; who needs none is not bothered."""
    before = with_clients(bank=DPOP.model_copy(update={"dpop_nonce_required": True}), shop=DPOP)
    refused = ADA.call(before, credentials("bank")).refused(UseDpopNonce)
    assert isinstance(refused, UseDpopNonce)
    answer = Caller(MINE, nonce=refused.nonce).call(before, credentials("bank")).result
    assert answer.dpop_nonce == refused.nonce
    assert "dpop_nonce" not in answer.model_dump_json()
    assert ADA.call(before, credentials("shop")).result.dpop_nonce == ""


# --- codes -----------------------------------------------------------------------------------------------------------


def test_code_is_redeemed_with_its_key() -> None:
    """ensure-dpop-auth-code-binding-success; RFC 9449 section 10."""
    after, code = signed_in(world(), dpop_jkt=thumbprint(MINE))
    assert cnf(ADA.call(after, redeem(code)).result) == {"jkt": thumbprint(MINE)}


@pytest.mark.parametrize("caller", [NOTHING, MALLORY, CERTIFIED])
@pytest.mark.parametrize("client", ["web", "spa"])
def test_stolen_code_is_worth_nothing_with_another_key(caller: Caller, client: str) -> None:
    """ensure-token-endpoint-fails-with-mismatched-dpop-{jkt,proof-jkt}; and the thief uses nothing up."""
    after, code = signed_in(world(), client, dpop_jkt=thumbprint(MINE))
    outcome = caller.call(after, redeem(code, client))
    outcome.refused(InvalidGrant)
    assert ADA.call(outcome.world, redeem(code, client)).result


# --- refresh tokens (RFC 9700 section 4.14) --------------------------------------------------------------------------


def test_refresh_token_of_a_public_client_is_bound_to_its_key() -> None:
    """RFC 9449 section 5: stolen, it is worth nothing, and the thief does not end the family either."""
    after, answer = ADA.tokens(world(), "spa")
    for thief in (NOTHING, MALLORY):
        outcome = thief.call(after, refresh(answer.refresh_token, "spa"))
        outcome.refused(InvalidGrant)
        after = outcome.world
    outcome = ADA.call(after, refresh(answer.refresh_token, "spa"))
    assert cnf(outcome.result) == {"jkt": thumbprint(MINE)}
    assert outcome.result.refresh_token not in {None, answer.refresh_token}


def test_old_refresh_token_ends_a_family_that_is_bound() -> None:
    """RFC 9700 section 4.14.2: a public client's tokens rotate all the same, for its key may be stolen with them."""
    after, answer = ADA.tokens(world(), "spa")
    first = answer.refresh_token
    after = ADA.call(after, refresh(first, "spa")).world.later(seconds=GRACE.total_seconds())
    outcome = ADA.call(after, refresh(first, "spa"))
    outcome.refused(InvalidGrant, TOKEN_FAMILY.append("id-1", TokenFamilyRevoked(reason="refresh_token_reused")))


@pytest.mark.parametrize(("metadata", "caller"), [(DPOP, ADA), (MTLS, CERTIFIED)])
def test_confidential_client_keeps_its_refresh_token(metadata: ClientMetadata, caller: Caller) -> None:
    """FAPI 2.0 section 5.3.2.1: no rotation where tokens are bound to who uses them; nothing is written each time."""
    after, answer = caller.tokens(with_clients(bank=metadata), "bank")
    for _ in range(3):
        outcome = caller.call(after.later(minutes=1), refresh(answer.refresh_token, "bank"))
        assert outcome.result.refresh_token is None
        assert outcome.result.id_token
        outcome.then()
        after = outcome.world


def test_use_of_a_refresh_token_that_stays_keeps_it_alive() -> None:
    """It lapses when it is not used, as others do; that it is used is recorded now and then."""
    idle = LifetimePolicy().refresh_token_idle_lifetime
    after, answer = ADA.tokens(with_clients(bank=DPOP), "bank")
    unused = after.later(seconds=idle.total_seconds())
    ADA.call(unused, refresh(answer.refresh_token, "bank")).refused(InvalidGrant)
    for _ in range(3):
        after = after.later(seconds=idle.total_seconds() / 2)
        outcome = ADA.call(after, refresh(answer.refresh_token, "bank"))
        outcome.then(TOKEN_FAMILY.append("id-1", RefreshTokenUsed(used_at=after.now)))
        after = outcome.world


def test_confidential_client_may_have_another_key_today() -> None:
    """RFC 9449 section 5: its refresh tokens are bound to the client, which authenticates, and not to one key."""
    after, answer = ADA.tokens(with_clients(bank=DPOP), "bank")
    assert cnf(MALLORY.call(after, refresh(answer.refresh_token, "bank")).result) == {"jkt": thumbprint(HERS)}
    NOTHING.call(after, refresh(answer.refresh_token, "bank")).refused(InvalidRequest)


def test_what_began_bound_does_not_become_a_bearer_token() -> None:
    """No downgrade: also for clients that are free to send no proof at all."""
    after, answer = ADA.tokens(world())
    NOTHING.call(after, refresh(answer.refresh_token)).refused(InvalidGrant)
    assert ADA.call(after, refresh(answer.refresh_token)).result.refresh_token


def test_bearer_may_become_bound() -> None:
    """A client that begins to use DPoP goes on with the refresh token it has."""
    after, answer = NOTHING.tokens(world(), "spa")
    assert ADA.call(after, refresh(answer.refresh_token, "spa")).result.token_type == "DPoP"


def test_public_clients_certificate_binds_its_refresh_token() -> None:
    """RFC 8705 section 4."""
    public = application("app", auth_method="none", secret_hash="", client_metadata=MTLS)
    after, code = signed_in(world(public), "app", scope=OFFLINE)
    request = redeem(code, "app").model_copy(update={"authorization": ""})
    outcome = CERTIFIED.call(after, request)
    again = refresh(outcome.result.refresh_token, "app").model_copy(update={"authorization": ""})
    Caller(certificate=OTHER_CERTIFICATE).call(outcome.world, again).refused(InvalidGrant)
    assert cnf(CERTIFIED.call(outcome.world, again).result) == {"x5t#S256": X5T}


def test_rules_of_today_count_for_tokens_of_yesterday() -> None:
    """An application that is set to be bound gets nothing unbound out of what it got before."""
    after, answer = NOTHING.tokens(world())
    after = after.given(changed("web", DPOP))
    NOTHING.call(after, refresh(answer.refresh_token)).refused(InvalidRequest)
    assert ADA.call(after, refresh(answer.refresh_token)).result.token_type == "DPoP"


def changed(client: str, metadata: ClientMetadata) -> Append:
    """The client as it is in the world, with other settings."""
    (event,) = application(client, client_metadata=metadata).events
    names = OidcApplicationChanged.model_fields.keys()
    return APPLICATION.append(client, OidcApplicationChanged(**{name: getattr(event, name) for name in names}))
