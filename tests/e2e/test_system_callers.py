"""The System API from elsewhere: callers whose keys are in the settings, the command line, and forged tokens."""

import base64
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.e2e.grpc_client import Grpc, bearer
from tests.e2e.rest import Rest
from tests.e2e.server import HexkeepServer, serving

PATH = "/system/v1/instances"
SERVICE = "hexkeep.system.v1.InstanceService"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key pairs of two callers, one made as the guide says."""
    folder = tmp_path_factory.mktemp("keys")
    for words in (
        "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ops.pem",
        "pkey -in ops.pem -pubout -out ops.pub",
    ):
        subprocess.run(["openssl", *words.split()], cwd=folder, check=True, capture_output=True)
    audit = RSAKey.generate_key(2048)
    (folder / "audit.json").write_text(json.dumps(audit.as_dict(private=True)))
    (folder / "audit.pub").write_text(json.dumps(audit.as_dict(private=False)))
    return folder


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, keys: Path) -> Iterator[HexkeepServer]:
    """A server that knows both, one of which may only look."""
    callers = {
        "ops": {"public_key_file": str(keys / "ops.pub")},
        "audit": {"public_key": (keys / "audit.pub").read_text(), "permissions": ["system.instance.read"]},
    }
    with serving(tmp_path_factory.mktemp("system"), {"HEXKEEP_SYSTEM__CALLERS": json.dumps(callers)}) as server:
        yield server


def token_of(server: HexkeepServer, keys: Path, name: str, file: str, *options: str) -> str:
    """What `hexkeep system-token` signs."""
    words = ("system-token", name, "--key", str(keys / file), "--server", server.origin)
    text = server.command(*words, *options).strip()
    server.secrets.add(text)
    return text


def listing(server: HexkeepServer, token: str, method: str = "GET", path: str = PATH) -> int:
    """The status of a call of the System API."""
    with Rest(server, token) as rest:
        return rest.send(method, path, **({"json": {}} if method == "POST" else {})).status_code


def test_command_line_makes_an_instance_from_elsewhere(server: HexkeepServer, keys: Path, tmp_path: Path) -> None:
    """With a token, a server's URL, and nothing of the server's own settings."""
    fields = {
        "name": "Other",
        "origin": "http://other.localhost",
        "organization_name": "Others",
        "user_name": "warden",
        "given_name": "Wanda",
        "family_name": "Warden",
        "email": "warden@example.com",
        "password": "violet-harbour-lantern-7",
    }
    server.secrets.add(fields["password"])
    elsewhere = {
        "HEXKEEP_DATA__FOLDER": str(tmp_path / "elsewhere"),
        "HEXKEEP_SYSTEM__CALLERS": "{}",
        "HEXKEEP_TOKEN": token_of(server, keys, "ops", "ops.pem"),
    }
    words = [f"{name}={value}" for name, value in fields.items()]
    made = json.loads(server.command("call", "--server", server.origin, "CreateInstance", *words, settings=elsewhere))
    listed = json.loads(server.command("call", "--server", server.origin, "ListInstances", settings=elsewhere))
    assert made["instance_id"] in {one["instance_id"] for one in listed["instances"]}


def test_what_a_caller_may_do_is_in_the_settings(server: HexkeepServer, keys: Path) -> None:
    """The one may look and not touch."""
    token = token_of(server, keys, "audit", "audit.json")
    assert listing(server, token) == 200
    assert listing(server, token, "POST", f"{PATH}/none/deactivate") == 403
    assert listing(server, token_of(server, keys, "ops", "ops.pem"), "POST", f"{PATH}/none/deactivate") == 404


def test_token_for_one_call_is_good_for_one(server: HexkeepServer, keys: Path) -> None:
    """As its id says."""
    token = token_of(server, keys, "ops", "ops.pem", "--once")
    assert [listing(server, token), listing(server, token)] == [200, 401]


def test_caller_is_heard_by_grpc_as_well(server: HexkeepServer, keys: Path) -> None:
    """And bound by the settings as well."""
    token = token_of(server, keys, "audit", "audit.json")
    with Grpc(server.grpc, authority=f"localhost:{server.port}") as client:
        assert client.call(f"{SERVICE}/ListInstances", metadata=[bearer(token)]).fields["instances"]
        with pytest.raises(grpc.RpcError) as refused:
            client.call(f"{SERVICE}/DeactivateInstance", {"instance_id": "none"}, metadata=[bearer(token)])
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


def part(value: object) -> str:
    """A part of a compact JWS."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_forged_tokens_open_nothing(server: HexkeepServer, keys: Path) -> None:
    """Another audience, over, too long, another's key, another algorithm, no signature: all one answer."""
    now = int(time.time())
    good = {"iss": "ops", "sub": "ops", "aud": server.origin, "iat": now, "exp": now + 300}
    key, foreign = ECKey.import_key((keys / "ops.pem").read_text()), ECKey.generate_key("P-256")
    audit = RSAKey.import_key(json.loads((keys / "audit.json").read_text()))
    head = {"alg": "ES256"}
    assert listing(server, jwt.encode(head, good, key)) == 200
    forged = {
        "audience": jwt.encode(head, {**good, "aud": "http://other.localhost"}, key),
        "audiences": jwt.encode(head, {**good, "aud": [server.origin]}, key),
        "over": jwt.encode(head, {**good, "exp": now - 1}, key),
        "too long": jwt.encode(head, {**good, "exp": now + 7200}, key),
        "foreign": jwt.encode(head, good, foreign),
        "another's": jwt.encode({"alg": "RS256"}, good, audit),
        "for another": jwt.encode(head, {**good, "iss": "audit", "sub": "audit"}, key),
        "confused": jwt.encode({"alg": "HS256"}, good, OctKey.import_key(part((keys / "ops.pub").read_text()))),
        "unsigned": f"{part({'alg': 'none'})}.{part(good)}.",
        "critical": f"{part({**head, 'crit': ['x'], 'x': 1})}.{part(good)}.AAAA",
    }
    assert {what: listing(server, text) for what, text in forged.items()} == dict.fromkeys(forged, 401)


def test_the_two_worlds_do_not_meet(server: HexkeepServer, keys: Path) -> None:
    """No user calls the System API, whatever roles the user has; no caller of it is anybody in an instance."""
    with Rest(server) as rest:
        session = rest.sign_in(server.administrator.user_name, server.administrator.password)
        personal = rest.post("/auth/v1/me/personal-access-tokens", name="Mine")["token"]
        server.secrets.add(personal)
        refused = rest.send("GET", PATH)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    assert [listing(server, one) for one in (session, personal, "")] == [401, 401, 401]
    token = token_of(server, keys, "ops", "ops.pem")
    for path in ("/auth/v1/me", "/management/v1/users", "/admin/v1/instance"):
        assert listing(server, token, path=path) == 401
