"""Whether a server's memory stays flat over very many sign-ins, each a code and its tokens, without a browser."""

import asyncio
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from rich.console import Console

from tests.bench.figures import Figure, at_most_times, median, noted, percentile
from tests.bench.http_load import read_answer, request
from tests.bench.memory import FLAT, SMALL_CACHE, resident
from tests.bench.protocols import CHALLENGE, OURS, SCOPE, VERIFIER
from tests.bench.serving import CALLBACK, FORM, QUIET
from tests.e2e.rest import Credentials, Rest, World
from tests.e2e.server import serving

COUNT = 200_000
CONNECTIONS = 16
LOOKS = 200
"""How often memory is looked at."""


@dataclass
class Run:
    """What all connections share."""

    port: int
    client: Credentials
    wanted: int
    begun: int = 0
    times: list[float] = field(default_factory=list)

    def more(self) -> bool:
        """Whether one more is wanted; counts it."""
        self.begun += 1
        return self.begun <= self.wanted


async def of_one_server(count: int = COUNT) -> list[Figure]:
    """Sign in ``count`` times, on SQLite; resident memory of the last tenth against that of the second."""
    with (
        tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder,
        serving(Path(folder), {**QUIET, **SMALL_CACHE}) as server,
        Rest(server) as rest,
        Console(stderr=True).status("signing in") as status,
    ):
        world = World(server, rest)
        client = world.application(CALLBACK, auth_method="post", grant_types=["authorization_code", "refresh_token"])
        sessions = [_session(world, f"person-{number}") for number in range(CONNECTIONS)]
        run, sizes, begin = Run(server.port, client, count), list[float](), time.monotonic()
        work = asyncio.gather(*(_person(run, session) for session in sessions))
        while not work.done():
            await asyncio.wait([work], timeout=0.5)
            if len(sizes) < LOOKS * len(run.times) / count:
                sizes.append(resident(server.pid))
                status.update(f"{len(run.times):,} of {count:,} sign-ins, {sizes[-1]:,.1f} MB")
        await work
        spent = time.monotonic() - begin
    tenth = max(1, len(sizes) // 10)
    warm, last = median(sizes[tenth : 2 * tenth]), median(sizes[-tenth:])
    return [
        at_most_times(f"memory after {count:,} sign-ins, against the second tenth", last, "MB", warm, FLAT),
        noted("sign-ins, each a code and its tokens", len(run.times) / spent, "sign-ins/s"),
        noted("sign-ins, p99 of both requests together", percentile(run.times, 0.99) * 1e3, "ms"),
    ]


def _session(world: World, name: str) -> str:
    """The session of a new person who has given the password: the sign-ins that follow are single sign-on."""
    person = world.person(name)
    fields = {"login_name": person.user_name, "password": person.password}
    token: str = world.rest.post("/auth/v1/sessions", **fields)["session_token"]
    return token


async def _person(run: Run, session: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", run.port)
    asked = {"response_type": "code", "scope": SCOPE, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    own = {"client_id": run.client.client_id, "redirect_uri": CALLBACK}
    cookie = {"cookie": f"__Host-hexkeep-session={session}"}
    begin = request("GET", f"/oauth/authorize?{urlencode({**own, **asked})}", run.port, cookie)
    fixed = {**own, "client_secret": run.client.client_secret, "grant_type": "authorization_code"}
    while run.more():
        started = time.perf_counter()
        writer.write(begin)
        location = (await read_answer(reader)).header("location")
        [code] = parse_qs(urlsplit(location).query)["code"]
        form = {**fixed, "code": code, "code_verifier": VERIFIER}
        writer.write(request("POST", OURS.token, run.port, FORM, urlencode(form).encode()))
        answer = await read_answer(reader)
        if "id_token" not in json.loads(answer.body):
            raise RuntimeError(f"there are no tokens in {answer.body!r}")
        run.times.append(time.perf_counter() - started)
    writer.close()
    await writer.wait_closed()
