"""Forms and queries at every endpoint: whatever comes is answered, and what is refused has changed nothing."""

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.budget import bounded
from tests.fuzz.rig import PAYMENT, Pairs, Rig, basic, leads_home, refused_plainly, running, shown_or_sent_home
from tests.fuzz.strategies import ODD_TEXTS, TEXTS, changed, in_pairs
from tests.unit.adapters.site import AFTER_LOGOUT, CALLBACK, VERIFIER, authorization

COMMON = (
    *("client_id", "client_secret", "client_assertion", "client_assertion_type", "redirect_uri", "response_type"),
    *("response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method", "prompt", "max_age"),
    *("login_hint", "id_token_hint", "ui_locales", "acr_values", "display", "claims", "authorization_details"),
    *("resource", "audience", "dpop_jkt", "request", "request_uri", "grant_type", "code", "code_verifier"),
    *("refresh_token", "token", "token_type_hint", "device_code", "user_code", "auth_req_id", "binding_message"),
    *("login_hint_token", "requested_expiry", "client_notification_token", "assertion", "subject_token"),
    *("subject_token_type", "actor_token", "actor_token_type", "requested_token_type", "post_logout_redirect_uri"),
    *("logout_hint", "grant_id", "grant_management_action", "", "é", "a\0", "x" * 300),
)
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
CIBA = "urn:openid:params:grant-type:ciba"
ACCESS = "urn:ietf:params:oauth:token-type:access_token"


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One rig for all of them."""
    with running() as one:
        yield one


def credentials(rig: Rig) -> Pairs:
    """In the body, so that they are changed like everything else."""
    return [("client_id", rig.signer["client_id"]), *rig.proof_of(rig.signer["client_id"])]


def tokens(rig: Rig) -> dict[str, str]:
    """Fresh ones of the web client."""
    answer = rig.post("/oauth/token", redemption(rig), headers=basic(rig.web))
    return dict(answer.json())


def redemption(rig: Rig) -> Pairs:
    """A fresh code."""
    return [
        ("grant_type", "authorization_code"),
        ("code", rig.code()),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ]


def refreshing(rig: Rig) -> Pairs:
    """A fresh refresh token."""
    return [("grant_type", "refresh_token"), ("refresh_token", tokens(rig)["refresh_token"])]


def exchanging(rig: Rig) -> Pairs:
    """An access token for another."""
    if not rig.tokens:
        rig.tokens.update(tokens(rig))
    return [
        ("grant_type", EXCHANGE),
        ("subject_token", rig.tokens["access_token"]),
        ("subject_token_type", ACCESS),
    ]


def pushed(rig: Rig) -> Pairs:
    """A good request."""
    asked = authorization(rig.web) | {"authorization_details": json.dumps([PAYMENT]), "claims": "{}"}
    return [*asked.items()]


def begun(rig: Rig, path: str, member: str) -> str:
    """What a client waits with for somebody's answer."""
    answer = rig.post(path, [("scope", "openid"), ("login_hint", "ada")], headers=basic(rig.web))
    return str(answer.json().get(member, "x.y"))  # a person is asked only so often


def held_token(rig: Rig) -> Pairs:
    """An access token, asked about."""
    return [("token", exchanging(rig)[1][1]), ("token_type_hint", "access_token")]


FORMS: dict[str, tuple[str, Callable[[Rig], Pairs]]] = {
    "code": ("/oauth/token", redemption),
    "refresh": ("/oauth/token", refreshing),
    "machine": ("/oauth/token", lambda _: [("grant_type", "client_credentials"), ("scope", "openid")]),
    "exchange": ("/oauth/token", exchanging),
    "assertion": (
        "/oauth/token",
        lambda rig: [
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("assertion", rig.keys.signed(rig.assertion(rig.web["client_id"]))),
        ],
    ),
    "device": (
        "/oauth/token",
        lambda rig: [("grant_type", DEVICE), ("device_code", begun(rig, "/oauth/device_authorization", "device_code"))],
    ),
    "ciba": (
        "/oauth/token",
        lambda rig: [("grant_type", CIBA), ("auth_req_id", begun(rig, "/oauth/bc-authorize", "auth_req_id"))],
    ),
    "par": ("/oauth/par", pushed),
    "introspect": ("/oauth/introspect", held_token),
    "revoke": ("/oauth/revoke", lambda _: [("token", "a.b.c")]),
    "device_authorization": ("/oauth/device_authorization", lambda _: [("scope", "openid profile")]),
    "backchannel": (
        "/oauth/bc-authorize",
        lambda _: [("scope", "openid"), ("login_hint", "ada"), ("binding_message", "W4SCT")],
    ),
}
HEADERS = st.sampled_from(
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic " + base64.b64encode(b"\0:\xff").decode()},
        {"authorization": "Basic " + base64.b64encode(b"%00:x").decode()},
        {"authorization": "Basic " + base64.b64encode("é:%ED%A0%80".encode()).decode()},
        {"authorization": "Bearer a.b.c"},
        {"authorization": "é".encode()},
        {"dpop": "a.b.c"},
        {"dpop": "é".encode()},
        {"client-cert": ":AAAA:"},
        {"content-type": "application/json"},
        {"content-type": "application/x-www-form-urlencoded; charset=utf-16"},
        {"accept": "application/token-introspection+jwt"},
    ]
)


