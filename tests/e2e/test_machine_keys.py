"""Machine users prove who they are with keys and tokens, by Authlib's assertion client, and are heard everywhere."""

import base64
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import grpc
import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncAssertionClient, AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.e2e.authlib_party import DISCOVERY
from tests.e2e.grpc_client import Grpc, bearer
from tests.e2e.rest import MANAGEMENT, Rest, World

API = "urn:hexkeep:api"
KEYS = f"{MANAGEMENT}/machine-keys"
TOKENS = f"{MANAGEMENT}/personal-access-tokens"
ME = "/auth/v1/me"
GET_MY_USER = "hexkeep.auth.v1.UserService/GetMyUser"
KINDS: dict[str, type[ECKey | RSAKey]] = {"EC": ECKey, "RSA": RSAKey}


def machine_of(world: World, user_name: str) -> str:
    """A new machine user without any credential."""
    made = world.rest.post(f"{MANAGEMENT}/users/machine", organization_id=world.organization_id, user_name=user_name)
    return str(made["user_id"])


def key_file_of(world: World, user_id: str, **fields: object) -> dict[str, Any]:
    """The file of a new key, and a promise that its private part is told to nobody."""
    told: dict[str, Any] = json.loads(world.rest.post(KEYS, user_id=user_id, **fields)["key_file"])
    world.server.secrets.add(told["private_key"]["d"])
    return told


@asynccontextmanager
async def client_of(told: dict[str, Any], **options: Any) -> AsyncIterator[AsyncAssertionClient]:
    """Authlib's client, set up with what the key file says and nothing else."""
    usual = {
        "token_endpoint": told["token_endpoint"],
        "issuer": told["user_id"],
        "subject": told["user_id"],
        "audience": told["issuer"],
        "key": KINDS[told["private_key"]["kty"]].import_key(told["private_key"]),
        "header": {"alg": told["private_key"]["alg"], "kid": told["key_id"]},
        "scope": API,
        "trust_env": False,
    }
    async with AsyncAssertionClient(**usual | options) as client:
        yield client


@contextmanager
def calling(world: World, token: str) -> Iterator[Rest]:
    """A caller with a token."""
    world.server.secrets.add(token)
    with Rest(world.server, token) as rest:
        yield rest


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
async def test_key_file_is_all_that_a_client_needs(world: World, algorithm: str) -> None:
    """Authlib signs an assertion, gets a token for it, and calls the API as the machine."""
    user_id = machine_of(world, f"importer-{algorithm.lower()}")
    told = key_file_of(world, user_id, algorithm=algorithm)
    metadata = world.rest.send("GET", DISCOVERY).json()
    assert told["token_endpoint"] == metadata["token_endpoint"]
    assert "urn:ietf:params:oauth:grant-type:jwt-bearer" in metadata["grant_types_supported"]
    async with client_of(told) as client:
        answer = await client.get(world.server.origin + ME)
        assert answer.json()["user_id"] == user_id
        world.server.secrets.add(client.token["access_token"])


async def test_public_key_that_was_brought_verifies(world: World) -> None:
    """A machine whose private key never leaves it."""
    user_id = machine_of(world, "brings-its-own")
    own = ECKey.generate_key("P-256")
    made = world.rest.post(KEYS, user_id=user_id, public_key=own.as_pem(private=False).decode())
    assert made["key_file"] == ""
    told = {
        "issuer": world.server.origin,
        "token_endpoint": f"{world.server.origin}/oauth/token",
        "user_id": user_id,
        "key_id": made["key_id"],
        "private_key": {**own.as_dict(private=True), "alg": "ES256"},
    }
    async with client_of(told) as client:
        assert (await client.get(world.server.origin + ME)).json()["user_id"] == user_id
        world.server.secrets.add(client.token["access_token"])


