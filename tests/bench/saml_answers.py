"""Whether answers of identity providers of SAML, judged as fast as they come, hold up anything else."""

import asyncio
import base64
import re
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx

from hexkeep.adapters.system.clock import SystemClock
from hexkeep.testing import idp_saml as upstream
from hexkeep.testing.idp import Account
from tests.bench import plain_idp
from tests.bench.figures import SHARES, Figure, delays, noted, percentile
from tests.bench.http_load import Target, cpu_of, load, read_answer, request
from tests.bench.judging import stranger
from tests.bench.serving import FORM, QUIET
from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, serving

ATTEMPTS, PER_ADDRESS, ROUND = 481, 80, 80
"""So many sign-ins that have begun; from one address no more may begin or end within minutes."""
ADDRESSES = -(-ATTEMPTS // PER_ADDRESS)
RATE = 30.0
"""Sign-ins a second by one identity provider, where they come at their own pace: over a hundred thousand an hour."""
POSTING, ASKING = 8, 2
PACE = 0.01
"""Seconds between two questions on one connection: a cheap request that would be answered at once."""
SECONDS = 5.0
METADATA = upstream.metadata_text((upstream.pair("idp").certificate,))
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
    """Discovery alone, beside answers at a pace and as fast as they are judged, and beside what else it could be.

    In another server the same is what the machine has left for who asks: generator, judge and server share its cores.
    Beside sign-ins whose answers take one HMAC, and a stranger's process that judges as many, there is all of it in
    this server but the judging.
    """
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as name:
        folder = Path(name)
        settings = {**QUIET, "PYTHONPATH": plain_idp.path(folder / "plugin")}
        with serving(folder / "here", settings) as here, serving(folder / "there", settings) as there:
            return await _measured(await Prepared.of(here), await Prepared.of(there))


async def _measured(here: "Prepared", there: "Prepared") -> list[Figure]:
    cheap = request("GET", "/.well-known/openid-configuration", here.server.port, {})
    discovery = Target(here.server.port, here.server.pid, cheap)
    alone = await load(discovery, ASKING, SECONDS, pace=PACE)
    judged, elsewhere, plain = list[float](), list[float](), list[float]()
    half = len(here.judged) // 2
    for begin in range(0, half, ROUND):
        some = slice(begin, begin + ROUND)
        elsewhere += await _while(_finish(there.server, there.judged[some], RATE), discovery)
        judged += await _while(_finish(here.server, here.judged[some], RATE), discovery)
        async with stranger(RATE):
            plain += await _while(_finish(here.server, here.plain[some], RATE), discovery)
    apart = await _while(_finish(there.server, there.judged[half:]), discovery)
    used, began = cpu_of(here.server.pid), time.perf_counter()
    within = await _while(_finish(here.server, here.judged[half:]), discovery)
    spent, cpu = time.perf_counter() - began, cpu_of(here.server.pid) - used
    paced = f"discovery beside {RATE:.0f} sign-ins a second that are judged"
    return [
        noted("SAML, sign-ins by answers of a provider, over HTTP, SQLite", half / spent, "sign-ins/s"),
        noted("SAML, sign-ins by answers of a provider, CPU", cpu / half * 1e3, "ms CPU"),
        *(noted(f"discovery alone, {name}", percentile(alone.times, share) * 1e3, "ms") for name, share in SHARES),
        *delays(f"{paced}, against those by an HMAC while a stranger judges", judged, plain),
        *delays(f"{paced}, against those of another server", judged, elsewhere),
        *delays("discovery beside all answers that it can judge, against those of another server", within, apart),
    ]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A server, and attempts that wait for their answers: of SAML, which are judged, and with an HMAC."""

    server: HexkeepServer
    judged: Sequence[Attempt]
    plain: Sequence[Attempt]

    @classmethod
    async def of(cls, server: HexkeepServer) -> Self:
        """Begin them, and finish the first of both: the accounts are there then, and everything is loaded."""
        with Rest(server) as rest:
            World(server, rest)
            providers = (
                _provider(rest, "saml", metadata_xml=METADATA),
                _provider(rest, "plain", secret=plain_idp.SECRET),
            )
            offered = rest.send("PUT", "/admin/v1/login-providers", json={"identity_provider_ids": providers})
            assert offered.is_success, offered.text
        saml = _attempts(server, providers[0], _answering(server, providers[0]), ATTEMPTS, first_address=2)
        plain = _attempts(server, providers[1], plain_idp.answered, ATTEMPTS // 2, first_address=2 + ADDRESSES)
        (first, *judged), (other, *told) = saml, plain
        await _finish(server, [first, other])
        return cls(server, judged, told)


async def _while(work: Coroutine[None, None, None], target: Target) -> Sequence[float]:
    """The times of a request as long as something else is done."""
    times, task = list[float](), asyncio.create_task(work)
    while not task.done():
        times += (await load(target, ASKING, 0.5, pace=PACE)).times
    await task
    return times


def _provider(rest: Rest, kind: str, **settings: str) -> str:
    """An identity provider whose people get accounts by themselves."""
    options = {"creation_allowed": True, "auto_creation": True, "name": kind, **settings}
    provider_id: str = rest.post(f"/admin/v1/identity-providers/{kind}", **options)["identity_provider_id"]
    return provider_id


def _attempts(
    server: HexkeepServer, provider_id: str, answer: Callable[[str], Mapping[str, str]], count: int, first_address: int
) -> Iterator[Attempt]:
    """Sign-ins that have begun, each with the form that answers the place where its browser was sent."""
    for number in range(count):
        address = f"127.0.0.{number // PER_ADDRESS + first_address}"
        way = httpx.HTTPTransport(verify=False, local_address=address)
        with httpx.Client(transport=way, base_url=f"http://127.0.0.1:{server.port}") as browser:
            host = {"host": f"localhost:{server.port}"}
            went = browser.get("/ui/idp", params={"provider": provider_id}, headers=host)
            cookie = "; ".join(one.split(";")[0] for one in went.headers.get_list("set-cookie"))
        body = urlencode(answer(went.headers["location"])).encode()
        yield Attempt(f"/ui/idp/callback/{provider_id}", body, cookie, address)


def _answering(server: HexkeepServer, provider_id: str) -> Callable[[str], Mapping[str, str]]:
    """What makes answers of SAML: signed, and encrypted to us."""
    own = httpx.get(f"{server.origin}/saml/sp/metadata/{provider_id}", trust_env=False).text
    certificate = unescape(CERTIFICATE.findall(own)[-1])
    side = upstream.SamlUpstream(SystemClock())

    def answered(location: str) -> Mapping[str, str]:
        parts = side.parts(location, GRACE)
        text = upstream.signed(upstream.assertion_text(parts), side.key)
        answer = upstream.encrypted(upstream.response_text(parts, text), certificate)
        state = parse_qs(urlsplit(location).query)["RelayState"][0]
        return {"SAMLResponse": base64.b64encode(answer.encode()).decode(), "RelayState": state}

    return answered


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
