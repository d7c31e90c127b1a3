"""Requests as no client of good will sends them, over a bare socket; and a look at what they have written."""

import socket
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPResponse
from secrets import token_hex, token_urlsafe

import httpx

from hexkeep.ports.api import PositionToken
from tests.e2e.authlib_party import query_of
from tests.e2e.rest import MANAGEMENT, Credentials, World

BACK = "http://localhost:9/back"
"""The registered redirect URI. Nobody is there: no redirect is followed here."""
SESSION_COOKIE = "__Host-hexkeep-session"
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Grant:
    """A code, fresh, with what it is bound to."""

    code: str
    verifier: str

    def fields(self, **changed: str) -> dict[str, str]:
        """The token request, with changes."""
        fields = {"grant_type": "authorization_code", "code": self.code, "redirect_uri": BACK}
        return {**fields, "code_verifier": self.verifier, **changed}


def authorize(world: World, credentials: Credentials, **changed: str) -> httpx.Response:
    """An authorization request in ada's browser, where she is signed in; the redirect is not followed."""
    params = {
        "client_id": credentials.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid offline_access",
        "state": "of-mine",
        "code_challenge_method": "S256",
        "code_challenge": "A" * 43,
        **changed,
    }
    cookie = {"cookie": f"{SESSION_COOKIE}={world.ada_session}"}
    return world.rest.send("GET", "/oauth/authorize", params=params, headers=cookie)


def grant(world: World, credentials: Credentials, **changed: str) -> Grant:
    """A code for ada."""
    verifier = token_urlsafe(48)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")  # RFC 7636 section 4.2
    answer = authorize(world, credentials, code_challenge=challenge, **changed)
    code = query_of(answer.headers["location"])["code"][0]
    world.server.secrets |= {code, verifier}
    return Grant(code, verifier)


def token(world: World, credentials: Credentials, **fields: str) -> httpx.Response:
    """A token request with HTTP Basic, or without authentication for a client that has no secret."""
    if credentials.client_secret:
        authentication = (credentials.client_id, credentials.client_secret)
        return world.rest.send("POST", "/oauth/token", data=fields, auth=authentication)
    fields = {**fields, "client_id": credentials.client_id}
    return world.rest.send("POST", "/oauth/token", data=fields, headers={"authorization": ""})


def raw(world: World, request: bytes) -> tuple[int, bytes]:
    """Status, headers and body of the answer to bytes that need not be HTTP; 0 where there is none."""
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        try:
            response.begin()
        except (HTTPException, ConnectionError):
            return 0, b""
        return response.status, bytes(response.headers) + response.read()


def get(world: World, target: bytes, method: bytes = b"GET") -> tuple[int, bytes]:
    """The same for a target that a well-meaning client would have put in order first."""
    host = b"localhost:%d" % world.server.port
    return raw(world, b"%s %s HTTP/1.1\r\nhost: %s\r\nconnection: close\r\n\r\n" % (method, target, host))


@contextmanager
def nothing_written(world: World) -> Iterator[None]:
    """Neither log has grown meanwhile: two marks are as far apart with it in between as without."""
    before, between = _mark(world), _mark(world)
    yield
    after = _mark(world)
    assert [c - b for b, c in zip(between, after, strict=True)] == [b - a for a, b in zip(before, between, strict=True)]


def _mark(world: World) -> tuple[int, int]:
    """Write one thing to each log, a session that proves nothing among them; where they stand then."""
    renamed = world.rest.send("PATCH", f"{MANAGEMENT}/projects/{world.project_id}", json={"name": token_hex(8)})
    opened = world.rest.send("POST", "/auth/v1/sessions", json={"user_id": world.ada.user_id})
    world.server.secrets.add(opened.json()["session_token"])
    durable, activity = (PositionToken.parse(one.headers["hexkeep-position"]) for one in (renamed, opened))
    assert durable.log is not activity.log
    return durable.position, activity.position
