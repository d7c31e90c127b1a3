"""Native gRPC on the main port (`grpc.main_port`), beside everything else, with grpcio as the client."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.certificates import Authority
from tests.e2e.grpc_client import WAITING, Grpc, bearer
from tests.e2e.server import HexkeepServer, serving
from tests.unit.cli.server import TIMEOUT

pytestmark = pytest.mark.timeout(TIMEOUT)

CREATE_SESSION = "hexkeep.auth.v1.SessionService/CreateSession"
LIST_USERS = "hexkeep.management.v1.UserService/ListUsers"
SETTINGS = {"HEXKEEP_GRPC__MAIN_PORT": "true", "HEXKEEP_GRPC__ENABLED": "false"}
CALLERS, CALLS = 16, 520
"""More calls than a connection of this HTTP/2 implementation survives: 4096."""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom the clients trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module", params=["plain", "tls"])
def server(
    request: pytest.FixtureRequest, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HexkeepServer]:
    """A server with native gRPC on its main port, without and with TLS."""
    folder = tmp_path_factory.mktemp(request.param)
    settings = dict(SETTINGS)
    if request.param == "tls":
        authority.issue(folder / "certificate.pem", folder / "key.pem")
        settings |= {"HEXKEEP_SERVER__TLS_CERTIFICATE": "certificate.pem", "HEXKEEP_SERVER__TLS_KEY": "key.pem"}
    with serving(folder, settings, authority.trust if request.param == "tls" else None) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: HexkeepServer, authority: Authority) -> Iterator[Grpc]:
    """A channel to the main port, which is the only one."""
    trust = authority.certificate.read_bytes() if server.origin.startswith("https") else b""
    with Grpc(f"localhost:{server.port}", trust=trust) as client:
        yield client


@pytest.fixture(scope="module")
def token(server: HexkeepServer, client: Grpc) -> str:
    """The administrator's session token."""
    who = server.administrator
    opened = client.call(CREATE_SESSION, {"login_name": who.user_name, "password": who.password})
    token: str = opened.fields["session_token"]
    server.secrets.add(token)
    return token


def test_both_are_answered_on_one_port(server: HexkeepServer, client: Grpc, token: str) -> None:
    """REST over HTTP/1.1 and gRPC over HTTP/2 see the same."""
    users = client.call(LIST_USERS, metadata=[bearer(token)]).fields["users"]
    answer = httpx.get(
        f"{server.origin}/management/v1/users", headers={"authorization": f"Bearer {token}"}, verify=server.trust
    )
    assert [one["user_id"] for one in answer.json()["users"]] == [one["user_id"] for one in users]


def test_errors_have_code_details_and_request_id(client: Grpc) -> None:
    """As on the port of their own."""
    with pytest.raises(grpc.RpcError) as error:
        client.call(LIST_USERS, metadata=[("x-request-id", "here")])
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert "grpc-status-details-bin" in {one.key for one in error.value.trailing_metadata()}


def test_health_is_watched_until_the_end(authority: Authority, tmp_path: Path) -> None:
    """Serving, and not any more once the server is told to stop, which does not wait for watchers."""
    with serving(tmp_path, SETTINGS) as server, Grpc(f"localhost:{server.port}") as client:
        stub: Any = health_pb2_grpc.HealthStub(client.channel)
        answered = health_pb2.HealthCheckResponse
        assert stub.Check(health_pb2.HealthCheckRequest(), timeout=WAITING).status == answered.SERVING
        watched = stub.Watch(health_pb2.HealthCheckRequest(), timeout=WAITING, compression=grpc.Compression.Gzip)
        assert next(watched).status == answered.SERVING
        ending = threading.Thread(target=server.stop)
        ending.start()
        assert next(watched).status == answered.NOT_SERVING
        with pytest.raises(grpc.RpcError) as error:
            next(watched)
        assert error.value.code() is grpc.StatusCode.UNAVAILABLE
        ending.join()
        server.start()


def test_many_calls_on_one_channel_succeed(client: Grpc, token: str) -> None:
    """None fails when the connection is replaced, which happens between two of them.

    One caller in so many reads the database; to the others, who only ask whether it serves, the connection is the same.
    """
    failures: list[grpc.RpcError] = []
    made = 0
    health: Any = health_pb2_grpc.HealthStub(client.channel)

    def calls(number: int) -> None:
        nonlocal made
        for _ in range(CALLS):
            try:
                if number == 0:
                    client.call(LIST_USERS, {"limit": "1"}, metadata=[bearer(token)])
                else:
                    health.Check(health_pb2.HealthCheckRequest(), timeout=WAITING)
            except grpc.RpcError as error:
                failures.append(error)
            made += 1

    threads = [threading.Thread(target=calls, args=[number]) for number in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made > 4096
    assert not failures, failures[0]
