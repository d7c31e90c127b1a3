"""The guarded client against real sockets: what it reaches, and everything it has to refuse (OWASP on SSRF)."""

import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hexkeep.adapters.outbound.addresses import is_outside
from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.ports.outbound import Nowhere, Outbound, OutboundFailed, WebRequest
from tests.fakes.name_server import NameServer, name_server
from tests.fakes.web_server import WebServer, answer, certified, web_server
from tests.ports import reserved_port

HOST = "site.example"


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    """A DNS in which the site is on the loopback."""
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as server:
        yield server


@pytest.fixture
async def site() -> AsyncIterator[WebServer]:
    """A web site without TLS."""
    async with web_server({"/": answer(b"hello")}) as server:
        yield server


def client(names: NameServer, *, private: bool = True, port: int = 80, certificates: Path | None = None) -> Outbound:
    """The client, with the test's DNS."""
    settings = OutboundSettings(
        private_networks=private,
        nameservers=(names.address,),
        http_port=port,
        lookup_seconds=0.5,
        certificates=str(certificates or ""),
    )
    return GuardedOutbound(settings)


async def failure(outbound: Outbound, request: WebRequest) -> str:
    """Why there is no response."""
    with pytest.raises(OutboundFailed) as caught:
        await outbound.send(request)
    return caught.value.code


CLOSED = """
    127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 169.254.0.1 0.0.0.0 0.1.2.3
    100.64.0.1 100.100.100.200 192.0.0.192 192.0.2.1 198.18.0.1 203.0.113.1 224.0.0.1 239.1.1.1 240.0.0.1
    255.255.255.255 168.63.129.16 192.88.99.1
    ::1 :: ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:10.0.0.1 ::127.0.0.1 ::7f00:1 64:ff9b::7f00:1
    64:ff9b:1::a9fe:a9fe 64:ff9b:1:7f00:0:100:808:808
    2002:7f00:1:: 2002:a9fe:a9fe:: fe80::1 fc00::1 fd00:ec2::254 fec0::1 ff02::1 2001:db8::1
    2001:0:4136:e378:8000:63bf:80ff:fffe
"""
OPEN = "1.1.1.1 8.8.8.8 9.9.9.9 2606:4700:4700::1111 2001:4860:4860::8888 ::ffff:8.8.8.8 64:ff9b::808:808"


@pytest.mark.parametrize("address", CLOSED.split())
def test_what_is_not_the_outside(address: str) -> None:
    """Private, loopback, link-local, metadata, multicast, unspecified, reserved, and all of these inside of IPv6."""
    assert not is_outside(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", OPEN.split())
def test_what_is_the_outside(address: str) -> None:
    """Public addresses, also where IPv6 carries them."""
    assert is_outside(ipaddress.ip_address(address))


async def test_a_name_that_leads_inside_is_not_connected_to(names: NameServer, site: WebServer) -> None:
    """The name is public, its address is not: nothing is sent. Allowed by a setting, it is."""
    request = WebRequest(f"http://{HOST}/", plain=True)
    assert await failure(client(names, private=False, port=site.port), request) == "forbidden_address"
    assert site.requests == []
    response = await client(names, port=site.port).send(request)
    assert (response.status, response.body, response.url) == (200, b"hello", request.url)
    assert f"host: {HOST}" in site.requests[0].lower()


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "a.localhost", "169.254.169.254", "[::]"]
)
async def test_addresses_in_urls_are_judged_as_well(names: NameServer, site: WebServer, host: str) -> None:
    """Whoever writes an address instead of a name gains nothing."""
    request = WebRequest(f"http://{host}:{site.port}/", plain=True)
    assert await failure(client(names, private=False), request) == "forbidden_address"
    assert site.requests == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "127.0.1"])
async def test_other_spellings_of_addresses_are_names(names: NameServer, site: WebServer, host: str) -> None:
    """What only a C library takes for an address is a name that nobody knows."""
    request = WebRequest(f"http://{host}:{site.port}/", plain=True)
    assert await failure(client(names, private=False), request) == "unresolvable"
    assert site.requests == []


