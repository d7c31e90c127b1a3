"""Tokens of machine users: asked for once, and again in time."""

import subprocess
import sys
from urllib.parse import parse_qs

import httpx2
import pytest

from hexkeep.client import ClientSecret
from hexkeep.client.credentials import SCOPE
from hexkeep.core.kernel.errors import ResourceExhausted, Unauthenticated
from tests.unit.client.test_calling import URL, Server, ok, problem, read


def token(value: str, lasts: int) -> httpx2.Response:
    """An answer of the token endpoint (RFC 6749 section 5.1)."""
    return ok(access_token=value, token_type="Bearer", expires_in=lasts)


def test_a_token_is_used_while_it_lasts() -> None:
    """It is asked for at the server that is called, for the API's scope, with the secret encoded as RFC 6749 has it."""
    server = Server(token("one", 900), ok(available=True), ok(available=True))
    client = server.client(ClientSecret("robot 1", "s:e"))
    assert read(client)
    assert read(client)
    asked = server.asked[0]
    assert str(asked.url) == f"{URL}/oauth/token"
    assert asked.headers["authorization"] == "Basic cm9ib3QlMjAxOnMlM0Fl"
    assert parse_qs(asked.content.decode()) == {"grant_type": ["client_credentials"], "scope": [SCOPE]}
    assert server.header("authorization")[1:] == ["Bearer one", "Bearer one"]


def test_a_token_that_is_about_to_end_is_replaced_before() -> None:
    """And one that was refused, once."""
    server = Server(token("one", 0), ok(available=True), token("two", 900), problem(401, "unauthenticated"))
    server.answers += [token("three", 900), ok(available=True)]
    client = server.client(ClientSecret("robot", "secret"))
    assert read(client)
    assert read(client)
    assert server.header("authorization")[1::2] == ["Bearer one", "Bearer two", "Bearer three"]


def test_refusals_of_the_token_endpoint_are_errors_of_the_tree() -> None:
    """Wrong credentials are told as such; a rate limit is waited for as anywhere."""
    refused = httpx2.Response(401, json={"error": "invalid_client"})
    server = Server(refused, refused)
    with pytest.raises(Unauthenticated) as error:
        read(server.client(ClientSecret("robot", "secret")))
    assert error.value.details == {"error": "invalid_client"}
    server = Server(problem(429, "resource_exhausted"), problem(429, "resource_exhausted"))
    with pytest.raises(ResourceExhausted):
        read(server.client(ClientSecret("robot", "secret"), retries=1))
    assert not server.answers


def test_credentials_are_not_shown() -> None:
    """In no representation that a log might hold."""
    client = Server().client("a-token")
    shown = repr(vars(client)) + repr(client) + repr(ClientSecret("robot", "very-secret"))
    assert "a-token" not in shown
    assert "very-secret" not in shown


def test_what_is_missing_is_told() -> None:
    """Without the extra the import says which one it is."""
    script = "import sys; sys.modules['httpx2'] = None; from hexkeep.client import Client"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "pip install 'hexkeep[client]'" in run.stderr
