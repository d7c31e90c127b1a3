"""Request objects (RFC 9101) through the endpoints; names of cases are those of FAPI 2.0 Message Signing's modules."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.authrequest.messages import PushAuthorization, StartAuthorization
from hexkeep.core.kernel.errors import ResourceExhausted
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.oidc.errors import (
    InvalidRedirectUri,
    InvalidRequest,
    InvalidRequestObject,
    OAuthError,
    RequestNotSupported,
)
from hexkeep.core.oidc.request_objects import FETCHES, MAX_FETCHED
from hexkeep.core.oidc.rfc9101 import contained
from hexkeep.testing.decisions import ISSUER, NOW, Outcome, World
from hexkeep.testing.jose import encryption_key, jwe, part
from tests.unit.adapters.proofs import encoded
from tests.unit.core.fapi_world import (
    BANK,
    KEYS,
    OTHER,
    RS256,
    SIGNED,
    key_of,
    private_key,
    push,
    pushed,
    signed,
    visit,
    world,
)
from tests.unit.core.oidc_world import REDIRECT_URI, SESSION_TOKEN, application, basic, start, told

WORLD = world()
MOMENT = int(WORLD.now.timestamp())
URI = "https://shop.example.com/requests/1"


def alg_none(**changes: JsonValue) -> str:
    """An object that nobody signed."""
    claims = {"client_id": SIGNED, "iss": SIGNED, "aud": ISSUER, **changes}
    return f"{part({'alg': 'none'})}.{part(claims)}."


GOOD: dict[str, dict[str, JsonValue]] = {
    "ensure-signed-request-object-succeeds": {},
    "request-object-with-multiple-aud-succeeds": {"aud": [ISSUER, "https://other.example.com"]},
    "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted": {"nbf": MOMENT + 8},
}
BAD: dict[str, dict[str, JsonValue]] = {
    "ensure-request-object-without-exp-fails": {"exp": None},
    "ensure-request-object-without-nbf-fails": {"nbf": None},
    "ensure-expired-request-object-fails": {"exp": MOMENT - 300, "nbf": MOMENT - 600},
    "ensure-request-object-with-bad-aud-fails": {"aud": "https://other.example.com"},
    "ensure-request-object-with-exp-over-60-fails": {"exp": MOMENT + 3700},
    "ensure-request-object-with-nbf-over-60-fails": {"nbf": MOMENT - 3700, "exp": MOMENT + 60},
    "par-request-object-containing-request_uri": {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
    "of another client": {"client_id": BANK},
}


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD)
def test_signed_request_is_pushed(changes: dict[str, JsonValue]) -> None:
    """RFC 9126 section 3; FAPI 2.0 Message Signing section 5.3."""
    after, request_uri = pushed(WORLD, SIGNED, request=signed(SIGNED, WORLD.now, **changes))
    assert told(visit(after, request_uri, SIGNED).result)["state"] == "xyz"


@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_signed_request_that_is_not_for_us_or_not_for_now_is_refused(changes: dict[str, JsonValue]) -> None:
    """Told the client directly, and nothing is kept."""
    outcome = push(WORLD, SIGNED, request=signed(SIGNED, WORLD.now, **changes))
    outcome.refused(InvalidRequestObject)
    assert not [scope for scope, _ in outcome.answerer.kept if scope == "pushed_request"]


@pytest.mark.parametrize(
    "text",
    [
        signed(SIGNED, WORLD.now, KEYS[OTHER]),
        signed(SIGNED, WORLD.now)[:-4] + "AAAA",
        alg_none(),
        signed(SIGNED, WORLD.now, RS256),
        "a.b.c",
        "no object",
        "....",
    ],
    ids=[
        "ensure-request-object-signed-by-wrong-client-key-fails",
        "ensure-request-object-with-invalid-signature-fails",
        "ensure-request-object-with-alg-none-fails",
        "ensure-request-object-signed-with-RS256-fails",
        "malformed",
        "no JWT",
        "a JWE of nothing",
    ],
)
def test_object_that_the_client_did_not_sign_is_refused(text: str) -> None:
    """RFC 9101 section 6.2; FAPI 2.0 Security Profile section 5.4.1 for the algorithms."""
    before = WORLD.given(key_of(SIGNED, replace(RS256, key_id="key-25")))
    push(before, SIGNED, request=text).refused(InvalidRequestObject)


def test_unsigned_request_of_who_has_to_sign_is_refused() -> None:
    """Module ensure-unsigned-request-at-par-endpoint-fails, and a client that registered so."""
    push(WORLD, SIGNED).refused(InvalidRequest)
    before = world(application("signing", client_metadata=ClientMetadata(require_signed_request_object=True)))
    assert told(before.when(start("signing")).result)["error"] == "invalid_request"


def test_what_was_pushed_unsigned_is_of_no_use_once_it_has_to_be_signed() -> None:
    """The rules of the client are those at the visit as well."""
    after, request_uri = pushed(WORLD)
    assert told(visit(after, request_uri).result)["code"]
    stricter = world(require_signed_request_object=True)
    changed = replace(stricter, answerer=after.answerer)
    visit(changed, request_uri).refused(InvalidRequest)


def of_shop(**metadata: Any) -> World:
    """A client of no profile that signs, with a key of its own, and what is found at its URI."""
    registered = ClientMetadata.model_validate(metadata)
    shop = application("shop", client_metadata=registered)
    return world(shop, key_of("shop", SHOP_KEY))


SHOP_KEY = replace(RS256, key_id="key-24")


def of(before: World, text: str, **params: str) -> Outcome:
    """A browser brings an object."""
    sent = {"client_id": "shop", "request": text, **params}
    return before.when(StartAuthorization(params=sent, session_token=SESSION_TOKEN))


def by_shop(before: World, **changes: JsonValue) -> str:
    """What the client signed."""
    return signed("shop", before.now, RS256, **changes)


def test_what_is_outside_of_an_object_counts_for_nothing() -> None:
    """RFC 9101 section 5; modules ensure-different-state-inside-and-outside-request-object and …-nonce-…."""
    before = world(application("shop"), key_of("shop", SHOP_KEY))
    outcome = of(before, by_shop(before, state="inside"), state="outside", redirect_uri="https://evil.example.com/")
    assert told(outcome.result)["state"] == "inside"
    silent = of(before, by_shop(before, state=None), state="outside")
    assert "state" not in told(silent.result)


def test_object_without_a_redirect_uri_is_refused() -> None:
    """Module ensure-request-object-without-redirect-uri-fails: the one outside does not count."""
    before = world(application("shop"), key_of("shop", SHOP_KEY))
    assert of(before, by_shop(before, redirect_uri=None), redirect_uri=REDIRECT_URI).error is not None


def test_algorithm_is_the_registered_one() -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2, ``request_object_signing_alg``."""
    before = of_shop(request_object_signing_alg="RS256")
    assert told(of(before, by_shop(before)).result)["code"]
    other = of_shop(request_object_signing_alg="ES256")
    other_ = of(other, by_shop(other), redirect_uri=REDIRECT_URI)
    assert told(other_.result)["error"] == "invalid_request_object"


