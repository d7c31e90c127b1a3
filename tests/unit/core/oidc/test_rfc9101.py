"""RFC 9101, FAPI 2.0 Message Signing section 5.3: which request objects are believed, and what is in them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from hexkeep.core.oidc import rfc9101
from hexkeep.core.oidc.errors import InvalidRequestObject
from hexkeep.testing.decisions import ISSUER, NOW

MOMENT = int(NOW.timestamp())
CLAIMS: dict[str, Any] = {
    "iss": "web",
    "aud": ISSUER,
    "exp": MOMENT + 300,
    "nbf": MOMENT,
    "iat": MOMENT,
    "jti": "one",
    "client_id": "web",
    "redirect_uri": "https://shop.example.com/cb",
    "response_type": "code",
    "state": "xyz",
}
LAX = {"aud": None, "exp": None, "nbf": None, "iat": None, "jti": None, "iss": None}
GOOD = {
    "as it should be": {},
    "multiple-aud": {"aud": ["https://other.example.com", ISSUER]},
    "nbf-8-seconds-in-the-future": {"nbf": MOMENT + 8},
    "iat-8-seconds-in-the-future": {"iat": MOMENT + 8},
    "holds for an hour": {"exp": MOMENT + 3600},
    "sub of somebody": {"sub": "ada"},
}
BAD = {
    "another client": {"client_id": "spa"},
    "no client": {"client_id": None},
    "another issuer": {"iss": "spa"},
    "expired": {"exp": MOMENT},
    "bad-aud": {"aud": "https://other.example.com"},
    "bad-aud-array": {"aud": ["https://other.example.com", ISSUER + "/oauth/token"]},
    "nbf-over-60-seconds-in-the-future": {"nbf": MOMENT + 61},
    "iat-over-60-seconds-in-the-future": {"iat": MOMENT + 61},
    "an assertion": {"sub": "web"},
    "nested request": {"request": "a.b.c"},
    "nested request_uri": {"request_uri": "https://shop.example.com/r"},
    "malformed jti": {"jti": 5},
    "malformed exp": {"exp": "soon"},
    "malformed nbf": {"nbf": True},
    "NUL": {"state": "a\0b"},
    "half a surrogate": {"state": "\ud800"},
    "malformed resource": {"resource": [1]},
    "too long": {"state": "x" * 20_000},
}
STRICT = {
    "without-exp": {"exp": None},
    "without-nbf": {"nbf": None},
    "without-aud": {"aud": None},
    "exp-over-60-minutes": {"exp": MOMENT + 3601},
    "nbf-over-60-minutes-in-the-past": {"nbf": MOMENT - 3601},
}


def contained(changes: dict[str, Any], *, strict: bool = True) -> rfc9101.Contained:
    """What is in the usual object, changed by `changes`; `None` takes a claim away."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return rfc9101.contained(claims, "web", ISSUER, NOW, strict=strict)


@pytest.mark.parametrize("changes", GOOD.values(), ids=GOOD)
def test_object_of_the_client_gives_its_parameters(changes: dict[str, Any]) -> None:
    """Section 4: everything but what the object says about itself."""
    assert contained(changes).params == {
        "client_id": "web",
        "redirect_uri": "https://shop.example.com/cb",
        "response_type": "code",
        "state": "xyz",
    }


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("changes", BAD.values(), ids=BAD)
def test_object_of_somebody_else_or_for_another_time_is_refused(changes: dict[str, Any], *, strict: bool) -> None:
    """Sections 4, 6.3 and 10.8, for every client."""
    with pytest.raises(InvalidRequestObject):
        contained(changes, strict=strict)


@pytest.mark.parametrize("changes", STRICT.values(), ids=STRICT)
def test_message_signing_wants_more(changes: dict[str, Any]) -> None:
    """FAPI 2.0 Message Signing section 5.3.1; to other clients RFC 9101 leaves it open."""
    with pytest.raises(InvalidRequestObject):
        contained(changes)
    assert contained(changes, strict=False).params["state"] == "xyz"


def test_object_may_say_nothing_about_itself() -> None:
    """RFC 9101 demands neither times nor an audience; the client's id and its signature remain."""
    assert contained(LAX, strict=False).params["client_id"] == "web"


def test_what_is_no_text_becomes_the_text_that_it_is_outside() -> None:
    """OIDC Core section 6.1 and RFC 9396 section 7: numbers, and JSON as JSON; RFC 8707: each resource."""
    asked: dict[str, Any] = {
        "max_age": 300,
        "claims": {"userinfo": {"name": None}},
        "authorization_details": [{"type": "payment"}],
        "resource": ["https://api.example.com", "https://other.example.com"],
        "client_secret": "never",
        "nothing": "",
    }
    found = contained(asked)
    assert found.params["max_age"] == "300"
    assert json.loads(found.params["claims"]) == asked["claims"]
    assert json.loads(found.params["authorization_details"]) == asked["authorization_details"]
    assert found.resources == ("https://api.example.com", "https://other.example.com")
    assert not {"client_secret", "nothing", "resource"} & found.params.keys()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*CLAIMS, "resource", "claims"]) | st.text(max_size=5), JSON, max_size=6))
def test_any_claims_are_parameters_or_refused(changes: dict[str, JsonValue]) -> None:
    """Whatever a client signs; what is taken can be kept."""
    for strict in (False, True):
        try:
            found = contained(changes, strict=strict)
        except InvalidRequestObject:
            continue
        text = "".join((*found.params, *found.params.values(), *found.resources))
        assert "\0" not in text
        text.encode()
