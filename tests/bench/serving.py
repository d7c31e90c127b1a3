"""What a real `hexkeep serve` process costs per request, and how fast it answers."""

import subprocess
import sys
import tempfile
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.bench.figures import Figure, at_most, noted, percentile
from tests.bench.http_load import Load, Target, load, request
from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import HexkeepServer, serving
from tests.ports import reserved_port, wait_until_listening
from tests.postgres_server import PostgresDatabase

CALLBACK = "https://shop.example.com/callback"
SECONDS = 4.0
CONNECTIONS = 16
FORM = {"content-type": "application/x-www-form-urlencoded"}
QUIET = {"HEXKEEP_LOGGING__LEVEL": "warning"}


async def on_sqlite(_database: PostgresDatabase) -> list[Figure]:
    """Start, tokens, userinfo, reads by id and lists, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder, serving(Path(folder), QUIET) as server:
        server.stop()
        server.start()
        again = server.printed_after
        with Rest(server) as rest:
            requests = Requests(server, World(server, rest))
            return [at_most("start, process to URL", again, "s", 2), *await _measured(server, requests)]


async def _measured(server: HexkeepServer, requests: "Requests") -> list[Figure]:
    def target(sent: bytes) -> Target:
        return Target(server.port, server.pid, sent)

    with floor() as (port, pid):
        bare = await load(Target(port, pid, requests.client_credentials(port, "floor")), CONNECTIONS, SECONDS)
    tokens = await load(target(requests.client_credentials(server.port)), CONNECTIONS, SECONDS)
    userinfo = await load(target(requests.userinfo()), CONNECTIONS, SECONDS)
    full = await load(target(requests.user()), CONNECTIONS, SECONDS)
    half = await load(target(requests.user()), CONNECTIONS, SECONDS, pace=CONNECTIONS / full.rate)
    lists = await load(target(requests.users()), 4, SECONDS)
    return [
        noted("floor: bare ASGI, form + SHA-256 + ES256", bare.cpu, "us CPU"),
        _cost("token, client credentials, ES256, SQLite", tokens, bare, 250),
        noted("token, client credentials, rate", tokens.rate, "requests/s"),
        _cost("userinfo, SQLite", userinfo, bare, 180),
        noted("read by id over REST, rate at full load", full.rate, "requests/s"),
        at_most("read by id over REST, p99 at half load", percentile(half.times, 0.99) * 1e3, "ms", 20),
        at_most("list of 100 rows over REST, p99", percentile(lists.times, 0.99) * 1e3, "ms", 100),
    ]


def _cost(name: str, measured: Load, bare: Load, limit: float) -> Figure:
    """CPU per request, judged by a limit and shown against the floor."""
    ratio, met = measured.cpu / bare.cpu, measured.cpu <= limit
    return Figure(name, measured.cpu, "us CPU", bare.cpu, ratio, f"<= {limit:g} us", met)


class Requests:
    """The requests that are measured, in a world with a machine user and 200 people."""

    def __init__(self, server: HexkeepServer, world: World) -> None:
        self._server, self._world = server, world
        self.organization_id = world.organization_id
        self.robot = world.machine("robot")
        self.shop = world.application(CALLBACK)
        self.session = world.rest.sign_in(server.administrator.user_name, server.administrator.password)
        users = f"{MANAGEMENT}/users/machine"
        for number in range(200):
            world.rest.post(users, organization_id=world.organization_id, user_name=f"robot-{number}")

    def client_credentials(self, port: int, secret: str = "") -> bytes:
        """A token request with the secret in the body."""
        form = {"grant_type": "client_credentials", "client_id": self.robot.client_id}
        body = urlencode({**form, "client_secret": secret or self.robot.client_secret}).encode()
        return request("POST", "/oauth/token", port, FORM, body)

    def userinfo(self) -> bytes:
        """A userinfo request with the access token of a person who is signed in."""
        verifier = "v" * 64
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
        client = {"client_id": self.shop.client_id, "redirect_uri": CALLBACK}
        asked = {**client, "response_type": "code", "scope": "openid profile", "code_challenge": challenge}
        cookie = {"cookie": f"__Host-hexkeep-session={self.session}"}
        with Rest(self._server) as browser:
            query = urlencode({**asked, "code_challenge_method": "S256"})
            answer = browser.send("GET", f"/oauth/authorize?{query}", headers=cookie)
            [code] = parse_qs(urlsplit(answer.headers["location"]).query)["code"]
            form = {"redirect_uri": CALLBACK, "code": code, "code_verifier": verifier}
            secret = (self.shop.client_id, self.shop.client_secret)
            grant = {"grant_type": "authorization_code", **form}
            answer = browser.send("POST", "/oauth/token", data=grant, auth=secret)
        return self._get("/oidc/userinfo", answer.json()["access_token"])

    def user(self) -> bytes:
        """A read by id as the administrator."""
        return self._get(f"{MANAGEMENT}/users/{self._world.ada.user_id}", self.session)

    def users(self) -> bytes:
        """A list of a hundred."""
        return self._get(f"{MANAGEMENT}/users?limit=100", self.session)

    def _get(self, path: str, token: str) -> bytes:
        return request("GET", path, self._server.port, {"authorization": f"Bearer {token}"})


@contextmanager
def floor() -> Iterator[tuple[int, int]]:
    """The bare application on uvicorn, with the same loop and parser as ours."""
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"]
    command = [sys.executable, "-m", "uvicorn", "tests.bench.floor_app:app", *options]
    with reserved_port() as port:
        process = subprocess.Popen([*command, "--port", str(port)])
        try:
            wait_until_listening(port, process, str)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait()
