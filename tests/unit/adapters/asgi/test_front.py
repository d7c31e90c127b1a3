"""What every request passes, and every response."""

import logging
from collections.abc import AsyncIterator
from ipaddress import ip_network

import httpx
import pytest

from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.proxies import ClientCertificates, Proxies
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.adapters.asgi.types import ASGIApp, Receive, Scope, Send

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
SECRET = "s3cret"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells how the request looks to an application."""
    request = Request.of(scope, receive)
    forwarding = [name for name in request.headers if "forwarded" in name]
    seen = f"{request.origin} {request.address} {request.id} {forwarding}"
    await Response(200, (("content-type", "text/plain"),), seen.encode()).send(send)


async def broken(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails before it has answered."""
    raise RuntimeError(SECRET)


async def broken_late(scope: Scope, receive: Receive, send: Send) -> None:
    """Fails in the middle of its answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise RuntimeError(SECRET)


def client_of(app: ASGIApp, peer: str = "192.0.2.1") -> httpx.AsyncClient:
    """A client that calls from ``peer``."""
    transport = httpx.ASGITransport(app=app, client=(peer, 4711))
    return httpx.AsyncClient(transport=transport, base_url="http://id.example.com")


async def seen(peer: str, headers: dict[str, str], forwarding: str = "x-forwarded") -> str:
    """Origin and address as an application sees them."""
    async with client_of(Front(echo, Proxies(TRUSTED, forwarding)), peer) as client:
        origin, address, _, left = (await client.get("/", headers=headers)).text.split(" ", 3)
    assert left == "[]"
    return f"{origin} {address}"


X_FORWARDED = {
    "x-forwarded-for": "198.51.100.7",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "login.example.com",
}


@pytest.mark.parametrize(
    ("peer", "headers", "expected"),
    [
        ("192.0.2.1", {}, "http://id.example.com 192.0.2.1"),
        ("192.0.2.1", X_FORWARDED, "http://id.example.com 192.0.2.1"),
        ("10.0.0.1", X_FORWARDED, "https://login.example.com 198.51.100.7"),
        ("10.0.0.1", {}, "http://id.example.com 10.0.0.1"),
        ("10.0.0.1", {"x-forwarded-for": "6.6.6.6, 198.51.100.7, 10.0.0.2"}, "http://id.example.com 198.51.100.7"),
        ("fd00::1", {"x-forwarded-for": "2001:db8::7"}, "http://id.example.com 2001:db8::7"),
        ("10.0.0.1", {"x-forwarded-proto": "javascript"}, "http://id.example.com 10.0.0.1"),
        ("10.0.0.1", {"forwarded": "for=198.51.100.7;proto=https"}, "http://id.example.com 10.0.0.1"),
    ],
)
async def test_client_is_found_behind_trusted_proxies(peer: str, headers: dict[str, str], expected: str) -> None:
    """Nobody else is believed, and what the proxies wrote goes no further."""
    assert await seen(peer, headers) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("for=198.51.100.7;proto=https;host=login.example.com", "https://login.example.com 198.51.100.7"),
        ('for="[2001:db8::7]:4711";proto=https', "https://id.example.com 2001:db8::7"),
        ("for=6.6.6.6;proto=https, for=198.51.100.7;proto=http", "http://id.example.com 198.51.100.7"),
        ("for=198.51.100.7;;;=broken", "http://id.example.com 10.0.0.1"),
    ],
)
async def test_forwarded_header_is_read_when_it_is_the_chosen_one(header: str, expected: str) -> None:
    """RFC 7239 section 4, from the nearest proxy outwards; a malformed one says nothing."""
    headers = {"forwarded": header, "x-forwarded-for": "6.6.6.6"}
    assert await seen("10.0.0.1", headers, "forwarded") == expected


@pytest.mark.parametrize("host", ["", "a b", "id.example.com/evil", "user@id.example.com", "x" * 300, "[::1"])
async def test_malformed_host_is_refused(host: str) -> None:
    """Before any application sees it."""
    async with client_of(Front(echo)) as client:
        response = await client.get("/", headers={"host": host})
    assert response.status_code == 400


@pytest.mark.parametrize("headers", [{"x-long": "x" * 40_000}, {f"x-{n}": "1" for n in range(120)}])
async def test_headers_are_bounded(headers: dict[str, str]) -> None:
    """RFC 6585 section 5."""
    async with client_of(Front(echo)) as client:
        assert (await client.get("/", headers=headers)).status_code == 431


async def test_requests_are_counted() -> None:
    """By their status, refusals among them."""
    traffic = Traffic()
    async with client_of(Front(echo, traffic=traffic)) as client:
        await client.get("/")
        await client.get("/", headers={"host": "a b"})
    answered = {one.labels[1][1]: one.value for one in traffic.figures() if one.name == "requests"}
    assert answered == {"200": 1, "400": 1}


async def test_request_has_one_id_everywhere() -> None:
    """The application, the response and the log have the same; a trace's id serves when there is no other."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    async with client_of(Front(echo)) as client:
        given = await client.get("/", headers={"x-request-id": "abc-1"})
        traced = await client.get("/", headers={"traceparent": f"00-{trace}-b7ad6b7169203331-01"})
        fresh = await client.get("/", headers={"x-request-id": "not an id"})
    assert given.headers["x-request-id"] == given.text.split()[2] == "abc-1"
    assert traced.headers["x-request-id"] == trace
    assert fresh.headers.get_list("x-request-id") == [fresh.text.split()[2]]


