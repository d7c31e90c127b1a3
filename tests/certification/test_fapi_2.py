"""Modules of FAPI 2.0's plans that need the whole way: pushed request, browser, token request with key and proof.

What is refused when a request is pushed is in ``test_pushed`` and ``test_signed_requests``, what binds tokens in
``test_bound_tokens``.
"""

import itertools
import json

import pytest
from pydantic import JsonValue

from hexkeep.core.authrequest.messages import DenyAuthorization
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc.errors import InvalidClient, InvalidGrant, UseDpopNonce
from hexkeep.core.oidc.rfc9449 import ath
from hexkeep.core.token.messages import ExchangeToken, GetUserInfo
from hexkeep.testing.answers import self_signed
from hexkeep.testing.decisions import ISSUER, Outcome, World
from hexkeep.testing.jose import claims_of
from tests.unit.core.fapi_world import BANK, KEYS, OTHER, SIGNED, proof, pushed, signed, visit, world
from tests.unit.core.oidc_world import REDIRECT_URI, VERIFIER, told

URL, USERINFO = ISSUER + "/oauth/token", ISSUER + "/oidc/userinfo"
WORLD = world()
MINE = "the client's key for proofs"
NUMBERS = itertools.count()


def dpop(before: World, url: str, method: str = "POST", token: str = "", /, **changes: JsonValue) -> str:
    """A proof that nobody has seen."""
    said: dict[str, JsonValue] = {"htm": method, "htu": url, "iat": int(before.now.timestamp())}
    bound = {"ath": ath(token)} if token else {}
    return self_signed({**said, **bound, "jti": f"proof-{next(NUMBERS)}", **changes}, key=MINE)


def redeems(before: World, code: str, client: str = BANK, /, **params: str) -> Outcome:
    """A token request with assertion and proof; the proof is made again when a nonce is asked for."""
    usual = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER}
    return asks(before, client, {**usual, **params})


def asks(before: World, client: str, form: dict[str, str], **said: JsonValue) -> Outcome:
    """Any such token request."""
    shown = {**proof(client, before.now, None, jti=f"assertion-{next(NUMBERS)}"), **form}
    first = before.when(ExchangeToken(params=shown, dpop=dpop(before, URL, **said), url=URL))
    if not isinstance(first.error, UseDpopNonce):
        return first
    again = {**shown, **proof(client, before.now, None, jti=f"assertion-{next(NUMBERS)}"), **form}
    nonce = first.error.nonce
    return first.world.when(ExchangeToken(params=again, dpop=dpop(before, URL, nonce=nonce, **said), url=URL))


def code_of(client: str = BANK, **params: str) -> tuple[World, dict[str, str]]:
    """The answer that a pushed request leads to."""
    if client == SIGNED:
        params = {"request": signed(client, WORLD.now, None, **params)}
    after, request_uri = pushed(WORLD, client, **params)
    visited = visit(after, request_uri, client)
    return visited.world, told(visited.result)


def happy(client: str = BANK, **params: str) -> tuple[dict[str, str], Outcome]:
    """The answer of the browser, and that of the token endpoint."""
    after, answer = code_of(client, **params)
    return answer, redeems(after, answer["code"], client)


@pytest.mark.parametrize("client", [BANK, SIGNED])
def test_happy_flow(client: str) -> None:
    """Bound tokens for the person, with state and issuer in the answer."""
    answer, outcome = happy(client)
    assert (answer["state"], answer["iss"]) == ("xyz", ISSUER)
    assert outcome.result.token_type == "DPoP"
    assert claims_of(outcome.result.access_token)["cnf"]
    assert claims_of(outcome.result.id_token)["sub"] == "ada"


def test_discovery_end_point_verification() -> None:
    """FAPI 2.0 Security Profile section 5.3.2: what such clients look for in the document."""
    document = WORLD.when(Empty(), "GetDiscovery").result.model_dump()
    assert document["pushed_authorization_request_endpoint"].startswith(ISSUER)
    assert document["authorization_response_iss_parameter_supported"] is True
    assert "S256" in document["code_challenge_methods_supported"]
    assert "authorization_code" in document["grant_types_supported"]
    assert {"private_key_jwt", "tls_client_auth"} <= set(document["token_endpoint_auth_methods_supported"])
    fapi = {"PS256", "ES256", "EdDSA"}
    for name in ("token_endpoint_auth_signing", "request_object_signing", "authorization_signing", "dpop_signing"):
        assert fapi <= set(document[f"{name}_alg_values_supported"])
    assert fapi <= set(document["id_token_signing_alg_values_supported"])
    assert document["tls_client_certificate_bound_access_tokens"] is True


def test_user_rejects_authentication() -> None:
    """The application is told, with its state."""
    after, request_uri = pushed(WORLD, prompt="consent")
    asked = visit(after, request_uri)
    assert asked.result.kind == "consent"
    denied = asked.world.when(DenyAuthorization(auth_request_id=asked.result.auth_request_id))
    answer = told(denied.result)
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "xyz", ISSUER)


def test_authorization_request_without_state() -> None:
    """`ensure-authorization-request-without-state-success`: none comes back either."""
    answer, outcome = happy(state="")
    assert "state" not in answer
    assert outcome.result.access_token


@pytest.mark.parametrize("nonce", ["", "n" * 64, "n" * 384], ids=["without", "64-char", "long"])
def test_authorization_request_with_nonce(nonce: str) -> None:
    """`ensure-authorization-request-without-nonce-success`, `-with-64-char-nonce-success` and `-with-long-nonce`."""
    _, outcome = happy(nonce=nonce)
    assert claims_of(outcome.result.id_token).get("nonce", "") == nonce


