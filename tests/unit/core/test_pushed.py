"""Pushed authorization requests (RFC 9126); names of cases are those of the modules of FAPI 2.0's conformance plans."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.events import AuthorizationRequested
from hexkeep.core.authrequest.messages import PushAuthorization, StartAuthorization
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.oidc.errors import (
    InvalidAuthorizationDetails,
    InvalidClient,
    InvalidDpopProof,
    InvalidRedirectUri,
    InvalidRequest,
    InvalidRequestUri,
    InvalidScope,
    OAuthError,
    UnauthorizedClient,
    UnsupportedResponseType,
    UseDpopNonce,
)
from hexkeep.core.oidc.rfc9126 import LIFETIME, PREFIX
from hexkeep.core.oidc.room import PER_ADDRESS, PER_CLIENT
from hexkeep.core.session.events import SessionEnded, SessionPasswordChecked
from hexkeep.core.session.state import SESSION
from hexkeep.testing.answers import self_signed, thumbprint
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.fapi_world import BANK, OTHER, RS256, asking, proof, push, pushed, visit, world
from tests.unit.core.oidc_world import REDIRECT_URI, SESSION_TOKEN, application, basic, redeem, resume, start, told

WORLD = world()
PAR = ISSUER + "/oauth/par"
MOMENT = int(WORLD.now.timestamp())


def code_of(request_uri: str, before: Any = WORLD) -> str:
    """The code that a visit ends with."""
    return told(visit(before, request_uri).result)["code"]


def test_pushed_request_is_found_by_its_reference() -> None:
    """Section 2.2: an unguessable reference that holds for a moment; section 4: with it what was pushed is asked."""
    outcome = push(WORLD, state="from the client")
    answer = outcome.result
    assert answer.request_uri == PREFIX + "secret-1"
    assert answer.expires_in == 90
    assert outcome.changes == ()
    assert told(visit(outcome.world, answer.request_uri).result)["state"] == "from the client"


def test_what_stands_beside_the_reference_counts_for_nothing() -> None:
    """Module state-only-outside-request-object-not-used; section 4: client and reference alone are read."""
    after, request_uri = pushed(WORLD, state="")
    other = {"state": "outside", "scope": "openid email", "redirect_uri": "https://evil.example.com/", "prompt": "none"}
    outcome = visit(after, request_uri, **other)
    assert "state" not in told(outcome.result)
    assert outcome.result.redirect_to.startswith(REDIRECT_URI)
    (change, *_) = outcome.changes
    assert change.events[0].scopes == ("openid",)  # type: ignore[union-attr]  # it is an append


def test_credentials_are_not_kept() -> None:
    """What a client authenticates with is nobody's business afterwards."""
    after, _ = pushed(WORLD)
    kept = [value for (scope, _), (value, _) in after.answerer.kept.items() if scope == "pushed_request"]
    assert len(kept) == 1
    assert b"assertion" not in kept[0]


PUSHES: dict[str, tuple[dict[str, str], type[OAuthError]]] = {
    "par-authorization-request-containing-request_uri-form-param": ({"request_uri": PREFIX + "x"}, InvalidRequest),
    "par-authorization-request-containing-any-request_uri": ({"request_uri": "https://a.example/r"}, InvalidRequest),
    "par-ensure-pkce-required": ({"code_challenge": "", "code_challenge_method": ""}, InvalidRequest),
    "par-plain-pkce-rejected": ({"code_challenge_method": "plain"}, InvalidRequest),
    "ensure-registered-redirect-uri": ({"redirect_uri": "https://shop.example.com/other"}, InvalidRedirectUri),
    "ensure-redirect-uri-in-authorization-request": ({"redirect_uri": ""}, InvalidRedirectUri),
    "ensure-response-type-code-idtoken-fails": (
        {"response_type": "code id_token", "nonce": "n"},
        UnauthorizedClient,
    ),
    "ensure-response-type-token-fails": ({"response_type": "token"}, UnsupportedResponseType),
    "response-type-missing": ({"response_type": ""}, InvalidRequest),
    "malformed scope": ({"scope": 'open"id'}, InvalidScope),
    "malformed dpop_jkt": ({"dpop_jkt": "short"}, InvalidRequest),
    "unknown authorization details": ({"authorization_details": '[{"type":"x"}]'}, InvalidAuthorizationDetails),
    "hint of nobody": ({"id_token_hint": "not.a.token"}, InvalidRequest),
}


