"""What each OAuth and OpenID Connect endpoint costs, beside npm oidc-provider, which keeps everything in memory.

The peer gets the same requests in the same run. It keeps no log and loses everything when it stops, so its figures are
a floor more than a rival's.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from tests.bench.figures import Figure, beside, noted, percentile
from tests.bench.http_load import Load, Target, load, load_chains, load_each, request
from tests.bench.serving import CALLBACK, FORM, QUIET
from tests.e2e.rest import MANAGEMENT, Credentials, Rest, World
from tests.e2e.server import HexkeepServer, serving
from tests.postgres_server import PostgresDatabase

NODE = Path(__file__).parents[1] / "e2e" / "node"
SECONDS = 3.0
CONNECTIONS = 16
CODES = 1500
ROTATIONS = 60
MANY = 200
VERIFIER = "v" * 64
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
SCOPE = "openid profile offline_access"
GRANTS = ["authorization_code", "refresh_token", "client_credentials"]


@dataclass(frozen=True, slots=True)
class Paths:
    """Where a provider has its endpoints."""

    token: str
    userinfo: str
    introspection: str
    jwks: str
    discovery: str = "/.well-known/openid-configuration"


OURS = Paths("/oauth/token", "/oidc/userinfo", "/oauth/introspect", "/oauth/jwks")
PEERS = Paths("/token", "/me", "/token/introspection", "/jwks")


@dataclass(frozen=True, slots=True)
class Provider:
    """A process that serves, and what it is asked with. ``scope`` is what client credentials ask for."""

    port: int
    pid: int
    paths: Paths
    client: Credentials
    scope: str
    codes: tuple[str, ...]
    access_token: str
    extra: dict[str, str]
    """What a code is redeemed with besides itself."""
    opaque: bytes = b""
    """A question about an opaque token, of a client of its own."""
    assertions: tuple[str, ...] = ()
    """What a machine has signed, each to be used once."""

    def form(self, path: str, **fields: str) -> bytes:
        """A form of the client's, with its secret in the body."""
        own = {"client_id": self.client.client_id, "client_secret": self.client.client_secret}
        return request("POST", path, self.port, FORM, urlencode({**own, **fields}).encode())

    def bearer(self, assertion: str) -> bytes:
        """A token request with what a machine has signed."""
        fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        return request("POST", self.paths.token, self.port, FORM, urlencode(fields).encode())

    def get(self, path: str, **headers: str) -> bytes:
        """A GET."""
        return request("GET", path, self.port, headers)


async def beside_the_peer(_database: PostgresDatabase) -> list[Figure]:
    """Every endpoint that applications and APIs call by themselves, ours on SQLite."""
    with peer() as theirs:
        floor = await _measured(theirs)
    with tempfile.TemporaryDirectory(prefix="hexkeep-bench-") as folder, serving(Path(folder), QUIET) as server:
        with Rest(server) as rest:
            ours = _ours(server, World(server, rest))
        measured = await _measured(ours)
        opaque = await load(Target(ours.port, ours.pid, ours.opaque), CONNECTIONS, SECONDS)
        bearers = [ours.bearer(assertion) for assertion in ours.assertions]
        assertions = await load_each(ours.port, ours.pid, bearers, CONNECTIONS)
        mixed = await _mixed(ours)
    costs = [
        beside(f"{name}, SQLite, beside oidc-provider", one.cpu, "us CPU", floor[name].cpu)
        for name, one in measured.items()
    ]
    floors = floor["introspection"].cpu, floor["token, client credentials"].cpu
    return [
        *costs,
        beside("introspection of an opaque token, SQLite, beside oidc-provider", opaque.cpu, "us CPU", floors[0]),
        beside("token, JWT bearer, SQLite, beside its client credentials", assertions.cpu, "us CPU", floors[1]),
        noted(f"mixed load on {MANY} connections, p99, SQLite", percentile(mixed, 0.99) * 1e3, "ms"),
        noted(f"mixed load on {MANY} connections, rate, SQLite", len(mixed) / SECONDS, "requests/s"),
    ]


async def _measured(asked: Provider) -> dict[str, Load]:
    """The load of each endpoint, by name."""

    async def steady(sent: bytes) -> Load:
        return await load(Target(asked.port, asked.pid, sent), CONNECTIONS, SECONDS)

    token = asked.paths.token
    codes, chains = asked.codes[:-CONNECTIONS], asked.codes[-CONNECTIONS:]

    def redeemed(code: str) -> bytes:
        fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **asked.extra}
        return asked.form(token, **fields)

    first: list[str] = []
    for code in chains:
        await load_chains(asked.port, asked.pid, [code], redeemed, _into(first), 1)
    return {
        "token, client credentials": await steady(
            asked.form(token, grant_type="client_credentials", scope=asked.scope)
        ),
        "token, code": await load_each(asked.port, asked.pid, [redeemed(code) for code in codes], CONNECTIONS),
        "token, refresh": await load_chains(
            asked.port,
            asked.pid,
            first,
            lambda value: asked.form(token, grant_type="refresh_token", refresh_token=value),
            _refresh_token,
            ROTATIONS,
        ),
        "userinfo": await steady(asked.get(asked.paths.userinfo, **_bearer(asked))),
        "introspection": await steady(asked.form(asked.paths.introspection, token=asked.access_token)),
        "discovery": await steady(asked.get(asked.paths.discovery)),
        "JWK set": await steady(asked.get(asked.paths.jwks)),
    }