def test_unsigned_object_of_who_registered_another_algorithm_is_not_supported() -> None:
    """OIDC Dynamic Client Registration section 2: what is not signed by the registered algorithm is refused."""
    before = of_shop(request_object_signing_alg="RS256", request_uris=[URI])
    answer = of(before, by_nobody(), redirect_uri=REDIRECT_URI, response_type="code")
    assert told(answer.result)["error"] == "request_not_supported"
    assert told(at(before, URI, Fetched(200, by_nobody())).result)["error"] == "request_uri_not_supported"


# --- unsigned --------------------------------------------------------------------------------------------------------

NONE: dict[str, JsonValue] = {"request_object_signing_alg": "none"}
FREE = pytest.mark.parametrize("metadata", [NONE, {}], ids=["none", "nothing"])
"""What somebody registered who may leave request objects unsigned."""


def by_nobody(**changes: JsonValue) -> str:
    """A whole request of the shop's in an object that nobody signed; ``None`` takes a claim away."""
    params: dict[str, JsonValue] = {**start("shop").params, "aud": ISSUER, "iss": "shop", **changes}
    return f"{part({'alg': 'none'})}.{part({name: value for name, value in params.items() if value is not None})}."


@FREE
def test_unsigned_object_is_for_who_registered_none_or_nothing(metadata: dict[str, JsonValue]) -> None:
    """OIDC Core section 6.1, OIDC Dynamic Client Registration section 2; what is inside counts (RFC 9101 section 5)."""
    before = of_shop(**metadata)
    assert told(of(before, by_nobody(state="inside"), state="outside").result)["state"] == "inside"
    silent = of(before, by_nobody(state=None), state="outside", redirect_uri="https://evil.example.com/")
    assert "state" not in told(silent.result)
    assert told(of(before, by_nobody(iss=None, aud=None)).result)["code"]


