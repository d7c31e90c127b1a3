"""What an answer of SAML costs, signed twice and encrypted, against lxml and xmlsec alone in the same run."""

import asyncio
import base64
import itertools
import os
import tempfile
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import hexkeep
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.settings import Settings
from hexkeep.core.authrequest.api import START_SAML_SIGN_IN
from hexkeep.core.authrequest.messages import AuthorizationStep, StartSamlSignIn, StepKind
from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.saml.bindings import SamlRequestBinding
from hexkeep.engine.answers import Call
from hexkeep.engine.reads import Freshness
from hexkeep.ports.api import Anonymous, Meta
from tests.bench.figures import Figure, at_least, at_most_times, beside, cpu_seconds, median, noted, percentile
from tests.bench.http_load import cpu_of, read_answer, request
from tests.bench.memory import FLAT, SMALL_CACHE, resident
from tests.bench.saml_floor import ASSERTION, PROTOCOL, Bare
from tests.bench.serving import QUIET
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import serving
from tests.saml_parties import OneLogin

SP = "https://wiki.example.com"
ROUNDS, SECONDS, CALLERS = 3, 1.5, 16
FIELDS = ("rate", "cpu")
COUNT, CONNECTIONS, LOOKS = 20_000, 8, 100
PER_ADDRESS = 250
"""Requests that come from one address, for they are counted: fewer than a whole office may send."""
PASSWORD = "a long enough sentence"


@dataclass(frozen=True, slots=True)
class Run:
    """How many a second, and the CPU of each in microseconds."""

    rate: float
    cpu: float


async def beside_xmlsec(count: int = COUNT) -> list[Figure]:
    """Decisions and whole answers in this process, then those of a server over sockets, on SQLite all of them."""
    bare, runs = Bare(), dict[str, list[Run]]()
    async with _embedded() as provider:
        for what in (provider.decide, provider.answer):
            await _run(what, 0.5)
        for _ in range(ROUNDS):
            runs.setdefault("floor", []).append(_floor(bare))
            runs.setdefault("decision", []).append(await _run(provider.decide, SECONDS))
            runs.setdefault("answer", []).append(await _run(provider.answer, SECONDS))
    rate, cpu = ({name: median(getattr(one, what) for one in found) for name, found in runs.items()} for what in FIELDS)
    return [
        at_least("SAML, decision with its document", rate["decision"], "answers/s", rate["floor"], 0.5),
        beside("SAML, decision with its document, CPU", cpu["decision"], "us CPU", cpu["floor"]),
        beside("SAML, whole answer, SQLite", rate["answer"], "answers/s", rate["floor"]),
        beside("SAML, whole answer, SQLite, CPU", cpu["answer"], "us CPU", cpu["floor"]),
        *await _served(cpu["floor"], count),
    ]


async def _run(what: Callable[[], Awaitable[None]], seconds: float) -> Run:
    """The same again and again, a few at a time."""
    used, begin = cpu_of(os.getpid()), time.perf_counter()
    end = begin + seconds

    async def caller() -> int:
        made = 0
        while time.perf_counter() < end:
            await what()
            made += 1
        return made

    made = sum(await asyncio.gather(*(caller() for _ in range(CALLERS))))
    return Run(made / (time.perf_counter() - begin), (cpu_of(os.getpid()) - used) / made * 1e6)


def _floor(bare: Bare) -> Run:
    made, used, begin = 0, cpu_seconds(), time.perf_counter()
    while (spent := time.perf_counter() - begin) < SECONDS:
        bare.answer()
        made += 1
    return Run(made / spent, (cpu_seconds() - used) / made * 1e6)


def requests(origin: str) -> Iterator[str]:
    """Queries with requests of the service provider, none like another."""
    number = 0
    while True:
        number += 1
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        text = (
            f'<samlp:AuthnRequest xmlns:samlp="{PROTOCOL}" xmlns:saml="{ASSERTION}" ID="_{number}" Version="2.0" '
            f'IssueInstant="{now}" Destination="{origin}/saml/sso"><saml:Issuer>{SP}/onelogin/metadata</saml:Issuer>'
            "</samlp:AuthnRequest>"
        )
        stream = zlib.compressobj(1, zlib.DEFLATED, -15)
        deflated = stream.compress(text.encode()) + stream.flush()
        yield urlencode({"SAMLRequest": base64.b64encode(deflated).decode(), "RelayState": "here"})