async def test_token_endpoint_is_no_audience(world: World) -> None:
    """What Authlib takes for the audience by default is not accepted: the issuer is, and nothing else."""
    told = key_file_of(world, machine_of(world, "misdirected"))
    async with client_of(told, audience=told["token_endpoint"]) as client:
        with pytest.raises(OAuthError) as refused:
            await client.get(world.server.origin + ME)
    assert refused.value.error == "invalid_grant"


def assertion(told: dict[str, Any], **claims: object) -> dict[str, object]:
    """The claims of a good assertion, some of them changed."""
    now = int(time.time())
    own = {"iss": told["user_id"], "sub": told["user_id"], "aud": told["issuer"], "iat": now, "exp": now + 300}
    return {**own, "jti": f"jti-{time.monotonic_ns()}", **claims}


def part(value: object) -> str:
    """A part of a compact JWS."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def answer_to(world: World, text: str) -> tuple[int, str]:
    """Status and error of a token request with an assertion; an access token that comes of it is noted."""
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": text, "scope": API}
    with Rest(world.server) as rest:
        answer = rest.send("POST", "/oauth/token", data=form)
    world.server.secrets |= {answer.json()["access_token"]} if answer.is_success else set()
    return answer.status_code, answer.json().get("error", "")


def test_attacks_on_assertions_fail(world: World) -> None:
    """No signature, the public key as a secret, another key, used twice, for too long: all one answer."""
    user_id = machine_of(world, "attacked")
    told = key_file_of(world, user_id)
    key, kid = ECKey.import_key(told["private_key"]), {"kid": told["key_id"]}
    shown = world.rest.get(f"{KEYS}/{told['key_id']}")["public_key"]
    good = jwt.encode({"alg": "ES256", **kid}, assertion(told), key)
    unsigned = f"{part({'alg': 'none', **kid})}.{part(assertion(told))}."
    confused = jwt.encode({"alg": "HS256", **kid}, assertion(told), OctKey.import_key(shown))
    foreign = jwt.encode({"alg": "ES256", **kid}, assertion(told), ECKey.generate_key("P-256"))
    other_kind = jwt.encode({"alg": "RS256", **kid}, assertion(told), RSAKey.generate_key(2048))
    header, _, signature = good.split(".")
    swapped = f"{header}.{part(assertion(told, sub=world.ada.user_id))}.{signature}"
    too_long = jwt.encode({"alg": "ES256", **kid}, assertion(told, exp=int(time.time()) + 2 * 3600), key)
    not_once = jwt.encode({"alg": "ES256", **kid}, {**assertion(told), "jti": ""}, key)
    for text in (unsigned, confused, foreign, other_kind, swapped, too_long, not_once):
        assert answer_to(world, text) == (400, "invalid_grant"), text
    assert answer_to(world, good) == (200, "")
    assert answer_to(world, good) == (400, "invalid_grant")
    world.rest.send("DELETE", f"{KEYS}/{told['key_id']}")
    late = jwt.encode({"alg": "ES256", **kid}, assertion(told), key)
    assert answer_to(world, late) == (400, "invalid_grant")


async def test_application_authenticates_with_its_key(world: World) -> None:
    """Authlib's private_key_jwt: what would be the secret is the key from the file."""
    applications = f"{MANAGEMENT}/applications/oidc"
    settings = {"auth_method": "private_key_jwt", "grant_types": ["client_credentials"], "application_type": "web"}
    made = world.rest.post(applications, project_id=world.project_id, name="Keyed", **settings)
    assert made["client_secret"] == ""
    told = json.loads(world.rest.post(f"{MANAGEMENT}/application-keys", client_id=made["client_id"])["key_file"])
    world.server.secrets.add(told["private_key"]["d"])
    key = ECKey.import_key(told["private_key"])
    method = PrivateKeyJWT(told["issuer"], headers={"kid": told["key_id"], "alg": "ES256"}, alg="ES256")
    options = {"token_endpoint_auth_method": "private_key_jwt", "trust_env": False}
    async with AsyncOAuth2Client(told["client_id"], key, **options) as client:
        client.register_client_auth_method(method)
        token = await client.fetch_token(told["token_endpoint"], grant_type="client_credentials")
        world.server.secrets.add(token["access_token"])
        assert token["expires_in"] == 900