@pytest.mark.parametrize(("params", "error"), PUSHES.values(), ids=PUSHES)
def test_what_would_be_refused_later_is_refused_at_once(params: dict[str, str], error: type[OAuthError]) -> None:
    """Section 2.3: told the client directly, and nothing is kept."""
    outcome = push(WORLD, **params)
    outcome.refused(error)
    assert [scope for scope, _ in outcome.answerer.kept if scope.startswith("pushed")] == []


ASSERTIONS: dict[str, dict[str, JsonValue]] = {
    "ensure-client-assertion-with-exp-is-5-minutes-in-past-fails": {"exp": MOMENT - 300},
    "ensure-client-assertion-with-wrong-aud-fails": {"aud": "https://other.example.com"},
    "ensure-client-assertion-with-no-sub-fails": {"sub": None},
    "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails": {"nbf": MOMENT + 61},
    "par-test-array-as-audience-fails": {"aud": [ISSUER]},
    "par-test-par-endpoint-url-as-audience-fails": {"aud": ISSUER + "/oauth/par"},
    "par-test-token-endpoint-url-as-audience-fails": {"aud": ISSUER + "/oauth/token"},
}


@pytest.mark.parametrize("claims", ASSERTIONS.values(), ids=ASSERTIONS)
def test_client_that_does_not_prove_itself_pushes_nothing(claims: dict[str, JsonValue]) -> None:
    """FAPI 2.0 Security Profile section 5.3.2.1; RFC 9126 section 2.1: as at the token endpoint."""
    push(WORLD, **proof(BANK, WORLD.now, None, **claims)).refused(InvalidClient)


def test_client_assertion_of_another_client_or_a_secret_is_refused() -> None:
    """By exactly the method it registered, with a key of its own."""
    shown = proof(OTHER, WORLD.now)
    push(WORLD, **shown).refused(InvalidClient)
    body = {**asking(BANK), "client_secret": "secret of bank"}
    WORLD.when(PushAuthorization(params=body)).refused(InvalidClient)
    WORLD.when(PushAuthorization(params=asking(BANK))).refused(InvalidClient)


def test_client_assertion_signed_with_rs256_is_refused() -> None:
    """Module ensure-signed-client-assertion-with-RS256-fails: the key is the client's, the algorithm not FAPI's."""
    push(WORLD, **proof(BANK, WORLD.now, RS256)).refused(InvalidClient)


def test_client_assertion_8_seconds_in_the_future_is_accepted() -> None:
    """Module par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted."""
    assert push(WORLD, **proof(BANK, WORLD.now, None, nbf=MOMENT + 8)).result.request_uri


def test_repeated_parameter_is_refused() -> None:
    """Module par-without-duplicate-parameters: what is given twice has no meaning."""
    params = {**asking(BANK), **proof(BANK, WORLD.now)}
    WORLD.when(PushAuthorization(params=params, repeated=("scope",))).refused(InvalidRequest)


def test_reference_is_good_until_somebody_was_answered() -> None:
    """Modules par-ensure-reused-request-uri-prior-to-auth-completion-succeeds and par-attempt-reuse-request_uri."""
    after, request_uri = pushed(WORLD)
    first = visit(after, request_uri, token="")
    assert first.result.kind == "login"
    second = visit(first.world, request_uri, token="")
    assert second.result.kind == "login"
    answered = second.world.when(resume(second.result.auth_request_id))
    assert told(answered.result)["code"]
    visit(answered.world, request_uri).refused(InvalidRequestUri)
    late = answered.world.when(resume(first.result.auth_request_id))
    assert told(late.result)["error"] == "invalid_request_uri"


