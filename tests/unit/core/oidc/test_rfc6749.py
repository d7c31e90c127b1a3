import base64
from urllib.parse import parse_qsl, quote_plus, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.errors import InvalidClient, InvalidRequest, InvalidScope
from hexkeep.core.oidc.rfc6749 import (
    ClientMethod,
    PresentedClient,
    ResponseMode,
    answer_uri,
    basic_credentials,
    present,
    presented_client,
    redirect_origin,
    refuse_repeated,
    required,
    scope_list,
)


def basic(client_id: str, secret: str) -> str:
    """The header that RFC 6749 section 2.3.1 makes of a client's credentials."""
    plain = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return "Basic " + base64.b64encode(plain.encode()).decode()


def test_example_of_the_rfc_is_read() -> None:
    """Section 2.3.1's own example header names its client and password."""
    assert basic_credentials("Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3") == (
        "s6BhdRkqt3",
        "7Fjfp0ZBr1KtDRbnfVdmIw",
    )


@given(st.text(min_size=1), st.text())
def test_any_credentials_survive_the_header(client_id: str, secret: str) -> None:
    """Form-urlencoding inside the header carries every character, colons included."""
    assert basic_credentials(basic(client_id, secret)) == (client_id, secret)


@given(st.text())
def test_broken_headers_are_refused_as_the_clients_fault(header: str) -> None:
    """Whatever stands in the header, the answer is credentials or `invalid_client`, with a challenge."""
    try:
        answer = basic_credentials(header)[0]
    except InvalidClient as error:
        answer = error.challenge
    assert answer


@pytest.mark.parametrize("header", ["", "Bearer abc", "Basic", "Basic !!!", "Basic " + base64.b64encode(b"x").decode()])
def test_headers_without_credentials_are_refused(header: str) -> None:
    """Another scheme, broken base64 or a missing colon authenticate nobody."""
    with pytest.raises(InvalidClient):
        basic_credentials(header)


def test_secret_in_the_body_is_the_post_method() -> None:
    """`client_id` and `client_secret` as parameters are the second method of section 2.3.1."""
    found = presented_client({"client_id": "a", "client_secret": "b"}, "")
    assert found == PresentedClient("a", "b", ClientMethod.POST)


def test_client_id_alone_is_the_none_method() -> None:
    """A public client only says who it is (section 3.2.1)."""
    assert presented_client({"client_id": "a"}, "") == PresentedClient("a", "", ClientMethod.NONE)


def test_two_methods_at_once_are_refused() -> None:
    """Section 2.3: a client must not use more than one method per request."""
    with pytest.raises(InvalidRequest):
        presented_client({"client_id": "a", "client_secret": "b"}, basic("a", "b"))


def test_client_id_may_be_repeated_beside_the_header_if_it_is_the_same() -> None:
    """Many clients send `client_id` along; another one's is refused."""
    assert presented_client({"client_id": "a"}, basic("a", "b")).method is ClientMethod.BASIC
    with pytest.raises(InvalidRequest):
        presented_client({"client_id": "c"}, basic("a", "b"))


ASSERTION = "e30.eyJpc3MiOiJhIn0.x"
OF_JWT = {"client_assertion_type": rfc7523.CLIENT_ASSERTION_TYPE}


def test_assertion_names_its_client() -> None:
    """RFC 7523 section 2.2: by its issuer, before anything of it is believed; `client_id` may say the same."""
    expected = PresentedClient("a", ASSERTION, ClientMethod.PRIVATE_KEY_JWT)
    assert presented_client({**OF_JWT, "client_assertion": ASSERTION}, "") == expected
    assert presented_client({**OF_JWT, "client_assertion": ASSERTION, "client_id": "a"}, "") == expected
    with pytest.raises(InvalidClient):
        presented_client({**OF_JWT, "client_assertion": ASSERTION, "client_id": "b"}, "")


def test_assertion_comes_alone() -> None:
    """Section 2.3 of RFC 6749: one method per request."""
    with pytest.raises(InvalidRequest):
        presented_client({**OF_JWT, "client_assertion": ASSERTION, "client_secret": "b"}, "")
    with pytest.raises(InvalidRequest):
        presented_client({**OF_JWT, "client_assertion": ASSERTION}, basic("a", "b"))


def test_nobody_and_other_assertions_are_refused() -> None:
    """Without any credentials, or with a kind we do not support, the client is not authenticated."""
    with pytest.raises(InvalidClient):
        presented_client({"client_assertion": ASSERTION, "client_assertion_type": "urn:saml2"}, "")
    with pytest.raises(InvalidClient):
        presented_client({**OF_JWT, "client_assertion": "x"}, "")
    with pytest.raises(InvalidClient):
        presented_client(OF_JWT, "")
    with pytest.raises(InvalidClient):
        presented_client({}, "")
    with pytest.raises(InvalidClient):
        presented_client({"client_id": "a", "client_assertion": "x"}, "")


def test_scopes_come_once_and_in_order() -> None:
    """The order of scopes does not matter and a scope counts once."""
    assert scope_list("openid  profile openid") == ("openid", "profile")
    assert scope_list("") == ()


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\tb", "ä", "a\nb", " ".join(f"s{n}" for n in range(51))])
def test_malformed_scopes_are_refused(text: str) -> None:
    """Section 3.3 allows printable ASCII without quotes and backslashes; we bound the number."""
    with pytest.raises(InvalidScope):
        scope_list(text)


@given(st.text())
def test_any_text_is_scopes_or_refused(text: str) -> None:
    """The parser ends in tokens or in `invalid_scope`."""
    try:
        assert all(scope and " " not in scope for scope in scope_list(text))
    except InvalidScope:
        assert text.strip(" ")


def test_parameters_without_a_value_are_omitted() -> None:
    """Section 3.1: a parameter sent without a value is treated as if it were omitted."""
    assert present({"a": "", "b": "c"}) == {"b": "c"}
    with pytest.raises(InvalidRequest):
        required(present({"a": ""}), "a")


def test_repeated_parameters_are_refused() -> None:
    """Section 3.1: parameters must not be included more than once; `resource` (RFC 8707) may."""
    refuse_repeated(("resource",))
    with pytest.raises(InvalidRequest):
        refuse_repeated(("scope",))


@given(st.text(), st.sampled_from(ResponseMode), st.sampled_from(["https://rp/cb", "https://rp/cb?a=1", "app:/cb"]))
def test_answer_keeps_the_redirect_uri_and_carries_any_state(state: str, mode: ResponseMode, uri: str) -> None:
    """What was registered stands unchanged in front; the answer comes back as it was given."""
    answer = answer_uri(uri, mode, {"code": "c", "state": state})
    assert answer.startswith(uri)
    part = urlsplit(answer).fragment if mode is ResponseMode.FRAGMENT else urlsplit(answer).query
    assert dict(parse_qsl(part)).get("state", "") == state


@pytest.mark.parametrize(
    ("uri", "origin"),
    [
        ("https://rp.example.com/cb?x=1", "https://rp.example.com"),
        ("http://localhost:9000/cb", "http://localhost:9000"),
        ("com.example.app:/cb", "com.example.app:"),
        ("http://[::1]:9000/cb", "http:"),
    ],
)
def test_redirect_origin_is_what_a_policy_can_list(uri: str, origin: str) -> None:
    """An origin where there is one, else the scheme."""
    assert redirect_origin(uri) == origin
