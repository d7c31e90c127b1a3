"""JWTs that were signed by whoever they should be, and say anything at all, or were spoiled on the way."""

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc.rfc7523 import CLIENT_ASSERTION_TYPE
from tests.fuzz.budget import bounded
from tests.fuzz.rig import Rig, refused_plainly, running, shown_or_sent_home
from tests.fuzz.tokens import JWKS, ODD_HEADERS, Changes, changes, encrypted, reheaded
from tests.unit.adapters.site import ORIGIN, authorization

REQUEST = (
    *("iss", "aud", "iat", "nbf", "exp", "jti", "sub", "client_id", "redirect_uri", "response_type", "response_mode"),
    *("scope", "state", "nonce", "code_challenge", "prompt", "max_age", "claims", "authorization_details", "resource"),
    *("acr_values", "id_token_hint", "ui_locales", "request", "request_uri", "dpop_jkt", "\ud800", "a\0"),
)
ASSERTION = ("iss", "sub", "aud", "iat", "nbf", "exp", "jti", "scope", "client_id", "\ud800")
PROOF = ("jti", "htm", "htu", "iat", "nbf", "exp", "nonce", "ath", "\ud800")
ALGORITHMS = {"signer": "ES256", "strict": "PS256"}
CLIENTS = st.sampled_from(sorted(ALGORITHMS))


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One rig for all of them."""
    with running() as one:
        yield one


def asked_by(rig: Rig, who: str, token: str) -> None:
    """A request object, pushed and brought by a browser."""
    client, before = getattr(rig, who)["client_id"], rig.written()
    pushed = rig.post("/oauth/par", [*rig.proof_of(client, ALGORITHMS[who]), ("request", token)])
    if pushed.status_code != 201:
        refused_plainly(rig, pushed)
    assert rig.written() == before
    outside = authorization({"client_id": client}).items()
    shown_or_sent_home(rig.in_browser("GET", "/oauth/authorize", [*outside, ("request", token)], signed_in=True))


@bounded(150)
@given(who=CLIENTS, wrong=changes(REQUEST))
def test_request_objects(rig: Rig, who: str, wrong: Changes) -> None:
    """RFC 9101 section 6.3."""
    claims = rig.request_object(getattr(rig, who)["client_id"])
    asked_by(rig, who, rig.keys.changed(claims, wrong, ALGORITHMS[who], typ="oauth-authz-req+jwt"))


@bounded(80)
@given(
    who=CLIENTS,
    odd=st.sampled_from(ODD_HEADERS) | st.builds(lambda epk: {"epk": epk}, JWKS),
    alg=st.sampled_from(["RSA-OAEP-256", "ECDH-ES"]),
    content=st.sampled_from(["", "{}", "a.b.c", "a.b.c.d.e", "\0", "é" * 5000]),
)
def test_encrypted_request_objects(rig: Rig, who: str, odd: dict[str, Any], alg: str, content: str) -> None:
    """RFC 9101 section 6.1, RFC 8725 sections 2.4 and 3.6."""
    keys = rig.send("GET", "/oauth/jwks").json()["keys"]
    fitting = [key for key in keys if key.get("use") == "enc" and (key["kty"] == "RSA") == (alg[:3] == "RSA")]
    assert fitting, keys
    asked_by(rig, who, reheaded(encrypted(content, fitting[0], alg, "A256GCM"), odd))


@bounded(150)
@given(
    who=CLIENTS,
    wrong=changes(ASSERTION),
    path=st.sampled_from(["/oauth/token", "/oauth/par", "/oauth/introspect", "/oauth/revoke", "/oauth/bc-authorize"]),
)
def test_client_assertions(rig: Rig, who: str, wrong: Changes, path: str) -> None:
    """RFC 7523 section 3."""
    claims, before = rig.assertion(getattr(rig, who)["client_id"]), rig.written()
    token = rig.keys.changed(claims, wrong, ALGORITHMS[who])
    shown = [("client_assertion_type", CLIENT_ASSERTION_TYPE), ("client_assertion", token)]
    asked = [("grant_type", "client_credentials"), ("token", "a.b.c"), ("scope", "openid"), ("login_hint", "ada")]
    answer = rig.post(path, [*shown, *asked])
    if answer.status_code != 200:
        refused_plainly(rig, answer, secrets=(token,))
        assert rig.written() == before


@bounded(60)
@given(wrong=changes(ASSERTION))
def test_assertions_as_grants(rig: Rig, wrong: Changes) -> None:
    """RFC 7523 section 2.1."""
    client = rig.signer["client_id"]
    token = rig.keys.changed(rig.assertion(client), wrong)
    asked = [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", token)]
    answer = rig.post("/oauth/token", [*asked, *rig.proof_of(client)])
    if answer.status_code != 200:
        refused_plainly(rig, answer, secrets=(token,))


@bounded(120)
@given(wrong=changes(PROOF), jwk=st.none() | JWKS, url=st.sampled_from(["/oauth/token", "/oidc/userinfo"]))
def test_proofs_of_possession(rig: Rig, wrong: Changes, jwk: Any, url: str) -> None:
    """RFC 9449 section 4.3."""
    claims = {"jti": uuid4().hex, "htm": "POST", "htu": ORIGIN + url, "iat": int(time.time())}
    embedded = rig.keys.ec.as_dict(private=False) if jwk is None else jwk
    proof = rig.keys.changed(claims, wrong, typ="dpop+jwt", jwk=embedded)
    if url == "/oauth/token":
        asked = [("grant_type", "client_credentials"), ("scope", "openid"), *rig.proof_of(rig.signer["client_id"])]
        answer = rig.post(url, asked, headers={"dpop": proof})
    else:
        answer = rig.post(url, [], headers={"dpop": proof, "authorization": "DPoP a.b.c"})
    if answer.status_code != 200:
        assert answer.status_code < 500, answer.text


@bounded(100)
@given(wrong=changes(ASSERTION), use=st.sampled_from(["userinfo", "introspect", "exchange", "hint", "logout"]))
def test_tokens_that_somebody_else_signed(rig: Rig, wrong: Changes, use: str) -> None:
    """Whatever looks like one of ours, is none of ours."""
    claims = rig.assertion(rig.tenant.user_id, iss=ORIGIN, aud=rig.signer["client_id"])
    token = rig.keys.changed(claims, wrong, typ="at+jwt" if use != "hint" else "JWT")
    proof = rig.proof_of(rig.signer["client_id"])
    if use == "userinfo":
        answer = rig.send("GET", "/oidc/userinfo", headers={"authorization": f"Bearer {token}".encode()})
        assert answer.status_code in {400, 401, 431}, answer.text
    elif use == "introspect":
        answer = rig.post("/oauth/introspect", [("token", token), *proof])
        assert answer.status_code == 400 or answer.json() == {"active": False}, answer.text
    elif use == "exchange":
        asked = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
            ("subject_token", token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ]
        refused_plainly(rig, rig.post("/oauth/token", [*asked, *proof]), secrets=(token,))
    elif use == "hint":
        asked = [*authorization(rig.web).items(), ("id_token_hint", token)]
        shown_or_sent_home(rig.in_browser("GET", "/oauth/authorize", asked, signed_in=True))
    else:
        shown_or_sent_home(rig.in_browser("GET", "/oidc/logout", [("id_token_hint", token)], signed_in=False))


def test_numbers_of_any_size_in_a_request_object(rig: Rig) -> None:
    """Found here: a time that no float can hold ended in a failure of ours."""
    client = rig.strict["client_id"]
    for times in ({"exp": 10**400, "nbf": time.time()}, {"exp": time.time() + 60, "nbf": -(10**400)}):
        token = rig.keys.signed(rig.request_object(client, **times), "PS256")
        refused = rig.post("/oauth/par", [*rig.proof_of(client, "PS256"), ("request", token)])
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request_object")
        assert json.loads(refused.text)["error_description"] == "The request object holds for longer than an hour"
