"""OpenID Connect Core section 5.5: claims that are asked for one by one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc.claims_request import (
    MAX_CLAIMS,
    MAX_LENGTH,
    NOTHING,
    Target,
    Wish,
    parse,
    scopes_to_consent,
)
from hexkeep.core.oidc.errors import InvalidRequest
from hexkeep.core.oidc.oidc_core import Profile, standard_claims

OF_THE_SPECIFICATION = """{
   "userinfo": {
     "given_name": {"essential": true},
     "nickname": null,
     "email": {"essential": true},
     "email_verified": {"essential": true},
     "picture": null,
     "http://example.info/claims/groups": null
   },
   "id_token": {
     "auth_time": {"essential": true},
     "acr": {"values": ["urn:mace:incommon:iap:silver"]}
   }
}"""
PROFILE = Profile(given_name="Ada", email="ada@example.com", email_verified=True, locale="en")


def test_example_of_section_5_5_is_understood() -> None:
    """Each claim with how much it is wanted, in the place where it is wanted."""
    request = parse(OF_THE_SPECIFICATION)
    assert request.userinfo["given_name"] == Wish(essential=True)
    assert request.userinfo["nickname"] == Wish()
    assert request.acr == Wish(values=("urn:mace:incommon:iap:silver",))
    assert request.subjects == ()


def test_known_claims_are_told_where_they_were_asked_for() -> None:
    """Section 5.5.1: what is not known is left out, even if it is essential; other places get nothing."""
    request = parse(OF_THE_SPECIFICATION)
    told = standard_claims(PROFILE, request.wishes(Target.USERINFO))
    assert told == {"given_name": "Ada", "email": "ada@example.com", "email_verified": True}
    assert standard_claims(PROFILE, request.wishes(Target.ID_TOKEN)) == {}
    assert standard_claims(PROFILE, NOTHING.wishes(Target.USERINFO)) == {}


def test_only_standard_claims_are_told_by_name() -> None:
    """What has no such meaning is not looked for, whatever it is called."""
    names = ("__class__", "__dict__", "sub", "password_hash")
    assert standard_claims(PROFILE, names) == {}


@pytest.mark.parametrize(
    "text",
    [
        *("[]", "null", "1", '"x"', "{", "{'userinfo':{}}", '{"userinfo":[]}', '{"id_token":"sub"}'),
        *('{"userinfo":{"email":true}}', '{"userinfo":{"email":{"essential":"yes"}}}'),
        *('{"id_token":{"acr":{"values":"silver"}}}', "[" * 3000, " " * (MAX_LENGTH + 1)),
        json.dumps({"userinfo": {f"c{number}": None for number in range(MAX_CLAIMS + 1)}}),
    ],
    ids=lambda text: text[:40],
)
def test_what_the_section_does_not_know_is_refused(text: str) -> None:
    """Not guessed at; and bounded, for it is kept with the request."""
    with pytest.raises(InvalidRequest):
        parse(text)


@pytest.mark.parametrize("text", ["", "{}", '{"userinfo":null}', '{"elsewhere":[1]}', '{"userinfo":{"email":{"x":1}}}'])
def test_what_the_section_says_to_ignore_is_ignored(text: str) -> None:
    """Other members, of the parameter and of a claim."""
    assert parse(text).acr is None


@given(st.text(max_size=200) | st.recursive(st.none() | st.booleans() | st.text(), st.lists).map(json.dumps))
def test_nothing_else_than_a_refusal_comes_of_any_text(text: str) -> None:
    """Whatever somebody sends."""
    try:
        parse(text)
    except InvalidRequest:
        return


def test_subject_is_named_in_either_place() -> None:
    """Section 5.5.1: `value` or `values`; what is no text names nobody."""
    request = parse('{"id_token":{"sub":{"value":"ada"}},"userinfo":{"sub":{"values":["eve",7]}}}')
    assert request.subjects == ("ada", "eve")


def test_person_agrees_to_single_claims_in_the_words_of_scopes() -> None:
    """Nobody gets an address by its claim's name that the person would have been asked about by its scope."""
    assert scopes_to_consent(("openid",), '{"userinfo":{"email":null}}') == ("openid", "email")
    assert scopes_to_consent(("openid", "email"), '{"id_token":{"name":null,"email":null}}') == (
        "openid",
        "email",
        "profile",
    )
    assert scopes_to_consent(("openid",), '{"id_token":{"acr":null,"sub":null}}') == ("openid",)
