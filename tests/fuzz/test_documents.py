"""Documents that clients register: JSON of any form, with keys of any kind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc.rfc7591 import ASKED
from tests.fuzz.budget import bounded
from tests.fuzz.rig import RESPONSE_TYPES, Rig, basic, refused_plainly, running, shown_or_sent_home
from tests.fuzz.strategies import JSON, ODD_TEXTS, in_object
from tests.fuzz.tokens import JWKS
from tests.unit.adapters.site import CALLBACK, VERIFIER, answered, authorization

MEMBERS = (
    *(*ASKED, "client_name", "application_type", "token_endpoint_auth_method", "grant_types", "redirect_uris"),
    *("client_id", "client_secret", "software_statement", "scope", "\ud800", "a\0", ""),
)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["drop", "set", "set", "repeat"]), st.sampled_from(MEMBERS), JSON), max_size=4
)
KEYED = {
    "redirect_uris": ["https://client.example.com/cb"],
    "token_endpoint_auth_method": "private_key_jwt",
    "id_token_encrypted_response_alg": "RSA-OAEP-256",
}
OFF_CURVE = {"kty": "EC", "crv": "P-256", "x": "A" * 43, "y": "A" * 43}
NO_MODULUS = {"kty": "RSA", "n": "_" * 342, "e": "A"}
JSON_TYPE = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One rig for all of them."""
    with running() as one:
        yield one


def registered_or_refused(rig: Rig, text: str) -> dict[str, Any] | None:
    """What was registered can be read, written as it was read, and taken away."""
    before = rig.written()
    answer = rig.send("POST", "/oauth/register", content=text.encode("utf-8", "surrogatepass"), headers=JSON_TYPE)
    if answer.status_code != 201:
        refused_plainly(rig, answer)
        assert rig.written() == before
        return None
    told: dict[str, Any] = answer.json()
    own = told["registration_client_uri"].removeprefix("https://id.example.com")
    bearer = {"authorization": f"Bearer {told['registration_access_token']}"}
    read = rig.send("GET", own, headers=bearer)
    assert read.status_code == 200, read.text
    kept = {name: value for name, value in read.json().items() if not name.startswith(("registration_", "client_id_"))}
    kept.pop("client_secret_expires_at", None)
    written = rig.send("PUT", own, json=kept, headers=bearer)
    assert written.status_code == 200, written.text
    return told


@bounded(120)
@given(changes=CHANGES)
def test_documents_of_clients(rig: Rig, changes: list[Any]) -> None:
    """RFC 7591 section 3.2.2."""
    registered_or_refused(rig, in_object({"redirect_uris": ["https://client.example.com/cb"]}, changes))


@bounded(120)
@given(keys=st.lists(JWKS, max_size=3), odd=JSON)
def test_keys_of_clients(rig: Rig, keys: list[Any], odd: Any) -> None:
    """Whatever keys a client registers: it is told no, or what they cannot do is told when they are used."""
    for jwks in ({"keys": keys}, odd):
        told = registered_or_refused(rig, json.dumps({**KEYED, "jwks": jwks}))
        if told is not None:
            token = rig.keys.signed(rig.assertion(told["client_id"]))
            shown = [("client_assertion", token)]
            shown.append(("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"))
            refused_plainly(rig, rig.post("/oauth/token", [*shown, ("grant_type", "authorization_code")]))


@pytest.mark.parametrize("key", [OFF_CURVE, NO_MODULUS])
def test_keys_that_are_none_are_the_clients_fault(rig: Rig, key: dict[str, str]) -> None:
    """Found here: what could not be encrypted was said to be unavailable, with a status that wakes operators."""
    alg = "RSA-OAEP-256" if key["kty"] == "RSA" else "ECDH-ES"
    wanted = {f"{name}_encrypted_response_alg": alg for name in ("id_token", "authorization", "introspection")}
    signed = {f"{name}_signed_response_alg": "ES256" for name in ("authorization", "introspection")}
    client = rig.loop.run(
        rig.tenant.application(
            grant_types=("authorization_code", "implicit"),
            consent_required=False,
            client_metadata={"jwks": json.dumps({"keys": [key]}), "response_types": RESPONSE_TYPES, **wanted, **signed},
        )
    )
    for how in ({"response_type": "code id_token"}, {"response_mode": "jwt"}):
        asked = [*authorization(client, **how).items()]
        shown_or_sent_home(rig.in_browser("GET", "/oauth/authorize", asked, signed_in=True))
    began = rig.in_browser("GET", "/oauth/authorize", [*authorization(client).items()], signed_in=True)
    form = [("grant_type", "authorization_code"), ("code", answered(began.headers["location"])["code"])]
    form += [("redirect_uri", CALLBACK), ("code_verifier", VERIFIER), ("client_id", client["client_id"])]
    answer = rig.post("/oauth/token", form, headers=basic(client))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    accept = {"accept": "application/token-introspection+jwt"}
    told = rig.post("/oauth/introspect", [("token", "a.b.c")], headers=basic(client) | accept)
    assert (told.status_code, told.json()["error"]) == (400, "invalid_request")


@bounded(60)
@given(text=st.text(max_size=40) | st.sampled_from(ODD_TEXTS))
def test_what_is_no_document(rig: Rig, text: str) -> None:
    """RFC 7591 section 3.1."""
    assert registered_or_refused(rig, text) is None