async def _mixed(asked: Provider) -> list[float]:
    """How long each request took while all kinds were asked for at once, on many connections."""
    kinds = (
        asked.form(asked.paths.token, grant_type="client_credentials", scope=asked.scope),
        asked.get(asked.paths.userinfo, **_bearer(asked)),
        asked.form(asked.paths.introspection, token=asked.access_token),
        asked.get(asked.paths.discovery),
        asked.get(asked.paths.jwks),
    )
    targets = [Target(asked.port, asked.pid, sent) for sent in kinds]
    loads = await asyncio.gather(*(load(target, MANY // len(kinds), SECONDS) for target in targets))
    return [one for found in loads for one in found.times]


def _bearer(asked: Provider) -> dict[str, str]:
    return {"authorization": f"Bearer {asked.access_token}"}


def _refresh_token(body: bytes) -> str:
    token: str = json.loads(body)["refresh_token"]
    return token


def _into(found: list[str]) -> Callable[[bytes], str]:
    def read(body: bytes) -> str:
        found.append(_refresh_token(body))
        return found[-1]

    return read


@contextmanager
def peer() -> Iterator[Provider]:
    """Npm oidc-provider in a process of its own."""
    program = Path(sys.executable).with_name("node")
    pipe = subprocess.PIPE
    started = [str(program), "peer.mjs", str(CODES)]
    with subprocess.Popen(started, cwd=NODE, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = b""
        while not line.startswith(b"{"):  # before it come notices
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the peer has ended")
        told = json.loads(line)
        client = Credentials("shop", "secret-of-the-shop")
        yield Provider(told["port"], told["pid"], PEERS, client, "read", tuple(told["codes"]), told["opaque"], {})
        process.stdin.close()
        process.wait()


def _ours(server: HexkeepServer, world: World) -> Provider:
    client = world.application(CALLBACK, auth_method="post", grant_types=GRANTS)
    opaque = world.application(
        CALLBACK, auth_method="post", grant_types=GRANTS, client_metadata={"access_token_type": "opaque"}
    )
    assertions = _assertions(world)
    [access_token], codes = _tokens(server, world, client, CODES)
    [reference], _ = _tokens(server, world, opaque, 0)
    asked = {"client_id": opaque.client_id, "client_secret": opaque.client_secret, "token": reference}
    question = request("POST", OURS.introspection, server.port, FORM, urlencode(asked).encode())
    extra = {"code_verifier": VERIFIER}
    return Provider(server.port, server.pid, OURS, client, "", codes, access_token, extra, question, assertions)


def _tokens(
    server: HexkeepServer, world: World, client: Credentials, more: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """An access token of a person for a client, and so many codes that wait."""
    cookie = {"cookie": f"__Host-hexkeep-session={world.ada_session}"}
    own = {"client_id": client.client_id, "redirect_uri": CALLBACK}
    asked = {"response_type": "code", "scope": SCOPE, "code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    query = urlencode({**own, **asked})
    with Rest(server) as browser:

        def code() -> str:
            answer = browser.send("GET", f"/oauth/authorize?{query}", headers=cookie)
            return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]

        form = {"grant_type": "authorization_code", "code_verifier": VERIFIER, "client_secret": client.client_secret}
        answer = browser.send("POST", OURS.token, data={**own, **form, "code": code()})
        return (answer.json()["access_token"],), tuple(code() for _ in range(more))


def _assertions(world: World) -> tuple[str, ...]:
    """What a machine user has signed with a key of its own, each good for an hour and once (RFC 7523)."""
    user_id = world.machine("signer").client_id
    made = world.rest.post(f"{MANAGEMENT}/machine-keys", user_id=user_id)
    told = json.loads(made["key_file"])
    world.server.secrets.add(told["private_key"]["d"])
    key, header = ECKey.import_key(told["private_key"]), {"alg": "ES256", "kid": told["key_id"]}
    now = int(time.time())
    claims = {"iss": user_id, "sub": user_id, "aud": told["issuer"], "iat": now, "exp": now + 3000}
    return tuple(jwt.encode(header, {**claims, "jti": str(number)}, key) for number in range(CODES))
