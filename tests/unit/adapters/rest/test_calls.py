"""What a request says about its caller, its way and its course."""

from ipaddress import ip_network

import httpx
import pytest

from hexkeep.adapters.asgi.proxies import Forwarding
from hexkeep.adapters.rest.settings import RestSettings
from tests.unit.adapters.proofs import OFFERED
from tests.unit.adapters.rest.conftest import HOST, Client

CALL = "/auth/v1/call"
ACCOUNT = "/auth/v1/account"


async def seen(client: httpx.AsyncClient, headers: dict[str, str]) -> list[str]:
    """Address, user agent, correlation id and issuer as the operation saw them."""
    answer = await client.get(CALL, headers={"user-agent": "test", **headers})
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["note_id"].split(" ")
    return found


async def test_caller_without_credentials_is_asked_for_them(client: httpx.AsyncClient) -> None:
    """A 401 names the scheme, without an error: nothing was presented (RFC 6750 section 3)."""
    answer = await client.get(ACCOUNT)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert OFFERED.fullmatch(answer.headers["www-authenticate"])


@pytest.mark.parametrize(
    "value", ["Bearer unknown", "bearer x.y.z", "Basic dXNlcjpwdw==", "Bearer", "Bearer a b", "Bearer ü"]
)
async def test_credentials_that_do_not_hold_are_refused(client: httpx.AsyncClient, value: str) -> None:
    """Unknown tokens, other schemes and malformed headers are a 401, also where nobody needs to sign in."""
    answer = await client.get(CALL, headers=[(b"authorization", value.encode())])
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="hexkeep", error="invalid_token"'


async def test_two_credentials_are_refused(client: httpx.AsyncClient) -> None:
    """Who sends two tokens leaves open who calls."""
    answer = await client.get(CALL, headers=[("authorization", "Bearer a"), ("authorization", "Bearer b")])
    assert answer.status_code == 401


async def test_host_decides_the_instance(client: httpx.AsyncClient) -> None:
    """A host that no instance owns is not found; no host at all is invalid."""
    assert (await client.get(CALL, headers={"host": "other.example"})).status_code == 404
    assert (await client.get(CALL, headers={"host": "no host"})).status_code == 400
    assert (await client.get(CALL, headers={"host": f"{HOST.upper()}:8443"})).status_code == 200


async def test_forwarding_headers_of_strangers_mean_nothing(client: httpx.AsyncClient) -> None:
    """Without a trusted proxy neither host nor address is taken from a header."""
    headers = {"x-forwarded-for": "9.9.9.9", "x-forwarded-host": "other.example", "forwarded": "for=8.8.8.8;host=x"}
    assert (await seen(client, headers))[0] == "127.0.0.1"


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"x-forwarded-for": "9.9.9.9"}, "9.9.9.9"),
        ({"x-forwarded-for": "6.6.6.6, 9.9.9.9, 10.0.0.7"}, "9.9.9.9"),
        ({"x-forwarded-for": "9.9.9.9:1234"}, "9.9.9.9"),
        ({"x-forwarded-for": "[2001:db8::1]:1234"}, "2001:db8::1"),
        ({"x-forwarded-for": "::ffff:9.9.9.9"}, "9.9.9.9"),
        ({"x-forwarded-for": "9.9.9.9, nonsense"}, "127.0.0.1"),
        ({"forwarded": "for=8.8.8.8"}, "127.0.0.1"),
        ({}, "127.0.0.1"),
    ],
)
async def test_trusted_proxy_names_the_client(connect: Client, headers: dict[str, str], address: str) -> None:
    """From the nearest proxy outwards, the first address that is not trusted is the client."""
    trusted = (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"))
    async with connect(RestSettings(trusted_proxies=trusted)) as client:
        assert (await seen(client, headers))[0] == address


async def test_trusted_proxy_names_the_host(connect: Client) -> None:
    """Behind a proxy the host the client asked for is the one the nearest proxy wrote."""
    async with connect(RestSettings(trusted_proxies=(ip_network("127.0.0.1/32"),))) as client:
        headers = {"host": "inside:8080", "x-forwarded-host": f"evil.example, {HOST}"}
        assert (await seen(client, headers))[3] == f"http://{HOST}"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (f"for=9.9.9.9;host={HOST};proto=https", "9.9.9.9"),
        (f'for=6.6.6.6;host=evil.example, for="9.9.9.9:80";host={HOST}, For=10.0.0.7', "9.9.9.9"),
        (f'host="{HOST}";for="[2001:db8::1]"', "2001:db8::1"),
        (f"for=_hidden;host={HOST}", "127.0.0.1"),
    ],
)
async def test_forwarded_header_is_read_by_setting(connect: Client, value: str, address: str) -> None:
    """With RFC 7239 chosen, only that header counts."""
    trusted = (ip_network("127.0.0.1/32"), ip_network("10.0.0.0/8"))
    settings = RestSettings(trusted_proxies=trusted, forwarding=Forwarding.FORWARDED)
    async with connect(settings) as client:
        headers = {"host": "inside", "forwarded": value, "x-forwarded-for": "1.1.1.1"}
        assert (await seen(client, headers))[0] == address


async def test_course_of_events_is_named_by_the_caller(client: httpx.AsyncClient) -> None:
    """A well-formed request id is taken, recorded and sent back; else the trace id; else a fresh one."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    parent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert (await seen(client, {"x-request-id": "order-7.1", **parent}))[2] == "order-7.1"
    assert (await seen(client, {"x-request-id": "bad id", **parent}))[2] == trace
    first, second = await seen(client, {"x-request-id": "x" * 200}), await seen(client, {})
    assert len(first[2]) == len(second[2]) == 32
    assert first[2] != second[2]


async def test_request_id_is_sent_back(client: httpx.AsyncClient) -> None:
    """Every response names its call, also that of a path that is none."""
    for path in (CALL, "/nowhere", "/healthz"):
        assert (await client.get(path, headers={"x-request-id": "r1"})).headers["x-request-id"] == "r1"


@pytest.mark.parametrize("key", ["two words", "x" * 256])
async def test_malformed_idempotency_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    """A key is visible ASCII of bounded length."""
    answer = await client.post("/management/v1/notes", json={"text": "x"}, headers={"idempotency-key": key})
    assert answer.status_code == 400


async def test_idempotency_key_reaches_the_engine(client: httpx.AsyncClient) -> None:
    """Where an operation takes no key, the engine says so."""
    answer = await client.post("/management/v1/wear", headers={"idempotency-key": "k1"})
    assert answer.status_code in (400, 401)