@pytest.mark.parametrize("client", [BANK, SIGNED])
def test_authorization_request_with_long_state(client: str) -> None:
    """`ensure-authorization-request-with-long-state`: all of it comes back."""
    assert happy(client, state="s" * 1000)[0]["state"] == "s" * 1000


@pytest.mark.parametrize("client", [BANK, SIGNED])
def test_what_is_pushed_counts_and_not_what_is_beside_it(client: str) -> None:
    """`ensure-different-state-inside-and-outside-request-object` and `-nonce-`."""
    inside = {"state": "inside", "nonce": "n-inside"}
    params = {"request": signed(client, WORLD.now, None, **inside)} if client == SIGNED else inside
    after, request_uri = pushed(WORLD, client, **params)
    visited = visit(after, request_uri, client, state="outside", nonce="n-outside")
    answer = told(visited.result)
    tokens = redeems(visited.world, answer["code"], client).result
    assert (answer["state"], claims_of(tokens.id_token)["nonce"]) == ("inside", "n-inside")


def test_other_scope_order() -> None:
    """`ensure-other-scope-order-succeeds`."""
    _, outcome = happy(scope="email profile openid")
    assert set(outcome.result.scope.split()) == {"openid", "profile", "email"}


def test_claims_parameter() -> None:
    """`test-claims-parameter-identity-claims`, with the claims that OpenID Connect has: in the ID token, as asked."""
    wish = {"id_token": {"given_name": {"essential": True}, "email": None}}
    told_ = claims_of(happy(claims=json.dumps(wish))[1].result.id_token)
    assert (told_["given_name"], told_["email"], "family_name" in told_) == ("Ada", "ada@example.com", False)


def test_proof_with_times_of_its_own() -> None:
    """`check-dpop-proof-nbf-exp`: a proof may say from when and until when it holds, at both endpoints."""
    after, answer = code_of()
    moment = int(WORLD.now.timestamp())
    usual = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT_URI}
    times: dict[str, JsonValue] = {"nbf": moment, "exp": moment + 300}
    outcome = asks(after, BANK, {**usual, "code_verifier": VERIFIER}, **times)
    token, nonce = outcome.result.access_token, outcome.result.dpop_nonce
    shown = dpop(after, USERINFO, "GET", token, nonce=nonce, **times)
    asked = GetUserInfo(access_token=token, bound=True, proof=shown, method="GET", url=USERINFO)
    assert json.loads(outcome.world.when(asked).result.document) == {"sub": "ada"}


def test_client_id_in_token_endpoint() -> None:
    """`ensure-client-id-in-token-endpoint`: the id of another client with the own key is refused."""
    after, answer = code_of()
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT_URI}
    asks(after, BANK, {**form, "code_verifier": VERIFIER, "client_id": OTHER}).refused(InvalidClient)
    shown = proof(OTHER, after.now, KEYS[BANK])
    forged = ExchangeToken(params={**form, "code_verifier": VERIFIER, **shown}, dpop=dpop(after, URL), url=URL)
    after.when(forged).refused(InvalidClient)


def test_client_assertion_in_token_endpoint() -> None:
    """`ensure-client-assertion-in-token-endpoint`: without one there is nothing, whoever has code and verifier."""
    after, answer = code_of()
    form = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": REDIRECT_URI}
    bare = {**form, "code_verifier": VERIFIER, "client_id": BANK}
    after.when(ExchangeToken(params=bare, dpop=dpop(after, URL), url=URL)).refused(InvalidClient)


def test_code_is_bound_to_its_client() -> None:
    """`ensure-authorization-code-is-bound-to-client`."""
    after, answer = code_of()
    redeems(after, answer["code"], OTHER).refused(InvalidGrant)


def test_code_is_used_once() -> None:
    """`attempt-reuse-authorization-code-after-one-second`."""
    answer, outcome = happy()
    again = redeems(outcome.world.later(seconds=1), answer["code"])
    assert isinstance(again.error, InvalidGrant)


def test_code_expires() -> None:
    """`ensure-token-endpoint-fails-with-expired-auth-code`: after a minute (FAPI 2.0 section 5.3.2.1)."""
    after, answer = code_of()
    assert isinstance(redeems(after.later(seconds=61), answer["code"]).error, InvalidGrant)


@pytest.mark.parametrize("verifier", ["", VERIFIER[::-1]], ids=["missing", "incorrect"])
def test_code_verifier(verifier: str) -> None:
    """`ensure-pkce-code-verifier-required` and `incorrect-pkce-code-verifier-rejected`."""
    after, answer = code_of()
    assert isinstance(redeems(after, answer["code"], code_verifier=verifier).error, InvalidGrant)


def test_refresh_token() -> None:
    """`refresh-token`: it stays the same, gives bound tokens, and is nothing in another client's hands."""
    _, outcome = happy(scope="openid offline_access")
    later = outcome.world.later(seconds=1)
    form = {"grant_type": "refresh_token", "refresh_token": outcome.result.refresh_token}
    asks(later, OTHER, form).refused(InvalidGrant)
    refreshed = asks(later, BANK, form)
    assert (refreshed.result.token_type, refreshed.result.refresh_token) == ("DPoP", None)
    assert claims_of(refreshed.result.id_token)["sub"] == "ada"
    assert asks(refreshed.world.later(seconds=1), BANK, form).result.access_token


def test_bearer_is_no_scheme_for_bound_tokens() -> None:
    """`ensure-holder-of-key-required`, at userinfo: the token alone opens nothing."""
    outcome = happy()[1]
    assert outcome.world.when(GetUserInfo(access_token=outcome.result.access_token)).error is not None