async def test_an_address_is_judged_when_it_is_connected_to(names: NameServer, site: WebServer) -> None:
    """Rebinding: each answer of the DNS is judged anew, and of a mixed answer only what is outside is tried."""
    names.records[HOST, "A"] = ["127.0.0.1", "192.0.2.1"]
    names.turns = True
    outbound = client(names, private=False, port=site.port)
    for _ in range(3):
        assert await failure(outbound, WebRequest(f"http://{HOST}/", plain=True)) == "forbidden_address"
    names.records[HOST, "A"] = []
    names.records[HOST, "AAAA"] = ["::ffff:127.0.0.1"]
    assert await failure(outbound, WebRequest(f"http://{HOST}/", plain=True)) == "forbidden_address"
    assert site.requests == []


async def test_no_proxy_of_the_environment(names: NameServer, site: WebServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect in our place, to whatever it is told."""
    async with web_server({}) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await client(names, port=site.port).send(WebRequest(f"http://{HOST}/", plain=True))).status == 200
        assert proxy.requests == []


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (f"http://{HOST}/", "not_https"),
        ("ftp://site.example/", "invalid_url"),
        ("file:///etc/passwd", "invalid_url"),
        ("https:///nothing", "invalid_url"),
        ("https://user@site.example/", "invalid_url"),
        ("https://site.example:0/", "invalid_url"),
        ("https://site.example:99999/", "invalid_url"),
        ("https://site.example/a b", "invalid_url"),
        ("https://site.example/\r\nx: y", "invalid_url"),
        ("https://sité.example/", "invalid_url"),
        ("site.example", "invalid_url"),
        ("https://site.example/" + "a" * 2048, "invalid_url"),
        ("https://[::1/", "invalid_url"),
    ],
)
async def test_what_is_no_url_for_us(names: NameServer, url: str, code: str) -> None:
    """Refused before anything is looked up."""
    assert await failure(client(names), WebRequest(url)) == code
    assert names.asked == []


async def test_redirects_are_refused_counted_and_judged(names: NameServer, site: WebServer) -> None:
    """A redirect is an answer unless it may be followed; then its target is judged like any URL."""
    outbound = client(names, port=site.port)
    site.answers["/to"] = answer(b"", "302 Found", "location: /")
    site.answers["/loop"] = answer(b"", "302 Found", "location: /loop")
    site.answers["/file"] = answer(b"", "302 Found", "location: file:///etc/passwd")
    url = f"http://{HOST}"
    assert (await outbound.send(WebRequest(f"{url}/to", plain=True))).status == 302
    assert (await outbound.send(WebRequest(f"{url}/to", plain=True, redirects=1))).body == b"hello"
    assert await failure(outbound, WebRequest(f"{url}/loop", plain=True, redirects=3)) == "too_many_redirects"
    assert await failure(outbound, WebRequest(f"{url}/file", plain=True, redirects=3)) == "invalid_url"


async def test_a_redirect_does_not_lead_inside(tmp_path: Path, names: NameServer, site: WebServer) -> None:
    """Neither from https to http, nor with the credentials of the first origin to another."""
    pem, tls = certified(HOST, tmp_path)
    target = f"http://{HOST}:{site.port}/"
    answers = {"/": answer(b"", "307 Temporary Redirect", f"location: {target}")}
    async with web_server(answers, tls) as secure:
        outbound = client(names, certificates=pem)
        start = f"https://{HOST}:{secure.port}/"
        assert await failure(outbound, WebRequest(start, redirects=1)) == "not_https"
        secret = {"authorization": "Bearer s3cret", "x-kept": "yes"}
        await outbound.send(WebRequest(start, redirects=1, plain=True, headers=secret))
    assert "s3cret" in secure.requests[-1]
    assert "s3cret" not in site.requests[-1]
    assert "x-kept: yes" in site.requests[-1]


async def test_certificates_are_verified_against_the_name(tmp_path: Path, names: NameServer) -> None:
    """One nobody vouches for, or of another name, is not spoken to."""
    names.records["other.example", "A"] = ["127.0.0.1"]
    pem, tls = certified(HOST, tmp_path)
    async with web_server({"/": answer(b"secure")}, tls) as secure:
        trusting = client(names, certificates=pem)
        assert (await trusting.send(WebRequest(f"https://{HOST}:{secure.port}/"))).body == b"secure"
        other = WebRequest(f"https://other.example:{secure.port}/")
        assert await failure(trusting, other) == "unreachable"
        assert await failure(client(names), WebRequest(f"https://{HOST}:{secure.port}/")) == "unreachable"


async def test_size_and_time_are_bounded(names: NameServer, site: WebServer) -> None:
    """A response that does not end, says more than it may, or never comes."""
    outbound = client(names, port=site.port)
    site.answers["/much"] = answer(b"x" * 101)
    site.answers["/endless"] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"a\r\n0123456789\r\n" * 50
    url = f"http://{HOST}"
    assert await failure(outbound, WebRequest(f"{url}/much", plain=True, max_bytes=100)) == "too_large"
    assert (await outbound.send(WebRequest(f"{url}/much", plain=True, max_bytes=101))).body == b"x" * 101
    assert await failure(outbound, WebRequest(f"{url}/endless", plain=True, max_bytes=100)) == "too_large"
    assert await failure(outbound, WebRequest(f"{url}/hangs", plain=True, timeout=0.05)) == "timeout"


async def test_what_is_not_there(names: NameServer, site: WebServer) -> None:
    """No such name, nobody at the port, a server that speaks no HTTP, a DNS that is silent."""
    outbound = client(names, port=site.port)
    assert await failure(outbound, WebRequest("http://nowhere.example/", plain=True)) == "unresolvable"
    site.answers["/odd"] = b"SSH-2.0-OpenSSH\r\n\r\n"
    assert await failure(outbound, WebRequest(f"http://{HOST}/odd", plain=True)) == "unreachable"
    with reserved_port() as port:
        assert await failure(outbound, WebRequest(f"http://{HOST}:{port}/", plain=True)) == "unreachable"
    names.silent = True
    assert await failure(outbound, WebRequest(f"http://{HOST}/", plain=True)) == "unresolvable"


async def test_texts_of_a_name(names: NameServer) -> None:
    """Records in pieces are put together; no record and no name are no texts; what is no UTF-8 is left out."""
    names.records["a.example", "TXT"] = ['"one" "two"', '"three"', '"\\255"']
    names.records["b.example", "A"] = ["192.0.2.1"]
    outbound = client(names)
    assert sorted(await outbound.txt("a.example")) == ["onetwo", "three"]
    assert await outbound.txt("b.example") == ()
    assert await outbound.txt("nowhere.example") == ()
    names.silent = True
    with pytest.raises(OutboundFailed):
        await outbound.txt("a.example")


@pytest.mark.parametrize(
    ("name", "ascii_name"),
    [
        ("Example.COM", "example.com"),
        ("example.com.", "example.com"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--a.example", ""),
        ("a..example", ""),
        ("-a.example", ""),
        ("a" * 64 + ".example", ""),
        ("under_score.example", ""),
        ("a b.example", ""),
        ("", ""),
    ],
)
def test_names_of_the_dns(name: str, ascii_name: str) -> None:
    """IDNA 2008 with the mapping of UTS #46, in A-labels; what is no name is empty."""
    assert GuardedOutbound().ascii_domain(name) == ascii_name


async def test_nowhere_reaches_nothing() -> None:
    """Without an adapter looks fail with a word of their own."""
    assert await failure(Nowhere(), WebRequest("https://example.com/")) == "unavailable"
    with pytest.raises(OutboundFailed):
        await Nowhere().txt("example.com")
    assert Nowhere().ascii_domain("Example.com") == "example.com"
    assert Nowhere().ascii_domain("Bücher.example") == ""