async def test_machines_are_heard_by_grpc_as_well(world: World) -> None:
    """By a personal access token and by the token that an assertion got; another's beginning of one is nobody."""
    user_id = machine_of(world, "by-grpc")
    personal = world.rest.post(TOKENS, user_id=user_id, name="gRPC")["token"]
    world.server.secrets.add(personal)
    async with client_of(key_file_of(world, user_id)) as client:
        await client.get(world.server.origin + ME)
        issued = client.token["access_token"]
        world.server.secrets.add(issued)
    with Grpc(world.server.grpc, authority=f"localhost:{world.server.port}") as caller:
        for token in (personal, issued):
            assert caller.call(GET_MY_USER, metadata=[bearer(token)]).fields["user_id"] == user_id
        with pytest.raises(grpc.RpcError) as refused:
            caller.call(GET_MY_USER, metadata=[bearer(f"{personal}x")])
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_machines_are_heard_by_connect_as_well(world: World) -> None:
    """JSON by POST on the main port, with the token where every surface looks for it."""
    user_id = machine_of(world, "by-connect")
    made = world.rest.post(TOKENS, user_id=user_id, name="Connect")
    with calling(world, made["token"]) as rest:
        assert rest.post(f"/{GET_MY_USER}")["user_id"] == user_id
        world.rest.send("DELETE", f"{TOKENS}/{made['token_id']}")
        refused = rest.send("POST", f"/{GET_MY_USER}", json={})
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")


def test_audit_tells_which_token_it_was(world: World) -> None:
    """The user is the actor; the token is the client, by its id and never by what is presented."""
    user_id = machine_of(world, "traced")
    place = {"user_id": user_id, "level": "organization", "scope_id": world.organization_id}
    world.rest.post(f"{MANAGEMENT}/memberships", **place, roles=["ORGANIZATION_OWNER"])
    made = world.rest.post(TOKENS, user_id=user_id, name="Traced")
    with calling(world, made["token"]) as rest:
        project = rest.post(f"{MANAGEMENT}/projects", organization_id=world.organization_id, name="Traced")
    (event,) = world.rest.get(f"/admin/v1/history/project/{project['project_id']}")["events"]
    assert (event["actor"], event["client_id"]) == (user_id, f"personal_access_token:{made['token_id']}")


def test_personal_access_token_calls_the_api(world: World) -> None:
    """Until it is deleted, as the machine, with what the machine may do; it makes no other one for itself."""
    user_id = machine_of(world, "nightly")
    made = world.rest.post(TOKENS, user_id=user_id, name="Nightly")
    with calling(world, made["token"]) as rest:
        assert rest.get(ME)["user_id"] == user_id
        (listed,) = rest.get(f"{ME}/personal-access-tokens")["tokens"]
        assert (listed["token_id"], listed["name"]) == (made["token_id"], "Nightly")
        refused = rest.send("POST", f"{ME}/personal-access-tokens", json={"name": "Another"})
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
        assert rest.send("GET", "/admin/v1/signing-keys").status_code == 403
        assert rest.send("DELETE", f"{ME}/personal-access-tokens/{made['token_id']}").is_success
        assert rest.send("GET", ME).status_code == 401


def test_personal_access_token_of_a_person_ends_with_the_person(world: World) -> None:
    """Made in a session, gone when the person is switched off."""
    grace = world.person("grace")
    with Rest(world.server) as rest:
        rest.sign_in(grace.user_name, grace.password)
        token = rest.post(f"{ME}/personal-access-tokens", name="Laptop")["token"]
    with calling(world, token) as rest:
        assert rest.get(ME)["user_id"] == grace.user_id
        world.rest.post(f"{MANAGEMENT}/users/{grace.user_id}/deactivate")
        assert rest.send("GET", ME).status_code == 401