def test_reference_is_spent_by_a_refusal_as_well() -> None:
    """Whatever the answer was, it was one."""
    after, request_uri = pushed(WORLD, prompt="none")
    ended = after.given(SESSION.append("session-1", SessionEnded()))
    outcome = visit(ended, request_uri)
    assert told(outcome.result)["error"] == "login_required"
    visit(outcome.world, request_uri).refused(InvalidRequestUri)


def test_expired_reference_is_refused() -> None:
    """Module par-attempt-to-use-expired-request_uri; who came in time has time to sign in."""
    after, request_uri = pushed(WORLD)
    begun = visit(after, request_uri, token="")
    late = begun.world.at(WORLD.now + LIFETIME)
    visit(late, request_uri).refused(InvalidRequestUri)
    again = late.given(SESSION.append("session-1", SessionPasswordChecked(checked_at=late.now)))
    assert told(again.when(resume(begun.result.auth_request_id)).result)["code"]


def test_reference_of_another_client_is_refused() -> None:
    """Module par-attempt-to-use-request_uri-for-different-client; it stays good for its own."""
    after, request_uri = pushed(WORLD)
    outcome = visit(after, request_uri, OTHER)
    outcome.refused(InvalidRequestUri)
    assert code_of(request_uri, outcome.world)


@pytest.mark.parametrize("reference", ["", "secret-2", "x" * 65, "a b", "../x"])
def test_unknown_reference_is_refused(reference: str) -> None:
    """And shown on our own page, for there is nowhere else."""
    after, _ = pushed(WORLD)
    visit(after, PREFIX + reference).refused(InvalidRequestUri)


def test_client_that_has_to_push_is_heard_no_other_way() -> None:
    """Module ensure-unsigned-authorization-request-without-using-par-fails, and whoever registered so."""
    assert told(WORLD.when(start(BANK)).result)["error"] == "invalid_request"
    metadata = ClientMetadata(require_pushed_authorization_requests=True)
    before = world(application("pushing", client_metadata=metadata))
    assert told(before.when(start("pushing")).result)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("facts", "shown"),
    [({"auth_method": "post"}, {"client_secret": "secret of any"}), ({"auth_method": "none", "secret_hash": ""}, {})],
    ids=["post", "none"],
)
def test_any_client_may_push(facts: dict[str, str], shown: dict[str, str]) -> None:
    """One with a secret, and one that has none (section 2: where it proves nothing, its id is enough)."""
    outcome = world(application("any", **facts)).when(PushAuthorization(params={**asking("any"), **shown}))
    assert told(visit(outcome.world, outcome.result.request_uri, "any").result)["code"]


def test_code_of_a_pushed_request_is_bound_to_its_key() -> None:
    """RFC 9449 section 10: the key that was named when the request was pushed has to redeem the code."""
    after, request_uri = pushed(WORLD, dpop_jkt="A" * 43)
    assert jkt_of(visit(after, request_uri)) == "A" * 43


def with_proof(before: World, **params: str) -> Outcome:
    """Push a request with a proof of a key, once with and, as FAPI clients are told, once more with a nonce."""
    claims: dict[str, JsonValue] = {"htm": "POST", "htu": PAR, "iat": int(before.now.timestamp()), "jti": "one"}
    request = PushAuthorization(params={**asking(BANK), **proof(BANK, before.now), **params}, url=PAR)
    told_nonce = before.when(request.model_copy(update={"dpop": self_signed(claims)})).refused(UseDpopNonce)
    assert isinstance(told_nonce, UseDpopNonce)
    shown = self_signed({**claims, "nonce": told_nonce.nonce})
    return before.when(request.model_copy(update={"dpop": shown}))