@pytest.mark.parametrize("form", FORMS)
@bounded(25)
@given(changes=changed(COMMON), headers=HEADERS, by_header=st.booleans())
def test_forms_of_clients(
    rig: Rig,
    form: str,
    changes: list[Any],
    headers: dict[str, Any],
    by_header: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    """RFC 6749 section 5.2 and whatever builds on it."""
    path, good = FORMS[form]
    sent = good(rig) if by_header else [*dict([*good(rig), *credentials(rig)]).items()]
    asked = (basic(rig.web) if by_header else {}) | headers
    before = rig.written()
    answer = rig.post(path, in_pairs(sent, changes), headers=asked)
    if answer.status_code in {200, 201}:
        return
    refused_plainly(rig, answer, secrets=tuple(value for name, value in sent if name in {"code", "refresh_token"}))
    assert rig.written() == before


@bounded(150)
@given(
    changes=changed(COMMON),
    client=st.sampled_from(["web", "spa", "strict"]),
    method=st.sampled_from(["GET", "POST"]),
    signed_in=st.booleans(),
    response_type=st.sampled_from(["code", "id_token", "code id_token token"]),
)
def test_authorization_requests(
    rig: Rig,
    changes: list[Any],
    client: str,
    method: str,
    signed_in: bool,  # noqa: FBT001 - hypothesis gives it
    response_type: str,
) -> None:
    """RFC 6749 section 4.1.2.1: to the registered URI, or to nobody but the person."""
    good = authorization(getattr(rig, client)) | {"response_type": response_type}
    pairs = in_pairs([*good.items()], changes)
    answer = rig.in_browser(method, "/oauth/authorize", pairs, signed_in=signed_in)
    shown_or_sent_home(answer)


@bounded(60)
@given(
    changes=changed(COMMON),
    method=st.sampled_from(["GET", "POST"]),
    path=st.sampled_from(["/oidc/logout", "/ui/check-session", "/ui/login", "/ui/consent", "/ui/device"]),
)
def test_pages_with_any_parameters(rig: Rig, changes: list[Any], method: str, path: str) -> None:
    """OIDC RP-Initiated Logout section 2, and the pages that a sign-in passes."""
    good = [("client_id", rig.web["client_id"]), ("post_logout_redirect_uri", AFTER_LOGOUT), ("state", "s")]
    shown_or_sent_home(rig.in_browser(method, path, in_pairs(good, changes), signed_in=False))


@bounded(40)
@given(
    scheme=st.sampled_from(["Bearer", "DPoP", "Basic", "bearer", ""]),
    token=TEXTS,
    proof=st.none() | TEXTS,
    method=st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "DELETE"]),
)
def test_userinfo_with_any_token(rig: Rig, scheme: str, token: str, proof: str | None, method: str) -> None:
    """RFC 6750 section 3.1."""
    headers = {"authorization": f"{scheme} {token}".encode("utf-8", "replace")}
    if proof is not None:
        headers["dpop"] = proof.encode("utf-8", "replace")
    answer = rig.send(method, "/oidc/userinfo", headers=headers)
    assert answer.status_code in {204, 400, 401, 405, 431}, answer.text
    assert answer.status_code != 401 or "www-authenticate" in answer.headers


@bounded(60)
@given(
    host=st.sampled_from([*ODD_TEXTS, "id.example.com", "id.example.com:443", "ID.EXAMPLE.COM", "[::1]", "a b"]),
    path=st.sampled_from(
        ["/.well-known/openid-configuration", "/oauth/jwks", "/.well-known/oauth-authorization-server"]
    ),
    tag=TEXTS,
    query=TEXTS,
)
def test_metadata_under_any_host(rig: Rig, host: str, path: str, tag: str, query: str) -> None:
    """OIDC Discovery section 4: under a host of the instance, or nowhere."""
    headers = {"host": host.encode("utf-8", "replace"), "if-none-match": tag.encode("utf-8", "replace")}
    answer = rig.send("GET", path, headers=headers, params={"q": query.encode("utf-8", "replace")})
    assert answer.status_code < 500, answer.text
    if "location" in answer.headers:
        assert leads_home(answer.headers["location"])


@bounded(60)
@given(body=st.binary(max_size=200), path=st.sampled_from([path for path, _ in FORMS.values()]))
def test_bodies_of_any_bytes(rig: Rig, body: bytes, path: str) -> None:
    """What is hardly a form."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    refused_plainly(rig, rig.send("POST", path, content=body, headers=headers))