async def test_hsts_is_told_over_tls_alone() -> None:
    """RFC 6797 section 7.2."""
    front = Front(echo, Proxies(TRUSTED))
    async with client_of(front, "10.0.0.1") as client:
        plain = await client.get("/")
        secure = await client.get("/", headers={"x-forwarded-proto": "https"})
    assert "strict-transport-security" not in plain.headers
    assert secure.headers["strict-transport-security"] == "max-age=31536000"
    assert plain.headers["x-content-type-options"] == "nosniff"


async def test_failure_shows_nothing_of_its_cause() -> None:
    """The cause is in the log, under the request's id."""
    async with client_of(Front(broken)) as client:
        response = await client.get("/")
    assert response.status_code == 500
    assert SECRET not in response.text


async def test_half_an_answer_is_broken_off() -> None:
    """A client must not take it for a whole one."""
    async with client_of(Front(broken_late)) as client:
        with pytest.raises(RuntimeError):
            await client.get("/")


async def test_access_log_has_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Method, path, status, duration, address and id; no query, no header, no body, no line breaks."""
    caplog.set_level(logging.INFO, "hexkeep.access")
    async with client_of(Front(echo)) as client:
        headers = {"authorization": f"Bearer {SECRET}", "cookie": f"a={SECRET}", "x-request-id": "abc-1"}
        await client.post(f"/oauth/token%0Aforged?code={SECRET}", headers=headers, data={"password": SECRET})
    (record,) = [record for record in caplog.records if record.name == "hexkeep.access"]
    line = record.getMessage()
    assert line.startswith("POST /oauth/token\\nforged 200 ")
    assert line.endswith("from 192.0.2.1 request abc-1")
    assert SECRET not in str(vars(record))
    assert "\n" not in line


async def test_websockets_are_refused() -> None:
    """Nothing here speaks them."""
    sent = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message["type"])

    await Front(broken)({"type": "websocket"}, None, send)  # type: ignore[arg-type]  # it must not receive anything
    assert sent == ["websocket.close"]


@pytest.fixture
async def dispatched() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a dispatcher between two applications."""

    def saying(name: str) -> ASGIApp:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await Response(200, (), f"{name} {scope['path']}".encode()).send(send)

        return app

    async with client_of(Dispatcher({"oauth": saying("oidc"), "": saying("web")}, saying("rest"))) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/oauth/token", "oidc /oauth/token"),
        ("/", "web /"),
        ("/oauthx", "rest /oauthx"),
        ("/management/v1/oauth", "rest /management/v1/oauth"),
        ("/healthz", "rest /healthz"),
    ],
)
async def test_first_segment_decides(dispatched: httpx.AsyncClient, path: str, expected: str) -> None:
    """Applications see the whole path."""
    assert (await dispatched.get(path)).text == expected


@pytest.mark.parametrize(
    ("peer", "certificates", "left"),
    [
        ("10.1.2.3", "none", ""),
        ("10.1.2.3", "any", ":AAAA:"),
        ("10.1.2.3", "verified", ":AAAA:"),
        ("192.0.2.1", "verified", ""),
    ],
)
async def test_certificates_are_believed_of_proxies_that_are_said_to_pass_them(
    peer: str, certificates: str, left: str
) -> None:
    """RFC 9440 section 4: of anybody else the header is nothing but a claim, so it is gone before anybody reads it."""

    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request.of(scope, receive)
        said = f"{request.certificates} {request.header('client-cert')}"
        await Response(200, (("content-type", "text/plain"),), said.encode()).send(send)

    front = Front(told, Proxies(TRUSTED, certificates=ClientCertificates(certificates)))
    async with client_of(front, peer) as client:
        response = await client.get("/", headers={"client-cert": ":AAAA:", "client-cert-chain": ":AAAA:"})
    assert response.text == f"{certificates} {left}"