@dataclass
class _IdentityProvider:
    """An instance with an application that has assertions encrypted, and somebody who has a session."""

    iam: Embedded
    instance: str
    origin: str
    session: str
    queries: Iterator[str]

    async def answer(self) -> None:
        """Everything: find out who calls, decide, write it down."""
        answer = await self.iam.api.call(START_SAML_SIGN_IN, self._asked(), Anonymous(), Meta(instance=self.instance))
        _insist(answer.output.kind)

    async def decide(self) -> None:
        """The decision with all that it asks for, among it the document, and nothing written but that it was asked."""
        machinery = self.iam.iam.machinery
        asked = Request(self.instance, ANONYMOUS, machinery.clock.now(), self.origin, START_SAML_SIGN_IN.permission)
        call = Call(asked, Freshness((), machinery.clock.monotonic() + 10))
        decision = await machinery.bus.decide(START_SAML_SIGN_IN, self._asked(), call)
        assert isinstance(decision.result, AuthorizationStep)
        _insist(decision.result.kind)

    def _asked(self) -> StartSamlSignIn:
        return StartSamlSignIn(
            binding=SamlRequestBinding.REDIRECT, query=next(self.queries), session_token=self.session
        )


def _insist(kind: StepKind) -> None:
    if kind is not StepKind.FORM_POST:
        raise RuntimeError(f"there is no answer: {kind}")


@asynccontextmanager
async def _embedded() -> AsyncIterator[_IdentityProvider]:
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder:
        settings = Settings.model_validate({"data": {"folder": folder}, "setup": {"password": PASSWORD}})
        async with hexkeep.open(settings) as iam:
            assert iam.first_run is not None
            client = await iam.client()
            own = (await client.call_json("ListUsers", {}))["users"]
            assert isinstance(own, list)
            assert isinstance(own[0], dict)
            organization = {"organization_id": own[0]["organization_id"]}
            project = await client.call_json("CreateProject", {**organization, "name": "Wiki"})
            await client.call_json("CreateSamlApplication", {"project_id": project["project_id"], **_wiki()})
            opened = await client.call_json(
                "CreateSession", {"login_name": iam.first_run.user_name, "password": PASSWORD}
            )
            origin = iam.first_run.origin
            instance = await iam.iam.instance(urlsplit(origin).netloc)
            yield _IdentityProvider(iam, instance.id, origin, str(opened["session_token"]), requests(origin))


def _wiki() -> dict[str, Any]:
    """A service provider that has assertions encrypted."""
    party = OneLogin(SP, encrypted=True, signs=False)
    return {"name": "Wiki", "metadata_xml": party.metadata(), "options": {"encrypt_assertions": True}}


async def _served(floor: float, count: int) -> list[Figure]:
    """Very many answers of a server over sockets: what each costs, and what is left of them in memory."""
    with (
        tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder,
        serving(Path(folder), {**QUIET, **SMALL_CACHE}) as server,
        Rest(server) as rest,
    ):
        world = World(server, rest)
        rest.post(f"{MANAGEMENT}/applications/saml", project_id=world.project_id, **_wiki())
        waiting, addresses = islice(requests(server.origin), count), itertools.count(2)
        times, sizes = list[float](), list[float]()

        async def connections() -> None:
            while asked := list(islice(waiting, PER_ADDRESS)):
                await connection(f"127.0.0.{next(addresses)}", asked)

        async def connection(address: str, queries: Sequence[str]) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port, local_addr=(address, 0))
            cookie = {"cookie": f"__Host-hexkeep-session={world.ada_session}"}
            for query in queries:
                started = time.perf_counter()
                writer.write(request("GET", f"/saml/sso?{query}", server.port, cookie))
                answer = await read_answer(reader)
                if b"SAMLResponse" not in answer.body:
                    raise RuntimeError(f"there is no answer in {answer.status} {answer.body[:1000]!r}")
                times.append(time.perf_counter() - started)
                if len(times) % (count // LOOKS) == 0:
                    sizes.append(resident(server.pid))
            writer.close()
            await writer.wait_closed()

        used, begin = cpu_of(server.pid), time.perf_counter()
        await asyncio.gather(*(connections() for _ in range(CONNECTIONS)))
        spent, cost = time.perf_counter() - begin, (cpu_of(server.pid) - used) / len(times) * 1e6
    tenth = LOOKS // 10
    warm, last = median(sizes[tenth : 2 * tenth]), median(sizes[-tenth:])
    return [
        beside("SAML, answer over HTTP, SQLite, CPU", cost, "us CPU", floor),
        noted(f"SAML, answer over HTTP, SQLite, rate on {CONNECTIONS} connections", len(times) / spent, "answers/s"),
        noted(f"SAML, answer over HTTP, SQLite, p99 on {CONNECTIONS} connections", percentile(times, 0.99) * 1e3, "ms"),
        at_most_times(f"SAML, memory after {count:,} answers, against the second tenth", last, "MB", warm, FLAT),
    ]
