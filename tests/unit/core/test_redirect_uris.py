import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.application.redirects import accept_redirect_uris, redirect_problem
from hexkeep.core.application.state import ApplicationType
from hexkeep.core.kernel.errors import InvalidInput

KINDS = (ApplicationType.WEB, ApplicationType.SPA, ApplicationType.NATIVE)


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com",
        "https://app.example.com:8443/callback?tenant=a&x=1",
        "https://xn--bcher-kva.example/cb",
        "https://[2001:db8::1]/cb",
        "http://localhost:3000/callback",
        "http://LOCALHOST/callback",
        "http://127.0.0.1/callback",
        "http://127.9.9.9:1/callback",
        "http://[::1]:8080/callback",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_https_and_loopback_are_for_all(uri: str, kind: ApplicationType) -> None:
    """TLS anywhere, or plain HTTP that never leaves the machine."""
    assert redirect_problem(uri, kind) == ""


@pytest.mark.parametrize("uri", ["com.example.app:/callback", "com.example.app://callback", "org.example:/a?b=c"])
def test_private_schemes_are_for_native_applications(uri: str) -> None:
    """A device routes a scheme of the application's own to it; nothing else has one (RFC 8252 §7.1)."""
    assert redirect_problem(uri, ApplicationType.NATIVE) == ""
    for kind in (ApplicationType.WEB, ApplicationType.SPA):
        assert redirect_problem(uri, kind)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "/callback",
        "//app.example.com/callback",
        "app.example.com/callback",
        "https:",
        "https:///callback",
        "https://",
        "https:app.example.com",
        "http://app.example.com/callback",
        "http://localhost.example.com/callback",
        "http://127.0.0.1.example.com/callback",
        "http://2130706433/callback",
        "http://0x7f.1/callback",
        "http://0.0.0.0/callback",
        "http://[::]/callback",
        "http://[::ffff:10.0.0.1]/",
        "http://10.0.0.1/callback",
        "http://169.254.169.254/",
        "https://app.example.com/#fragment",
        "https://app.example.com/callback#",
        "https://*.example.com/callback",
        "https://app.example.com/*",
        "https://user:pass@app.example.com/",
        "https://app.example.com@evil.example/",
        "https://app.example.com\\@evil.example/",
        "https://app.example.com/a b",
        "https://app.example.com/\r\nLocation:x",
        "https://app.example.com/ü",
        "https://app..example.com/",
        "https://-app.example.com/",
        "https://app.example.com:99999/",
        "https://app.example.com:port/",
        "https://app.example.com/a/../b",
        "https://app.example.com/a/%2E%2e/b",
        "https://[::1/",
        "https://[v1.x]/",
        "https://[127.0.0.1]/",
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "myapp:/callback",
        "myapp://callback",
        "about:blank",
        "blob:https://app.example.com/x",
        " https://app.example.com",
        "https://app.example.com\x00",
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_unsafe_uris_are_refused(uri: str, kind: ApplicationType) -> None:
    """No relative, plain, wildcard, disguised or script URI gets registered, for no kind of application."""
    assert redirect_problem(uri, kind)


def test_accept_redirect_uris_names_each_fault() -> None:
    """All unfit URIs of a list are reported at once, each by its place."""
    with pytest.raises(InvalidInput) as caught:
        accept_redirect_uris("uris", ("https://a.example", "/x", "https://b.example", "y"), ApplicationType.WEB)
    assert [violation.field for violation in caught.value.violations] == ["uris.1", "uris.3"]


@given(st.text() | st.from_regex(r"(https?|[a-z.]{1,8}):/{0,3}[ -~]{0,30}"), st.sampled_from(KINDS))
def test_whatever_is_accepted_is_safe(uri: str, kind: ApplicationType) -> None:
    """Any text gets an answer, and an accepted one has no fragment, blank or control, and a scheme that fits."""
    if redirect_problem(uri, kind):
        return
    assert uri.isascii()
    assert not set(uri) & set('#*\\ "<>^`{|}\t\r\n\0')
    scheme = uri.partition(":")[0].lower()
    assert scheme in {"https", "http"} or (kind is ApplicationType.NATIVE and "." in scheme)