@pytest.mark.parametrize(
    "text",
    [
        signed("shop", WORLD.now, KEYS[OTHER]),
        by_nobody() + "AAAA",
        by_nobody()[:-1],
        f"{part({'alg': 'none', 'crit': ['exp']})}.{part({**start('shop').params})}.",
        f"{part({'alg': 'None'})}.{part({**start('shop').params})}.",
        f"{part({'alg': 'none'})}.{encoded(b'[]')}.",
        f"{part({'alg': 'none'})}.!!!.",
        f"{part({'alg': 'none'})}..",
        json.dumps(start("shop").params),
        by_nobody(client_id="web"),
        by_nobody(client_id=None),
        by_nobody(iss="web"),
        by_nobody(aud="https://other.example.com"),
        by_nobody(exp=MOMENT - 1),
        by_nobody(sub="shop"),
        by_nobody(request="a.b.c"),
    ],
    ids=map(str, range(16)),
)
@FREE
def test_unsigned_object_is_that_and_of_this_client_and_for_now(metadata: dict[str, JsonValue], text: str) -> None:
    """Half a signature is none, and what the object says of itself is judged as that of a signed one."""
    answer = of(of_shop(**metadata), text, redirect_uri=REDIRECT_URI)
    assert told(answer.result)["error"] == "invalid_request_object"


def test_signed_object_is_not_for_who_registered_none() -> None:
    """Who registered ``none`` signs no object; who registered nothing may sign one or not, each time anew."""
    before = of_shop(**NONE)
    answer = of(before, by_shop(before), redirect_uri=REDIRECT_URI)
    assert told(answer.result)["error"] == "invalid_request_object"
    either = of_shop()
    assert told(of(either, by_shop(either)).result)["code"]


@FREE
def test_unsigned_object_is_no_better_than_a_query(metadata: dict[str, JsonValue]) -> None:
    """Redirect URI, response type, scope, PKCE and all else are judged as they are without an object."""
    of(of_shop(**metadata), by_nobody(redirect_uri="https://evil.example.com/")).refused(InvalidRedirectUri)
    of(of_shop(**metadata), by_nobody(redirect_uri=None), redirect_uri=REDIRECT_URI).refused(InvalidRedirectUri)
    wrong: dict[str, JsonValue] = {"response_type": "token", "resource": ["https://api.example.com"], "prompt": "dance"}
    for name, value in wrong.items():
        assert "error" in told(of(of_shop(**metadata), by_nobody(**{name: value})).result)
    public = application("shop", auth_method="none", client_metadata=ClientMetadata.model_validate(metadata))
    unbound = of(world(public), by_nobody(code_challenge=None, code_challenge_method=None))
    assert told(unbound.result)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "held",
    [
        {"profile": "oauth_2_1"},
        {"require_signed_request_object": True},
        {"require_pushed_authorization_requests": True},
    ],
    ids=str,
)
@FREE
def test_unsigned_object_is_nothing_under_stricter_rules(
    metadata: dict[str, JsonValue], held: dict[str, JsonValue]
) -> None:
    """RFC 9101 sections 10.1 and 10.5: whatever was once registered, and pushed as well.

    Of FAPI clients ``test_object_that_the_client_did_not_sign_is_refused`` tells.
    """
    answer = of(of_shop(**metadata, **held), by_nobody(), redirect_uri=REDIRECT_URI)
    assert "code" not in told(answer.result)
    pushing = PushAuthorization(params={"request": by_nobody()}, authorization=basic("shop"))
    assert isinstance(of_shop(**metadata, **held).when(pushing).error, InvalidRequestObject | RequestNotSupported)


