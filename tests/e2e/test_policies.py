"""Policies over the wire of a real server: what is set counts from the next call on."""

from typing import Any

import httpx

from tests.e2e.rest import MANAGEMENT, Person, Rest, World

ADMIN = "/admin/v1/policies"
OWN = f"{MANAGEMENT}/organizations"


def policies(world: World, kind: str) -> str:
    """Where the organization's own policy of a kind is."""
    return f"{OWN}/{world.organization_id}/policies/{kind}"


def done(response: httpx.Response) -> Any:
    """The answer to a request that succeeds."""
    assert response.is_success, response.text
    return response.json() if response.content else {}


def sign_in(world: World, login_name: str, password: str) -> httpx.Response:
    """An attempt by nobody in particular."""
    world.server.secrets.add(password)
    with Rest(world.server) as stranger:
        fields = {"login_name": login_name, "password": password}
        return stranger.send("POST", "/auth/v1/sessions", json=fields)


def seen(response: httpx.Response) -> tuple[int, Any]:
    """All that tells one refusal from another, but the id of the request."""
    body = response.json()
    return response.status_code, {name: value for name, value in body.items() if name != "instance"}


def test_an_organizations_policy_counts_before_the_instances(world: World) -> None:
    """Read, overridden, refused beyond its bounds and for a stale version, and taken back."""
    path = policies(world, "password-complexity")
    assert done(world.rest.send("GET", path))["is_default"] is True
    done(world.rest.send("PATCH", f"{ADMIN}/password-complexity", json={"min_length": 10}))
    assert done(world.rest.send("GET", path))["policy"]["min_length"] == 10
    done(world.rest.send("PATCH", path, json={"digit": True}))
    shown = done(world.rest.send("GET", path))
    assert (shown["is_default"], shown["version"]) == (False, 1)
    assert (shown["policy"]["min_length"], shown["policy"]["digit"]) == (10, True)
    assert world.rest.send("PATCH", path, json={"min_length": 7}).status_code == httpx.codes.BAD_REQUEST
    stale = world.rest.send("PATCH", path, json={"digit": False, "expected_version": 7})
    assert stale.status_code in {httpx.codes.CONFLICT, httpx.codes.PRECONDITION_FAILED}
    done(world.rest.send("DELETE", path))
    assert done(world.rest.send("GET", path))["is_default"] is True
    done(world.rest.send("DELETE", f"{ADMIN}/password-complexity"))


def test_passwords_are_held_to_the_policy(world: World) -> None:
    """The refusal names the field and the rule, and never the password."""
    path, person = policies(world, "password-complexity"), world.person("grace")
    done(world.rest.send("PATCH", path, json={"min_length": 20, "symbol": True}))
    weak, strong = "0123 otters in a row", "four happy otters, and one more"
    world.server.secrets |= {weak, strong, "otters"}
    users = f"{MANAGEMENT}/users/{person.user_id}/password"
    refused = world.rest.send("PUT", users, json={"password": "otters-1"})
    assert refused.status_code == httpx.codes.BAD_REQUEST
    assert "otters" not in refused.text
    assert "20 to 128" in refused.text
    done(world.rest.send("PUT", users, json={"password": strong, "change_required": False}))
    assert sign_in(world, "grace", strong).is_success
    done(world.rest.send("DELETE", path))


def _fail(world: World, name: str, times: int) -> list[tuple[int, Any]]:
    return [seen(sign_in(world, name, "not this one")) for _ in range(times)]


def test_lockout_locks_a_user_and_tells_nobody(world: World) -> None:
    """Known and unknown names are answered alike at every step; whoever manages users lets the user in again."""
    person: Person = world.person("linus")
    done(world.rest.send("PATCH", f"{ADMIN}/lockout", json={"max_password_attempts": 3}))
    assert _fail(world, "linus", 3) == _fail(world, "nobody-of-that-name", 3)
    known, unknown = sign_in(world, "linus", person.password), sign_in(world, "nobody-of-that-name", "whatever")
    assert seen(known) == seen(unknown)
    user = f"{MANAGEMENT}/users/{person.user_id}"
    assert done(world.rest.send("GET", user))["status"] == "locked"
    done(world.rest.send("POST", f"{user}/unlock"))
    assert sign_in(world, "linus", person.password).is_success
    done(world.rest.send("DELETE", f"{ADMIN}/lockout"))


def test_owner_of_the_instance_is_not_locked(world: World) -> None:
    """Strangers who guess keep nobody out who has signed in from there lately."""
    done(world.rest.send("PATCH", f"{ADMIN}/lockout", json={"max_password_attempts": 2}))
    owner = world.server.administrator
    _fail(world, owner.user_name, 4)
    assert sign_in(world, owner.user_name, owner.password).is_success
    done(world.rest.send("DELETE", f"{ADMIN}/lockout"))
