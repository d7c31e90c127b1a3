"""A service that we did not write exchanges tokens with a real server: in a person's name, and as somebody else."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import attacker
from tests.e2e.rest import MANAGEMENT, Credentials, Person, World

NODE = Path(__file__).parent / "node"
PROGRAM = Path(sys.executable).with_name("node")
PATIENCE = 30.0
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN, ID_TOKEN = (f"urn:ietf:params:oauth:token-type:{kind}_token" for kind in ("access", "id"))
USER_ID = "urn:hexkeep:token-type:user-id"
API = "openid urn:hexkeep:api"
Answers = list[dict[str, Any]]


@pytest.fixture(scope="module")
def desk(world: World) -> Credentials:
    """The application that support works with, to which ada signs in."""
    return world.application(attacker.BACK, grant_types=["authorization_code", GRANT], api_access=True)


@pytest.fixture(scope="module")
def orders(world: World) -> Credentials:
    """A service of the same project."""
    return world.application(attacker.BACK, grant_types=["authorization_code", GRANT])


@pytest.fixture(scope="module")
def grace(world: World) -> Person:
    """Somebody whom ada may have to be."""
    return world.person("grace")


def signed_in(world: World, client: Credentials, scope: str) -> dict[str, Any]:
    """Tokens of ada."""
    tokens: dict[str, Any] = attacker.token(world, client, **attacker.grant(world, client, scope=scope).fields()).json()
    world.server.secrets |= {tokens[name] for name in ("access_token", "id_token")}
    return tokens


def exchanged(world: World, client: Credentials, *requests: dict[str, str]) -> Answers:
    """What oauth4webapi makes of each request's answer."""
    known = {
        "issuer": world.server.origin,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
    }
    lines = "".join(json.dumps({**known, "parameters": one}) + "\n" for one in requests)
    ran = subprocess.run(
        [PROGRAM, "exchange.mjs"], cwd=NODE, input=lines, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    world.server.secrets |= {one["answer"]["access_token"] for one in answers if "answer" in one}
    return answers


def introspected(world: World, client: Credentials, token: str) -> dict[str, Any]:
    """What a token is worth to the application that has it."""
    authentication = (client.client_id, client.client_secret)
    answer = world.rest.send("POST", "/oauth/introspect", data={"token": token}, auth=authentication)
    document: dict[str, Any] = answer.json()
    return document


def test_a_service_acts_for_a_person(world: World, desk: Credentials, orders: Credentials) -> None:
    """Delegation: for an access token and an ID token, narrower, and named; not for more, or what is no token."""
    token = signed_in(world, desk, "openid profile")["access_token"]
    usual = {"subject_token": token, "subject_token_type": ACCESS_TOKEN, "scope": "openid"}
    passed, told, wide, elsewhere, wrong = exchanged(
        world,
        orders,
        {**usual, "audience": desk.client_id},
        {**usual, "requested_token_type": ID_TOKEN},
        {**usual, "scope": "openid email"},
        {**usual, "audience": "https://elsewhere.example"},
        {**usual, "subject_token": f"{token}x"},
    )
    answer = passed["answer"]
    assert (answer["issued_token_type"], answer["token_type"], answer["scope"]) == (ACCESS_TOKEN, "bearer", "openid")
    known = introspected(world, orders, answer["access_token"])
    assert (known["sub"], known["act"], known["aud"]) == (
        world.ada.user_id,
        {"sub": orders.client_id},
        [desk.client_id],
    )
    assert told["answer"]["issued_token_type"] == ID_TOKEN
    assert [one["error"] for one in (wide, elsewhere, wrong)] == ["invalid_scope", "invalid_target", "invalid_request"]


def test_support_is_somebody_else_for_a_while(world: World, desk: Credentials, grace: Person) -> None:
    """Impersonation: refused until allowed and permitted, then told to the person, and of no use at our own API."""
    actor = signed_in(world, desk, API)["access_token"]
    usual = {
        "subject_token": grace.user_id,
        "subject_token_type": USER_ID,
        "actor_token": actor,
        "actor_token_type": ACCESS_TOKEN,
        "scope": "openid profile",
        "reason": "Case 7",
    }
    (early,) = exchanged(world, desk, usual)
    role = {"level": "organization", "scope_id": world.organization_id, "roles": ["ORGANIZATION_IMPERSONATOR"]}
    world.rest.post(f"{MANAGEMENT}/memberships", user_id=world.ada.user_id, **role)
    (forbidden,) = exchanged(world, desk, usual)
    allowed = world.rest.send("PATCH", "/admin/v1/policies/security", json={"impersonation_allowed": True})
    assert allowed.is_success, allowed.text
    owner = world.rest.get("/auth/v1/me")["user_id"]
    granted, risen, greedy = exchanged(world, desk, usual, {**usual, "subject_token": owner}, {**usual, "scope": API})
    assert [one["error"] for one in (early, forbidden, risen)] == ["invalid_request"] * 3
    assert greedy["error"] == "invalid_scope"
    token = granted["answer"]["access_token"]
    assert granted["answer"]["expires_in"] <= 600
    assert "refresh_token" not in granted["answer"]
    bearer = {"authorization": f"Bearer {token}"}
    assert world.rest.send("GET", "/oidc/userinfo", headers=bearer).json()["sub"] == grace.user_id
    assert world.rest.send("GET", "/auth/v1/me", headers=bearer).status_code == 401
    assert introspected(world, desk, token)["act"] == {"sub": world.ada.user_id}

    opened = world.rest.post("/auth/v1/sessions", login_name=grace.user_name, password=grace.password)
    own = {"authorization": f"Bearer {opened['session_token']}"}
    events = world.rest.send("GET", "/auth/v1/me/events", headers=own, params={"descending": "true"}).json()["events"]
    (seen,) = (one["fields"] for one in events if one["type"] == "impersonation.started")
    assert (seen["actor_id"], seen["reason"]) == (f'"{world.ada.user_id}"', '"Case 7"')

    history = f"{MANAGEMENT}/organizations/{world.organization_id}/history/impersonation/{grace.user_id}"
    (managed,) = world.rest.get(history)["events"]
    assert managed["fields"] == seen

    world.rest.send("PATCH", "/admin/v1/policies/security", json={"impersonation_allowed": False})
    assert introspected(world, desk, token) == {"active": False}