@FREE
def test_unsigned_object_may_be_fetched_and_pushed(metadata: dict[str, JsonValue]) -> None:
    """Module oidcc-request-uri-unsigned; pushed, it counts as not signed."""
    fetched = at(of_shop(request_uris=[URI], **metadata), URI, Fetched(200, by_nobody()))
    assert told(fetched.result)["code"]
    pushing = PushAuthorization(params={"request": by_nobody()}, authorization=basic("shop"))
    outcome = of_shop(**metadata).when(pushing)
    held = replace(of_shop(require_signed_request_object=True), answerer=outcome.answerer)
    sent = {"client_id": "shop", "request_uri": outcome.result.request_uri}
    held.when(StartAuthorization(params=sent, session_token=SESSION_TOKEN)).refused(InvalidRequest)


def test_unsigned_object_may_be_encrypted() -> None:
    """A JWT that nobody signed in a JWE, or its claims alone: for who need not sign."""
    pair = encryption_key("RSA-OAEP-256", 31)
    bare = json.dumps(start("shop").params)
    for text in (by_nobody(), bare):
        sent = jwe(pair.public, "RSA-OAEP-256", "A128GCM", text)
        for metadata in (NONE, {}):
            allowed = of(of_shop(**metadata).given(private_key(pair)), sent)
            assert told(allowed.result)["code"]
        signing = of_shop(request_object_signing_alg="RS256").given(private_key(pair))
        other = of(signing, sent, redirect_uri=REDIRECT_URI)
        assert told(other.result)["error"] in {"request_not_supported", "invalid_request_object"}


# --- encrypted -------------------------------------------------------------------------------------------------------


def test_object_may_be_encrypted_to_a_key_of_ours() -> None:
    """RFC 9101 section 6.1: nested, and as the client registered, if it did."""
    pair = encryption_key("RSA-OAEP-256", 31)
    for metadata, encryption, fits in (
        ({}, "A128GCM", True),
        ({"request_object_encryption_alg": "RSA-OAEP-256"}, "A128GCM", True),
        ({"request_object_encryption_alg": "ECDH-ES"}, "A128GCM", False),
        (
            {"request_object_encryption_alg": "RSA-OAEP-256", "request_object_encryption_enc": "A256GCM"},
            "A128GCM",
            False,
        ),
    ):
        before = of_shop(**metadata).given(private_key(pair))
        text = jwe(pair.public, "RSA-OAEP-256", encryption, by_shop(before))
        told_ = told(of(before, text, redirect_uri=REDIRECT_URI).result)
        assert ("code" in told_) is fits


def test_object_that_has_to_be_encrypted_is_refused_in_the_clear() -> None:
    """What the client registered is not left out by whoever sends."""
    before = of_shop(request_object_encryption_alg="RSA-OAEP-256")
    assert told(of(before, by_shop(before), redirect_uri=REDIRECT_URI).result)["error"] == "invalid_request_object"


# --- by reference ----------------------------------------------------------------------------------------------------


def at(before: World, uri: str, found: Fetched | None, **params: str) -> Outcome:
    """A browser brings a reference to an object, of which this is found."""
    answerer = before.answerer.copy()
    if found is not None:
        answerer.pages[uri.partition("#")[0]] = found
    sent = {"client_id": "shop", "request_uri": uri, "redirect_uri": REDIRECT_URI, **params}
    return replace(before, answerer=answerer).when(StartAuthorization(params=sent, session_token=SESSION_TOKEN))


def test_object_is_fetched_from_where_the_client_registered() -> None:
    """RFC 9101 section 5.2, module oidcc-request-uri-signed-rs256; the hash in a fragment is no part of the place."""
    for registered in (URI, URI + "#b2xkIGhhc2g"):
        before = of_shop(request_uris=[registered])
        for uri in (URI, URI + "#c29tZSBoYXNo"):
            assert told(at(before, uri, Fetched(200, by_shop(before) + "\n")).result)["code"]


