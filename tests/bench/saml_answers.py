"""Whether answers of identity providers of SAML, judged as fast as they come, hold up anything else."""

import asyncio
import base64
import re
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.testing import idp_saml as upstream
from hexkeep.testing.idp import Account
from tests.bench.figures import SHARES, Figure, delays, noted, percentile
from tests.bench.http_load import Target, cpu_of, load, read_answer, request
from tests.bench.serving import FORM, QUIET
from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, serving

ATTEMPTS, PER_ADDRESS = 480, 80
"""So many sign-ins that have begun; from one address no more may begin or end within minutes."""
RATE = 30.0
"""Sign-ins a second by one identity provider, where they come at their own pace: over a hundred thousand an hour."""
POSTING, ASKING = 8, 2
PACE = 0.01
"""Seconds between two questions on one connection: a cheap request that would be answered at once."""
SECONDS = 5.0
GRACE = Account(user_name="grace", given_name="Grace", family_name="Hopper", email="grace@example.net")
CERTIFICATE = re.compile(r"X509Certificate>([^<]+)<")
ELSEWHERE = {**FORM, "origin": "https://idp.example.net", "sec-fetch-site": "cross-site"}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A form that a page of the provider posts, and the browser that began: its cookies and its address."""

    path: str
    body: bytes
    cookie: str
    address: str


async def beside_others() -> list[Figure]:
    """Discovery alone, beside answers at a pace and as fast as they are judged, and beside the same in another server.

    The latter is what the machine has left for who asks: generator, judge and server share its cores.
    """
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder:
        async with _server(Path(folder) / "here") as here, _server(Path(folder) / "there") as there:
            return await _measured(here, there)


async def _measured(here: "Prepared", there: "Prepared") -> list[Figure]:
    cheap = request("GET", "/.well-known/openid-configuration", here.server.port, {})
    discovery = Target(here.server.port, here.server.pid, cheap)
    alone = await load(discovery, ASKING, SECONDS, pace=PACE)
    half = len(here.attempts) // 2
    paced_apart = await _while(_finish(there.server, there.attempts[:half], RATE), discovery)
    paced = await _while(_finish(here.server, here.attempts[:half], RATE), discovery)
    apart = await _while(_finish(there.server, there.attempts[half:]), discovery)
    used, begin = cpu_of(here.server.pid), time.perf_counter()
    within = await _while(_finish(here.server, here.attempts[half:]), discovery)
    spent, cpu = time.perf_counter() - begin, cpu_of(here.server.pid) - used
    judged = len(here.attempts) - half
    return [
        noted("SAML, sign-ins by answers of a provider, over HTTP, SQLite", judged / spent, "sign-ins/s"),
        noted("SAML, sign-ins by answers of a provider, CPU", cpu / judged * 1e3, "ms CPU"),
        *(noted(f"discovery alone, {name}", percentile(alone.times, share) * 1e3, "ms") for name, share in SHARES),
        *delays(
            f"discovery beside {RATE:.0f} sign-ins a second that are judged, against those of another server",
            paced,
            paced_apart,
        ),
        *delays("discovery beside all answers that it can judge, against those of another server", within, apart),
    ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A server, and attempts that wait for their answers."""

    server: HexkeepServer
    attempts: Sequence[Attempt]


@asynccontextmanager
async def _server(folder: Path) -> AsyncIterator[Prepared]:
    with serving(folder, QUIET) as server, Rest(server) as rest:
        World(server, rest)
        first, *others = _attempts(server, _provider(rest))
        await _finish(server, [first])  # the account is there, and everything is loaded
        yield Prepared(server, others)


async def _while(work: Coroutine[None, None, None], target: Target) -> Sequence[float]:
    """The times of a request as long as something else is done."""
    times, task = list[float](), asyncio.create_task(work)
    while not task.done():
        times += (await load(target, ASKING, 0.5, pace=PACE)).times
    await task
    return times


def _provider(rest: Rest) -> str:
    """An identity provider whose people get accounts by themselves."""
    metadata = upstream.metadata_text((upstream.pair("idp").certificate,))
    options = {"creation_allowed": True, "auto_creation": True, "name": "Campus", "metadata_xml": metadata}
    provider_id: str = rest.post("/admin/v1/identity-providers/saml", **options)["identity_provider_id"]
    offered = rest.send("PUT", "/admin/v1/login-providers", json={"identity_provider_ids": [provider_id]})
    assert offered.is_success, offered.text
    return provider_id


def _attempts(server: HexkeepServer, provider_id: str) -> Iterator[Attempt]:
    """Sign-ins that have begun, each with its answer: signed, and encrypted to us."""
    own = httpx.get(f"{server.origin}/saml/sp/metadata/{provider_id}", trust_env=False).text
    certificate = unescape(CERTIFICATE.findall(own)[-1])
    side = upstream.SamlUpstream(SystemClock())
    for number in range(ATTEMPTS):
        address = f"127.0.0.{number // PER_ADDRESS + 2}"
        way = httpx.HTTPTransport(verify=False, local_address=address)
        with httpx.Client(transport=way, base_url=f"http://127.0.0.1:{server.port}") as browser:
            host = {"host": f"localhost:{server.port}"}
            went = browser.get("/ui/idp", params={"provider": provider_id}, headers=host)
            cookie = "; ".join(one.split(";")[0] for one in went.headers.get_list("set-cookie"))
        parts = side.parts(went.headers["location"], GRACE)
        text = upstream.signed(upstream.assertion_text(parts), side.key)
        answer = upstream.encrypted(upstream.response_text(parts, text), certificate)
        state = parse_qs(urlsplit(went.headers["location"]).query)["RelayState"][0]
        fields = {"SAMLResponse": base64.b64encode(answer.encode()).decode(), "RelayState": state}
        yield Attempt(f"/ui/idp/callback/{provider_id}", urlencode(fields).encode(), cookie, address)


async def _finish(server: HexkeepServer, attempts: Sequence[Attempt], rate: float = 0) -> None:
    """Post every answer, and follow as the browser does: on a few connections, at a rate or as fast as it goes."""
    begin, waiting = time.perf_counter(), iter(enumerate(attempts))

    async def connection() -> None:
        for address, found in groupby(waiting, lambda numbered: numbered[1].address):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(address, 0))
            for number, one in found:
                if rate:
                    await asyncio.sleep(begin + number / rate - time.perf_counter())
                await _sign_in(reader, writer, one, server.port)
            writer.close()
            await writer.wait_closed()

    await asyncio.gather(*(connection() for _ in range(POSTING)))


async def _sign_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one: Attempt, port: int) -> None:
    writer.write(request("POST", one.path, port, ELSEWHERE, one.body))
    kept = await read_answer(reader)
    hop = urlsplit(kept.header("location"))
    if not hop.query:
        raise RuntimeError(f"the answer is not taken: {kept.head!r} {kept.body[:2000]!r}")
    writer.write(request("GET", f"{hop.path}?{hop.query}", port, {"cookie": one.cookie}))
    there = await read_answer(reader)
    if there.header("location") != "/ui/account":
        raise RuntimeError(f"nobody is signed in: {there.head!r} {there.body[:2000]!r}")