def test_proof_that_comes_with_a_request_binds_its_code() -> None:
    """Module ensure-dpopproof-at-par-endpoint-binding-success; RFC 9449 section 10.1."""
    outcome = with_proof(WORLD)
    assert jkt_of(visit(outcome.world, outcome.result.request_uri)) == thumbprint("key of ada")
    same = with_proof(WORLD, dpop_jkt=thumbprint("key of ada"))
    assert jkt_of(visit(same.world, same.result.request_uri)) == thumbprint("key of ada")


def test_proof_of_another_key_than_the_named_one_is_refused() -> None:
    """Module ensure-mismatched-dpop-jkt-fails, and a proof that is none."""
    with_proof(WORLD, dpop_jkt=thumbprint("key of mallory")).refused(InvalidRequest)
    params = {**asking(BANK), **proof(BANK, WORLD.now)}
    WORLD.when(PushAuthorization(params=params, dpop="a.b.c", url=PAR)).refused(InvalidDpopProof)


def jkt_of(outcome: Outcome) -> str:
    """The key that the code of a request is bound to."""
    (change, *_) = outcome.changes
    assert isinstance(change, Append)
    (requested, *_) = change.events
    assert isinstance(requested, AuthorizationRequested)
    return requested.dpop_jkt


def test_pushing_has_a_measure() -> None:
    """For a client that proves itself, and for an address from which a public one is said to push."""
    before = WORLD
    for _ in range(PER_ADDRESS):
        before = before.when(PushAuthorization(params=asking("spa"))).world
    before.when(PushAuthorization(params=asking("spa"))).refused(ResourceExhausted)
    assert replace(before, address="198.51.100.7").when(PushAuthorization(params=asking("spa"))).result
    assert push(before).result.request_uri
    (place,) = [place for place in push(WORLD).answerer.counted if place[0] == f"pushed/{BANK}"]
    answerer = WORLD.answerer.copy()
    answerer.counted[place] = PER_CLIENT
    push(replace(WORLD, answerer=answerer)).refused(ResourceExhausted)


NAMES = st.sampled_from(
    [*asking(BANK), "request", "request_uri", "authorization_details", "dpop_jkt", "claims", "nonce"]
)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
VALUES = TEXT | st.sampled_from(
    ["none", "a.b.c", "e30.e30.", "[]", "[{}]", '[{"type":"payment"}]', PREFIX + "secret-1"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=8), st.lists(NAMES, max_size=2).map(tuple))
def test_any_pushed_request_is_kept_or_refused(params: dict[str, str], repeated: tuple[str, ...]) -> None:
    """Whatever a client brings: an error of OAuth and nothing kept, or a reference that leads where it may."""
    body = {**asking(BANK), **proof(BANK, WORLD.now), **params}
    outcome = WORLD.when(PushAuthorization(params=body, repeated=repeated))
    kept = [scope for scope, _ in outcome.answerer.kept if scope == "pushed_request"]
    if outcome.error is not None:
        assert isinstance(outcome.error, OAuthError)
        assert kept == []
        return
    assert len(kept) == 1
    step = visit(outcome.world, outcome.result.request_uri).result
    assert step.redirect_to.startswith(REDIRECT_URI) or step.redirect_to == ""


@settings(max_examples=100, deadline=None)
@given(TEXT, st.sampled_from([BANK, "web", "spa"]))
def test_any_reference_leads_nowhere_unregistered(reference: str, client_id: str) -> None:
    """A page of ours, or an error at the registered redirect URI."""
    for uri in (reference or "x", PREFIX + reference):
        params = {**asking(client_id), "request_uri": uri}
        outcome = WORLD.when(StartAuthorization(params=params, session_token=SESSION_TOKEN))
        assert told(outcome.result)["error"]
        assert outcome.result.redirect_to.startswith(REDIRECT_URI)


def test_code_of_a_pushed_request_is_redeemed_like_any() -> None:
    """The token endpoint knows nothing of how the request came."""
    request = PushAuthorization(params=asking("web"), authorization=basic())
    outcome = WORLD.when(request)
    visited = visit(outcome.world, outcome.result.request_uri, "web")
    assert visited.world.when(redeem(told(visited.result)["code"])).result.id_token
