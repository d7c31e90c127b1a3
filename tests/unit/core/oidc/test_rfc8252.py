import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.oidc.rfc8252 import is_registered

LOOPBACK = ("http://127.0.0.1/cb", "http://[::1]/cb?x=1", "com.example.app:/cb")


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:51004/cb", "http://[::1]:80/cb?x=1", "com.example.app:/cb", "http://127.0.0.1/cb"]
)
def test_native_application_chooses_its_port(uri: str) -> None:
    """Section 7.3: on a loopback address any port is the registered place."""
    assert is_registered(uri, LOOPBACK, native=True)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:51004/cb2",
        "http://127.0.0.1:51004/cb?x=1",
        "https://127.0.0.1:51004/cb",
        "http://localhost:51004/cb",
        "http://127.0.0.1.evil.example/cb",
        "http://127.0.0.1:80@evil.example/cb",
        "http://127.0.0.1@evil.example/cb",
        "http://127.0.0.1:/cb",
        "http://127.0.0.1:511111/cb",
        "http://127.0.0.2/cb",
        "",
    ],
)
def test_nothing_but_the_port_may_differ(uri: str) -> None:
    """Path, query, scheme, address and user part are compared exactly."""
    assert not is_registered(uri, LOOPBACK, native=True)


def test_other_clients_have_no_exception() -> None:
    """A web application registers its port."""
    assert not is_registered("http://127.0.0.1:51004/cb", LOOPBACK, native=False)
    assert is_registered("http://127.0.0.1/cb", LOOPBACK, native=False)


@given(st.text(), st.booleans())
def test_what_is_not_registered_is_not(uri: str, native: bool) -> None:  # noqa: FBT001 - hypothesis gives it
    """No text is taken for a registered URI unless it is one."""
    known = ("https://rp.example.com/cb?a=b",)
    assert is_registered(uri, known, native=native) == (uri in known)