@pytest.mark.parametrize(
    ("uri", "found", "error"),
    [
        (URI + "/2", Fetched(200, "a.b.c"), "invalid_request_uri"),
        ("http://169.254.169.254/", Fetched(200, "a.b.c"), "invalid_request_uri"),
        (URI, Fetched(404, "a.b.c"), "invalid_request_uri"),
        (URI, Fetched(200, ""), "invalid_request_uri"),
        (URI, Fetched(failure="forbidden_address"), "invalid_request_uri"),
        (URI, None, "invalid_request_uri"),
        (URI, Fetched(200, "a.b.c"), "invalid_request_object"),
        (URI, Fetched(200, alg_none(client_id="shop")), "invalid_request_object"),
    ],
)
def test_nothing_is_fetched_from_elsewhere_or_taken_for_an_object(uri: str, found: Fetched | None, error: str) -> None:
    """RFC 9101 section 10.4: nobody makes us call where the client is not, and what is found there is judged."""
    before = of_shop(request_uris=[URI])
    assert told(at(before, uri, found).result)["error"] == error


def test_browsers_cannot_make_us_fetch_without_end() -> None:
    """RFC 9101 section 10.4.1: whoever sends browsers here has us call somebody, which has a measure by address."""
    before = of_shop(request_uris=[URI])
    for _ in range(FETCHES):
        before = at(before, URI, Fetched(404)).world
    at(before, URI, Fetched(200, by_shop(before))).refused(ResourceExhausted)
    elsewhere = at(replace(before, address="198.51.100.7"), URI, Fetched(200, by_shop(before)))
    assert told(elsewhere.result)["code"]


def test_references_are_off_unless_some_are_registered() -> None:
    """Module oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported."""
    assert told(at(of_shop(), URI, Fetched(200, "a.b.c")).result)["error"] == "request_uri_not_supported"
    both = at(of_shop(request_uris=[URI]), URI, Fetched(200, "a.b.c"), request="a.b.c")
    assert told(both.result)["error"] == "invalid_request"
    assert MAX_FETCHED < 65_536


def test_reference_that_was_pushed_by_another_is_no_place() -> None:
    """A URN is not fetched, whoever registers what."""
    outcome = at(of_shop(request_uris=[URI]), "urn:ietf:params:oauth:request_uri:secret-9", None)
    assert told(outcome.result)["error"] == "invalid_request_uri"


# --- anything --------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["aud", "exp", "nbf", "scope", "state", "resource", "claims", "redirect_uri", "response_type", "prompt"]
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(NAMES | st.text(max_size=4), JSON, max_size=5))
def test_any_signed_object_is_kept_or_refused(changes: dict[str, JsonValue]) -> None:
    """Whatever a client signs and pushes: an error of OAuth and nothing kept, or a reference."""
    outcome = push(WORLD, SIGNED, request=signed(SIGNED, WORLD.now, **changes))
    kept = [scope for scope, _ in outcome.answerer.kept if scope == "pushed_request"]
    assert isinstance(outcome.error, OAuthError) if outcome.error else len(kept) == 1
    assert outcome.error is None or kept == []


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_no_object(text: str) -> None:
    """As `request` by a browser and pushed, in one piece or in parts that are JSON."""
    for one in (text, f"{part({'alg': text})}.{part({})}.{text}"):
        error = push(WORLD, SIGNED, request=one).error
        assert isinstance(error, InvalidRequestObject | InvalidRequest)


@pytest.mark.parametrize("times", [{"exp": 10**400, "nbf": 0.5}, {"exp": 0.5, "nbf": -(10**400)}, {"nbf": 10**400}])
def test_times_may_be_any_number(times: dict[str, float]) -> None:
    """JSON has no greatest number: one that no float can hold is refused like any other that is too large."""
    now = NOW.timestamp()
    near = {name: value if abs(value) > 1 else now + value for name, value in times.items()}
    claims: dict[str, JsonValue] = {"client_id": SIGNED, "aud": ISSUER, "exp": now + 60, "nbf": now, **near}
    with pytest.raises(InvalidRequestObject):
        contained(claims, SIGNED, ISSUER, NOW, strict=True)
