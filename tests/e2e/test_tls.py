"""`hexkeep serve` with a certificate of its own: clients that trust its authority, and nothing else, talk to it."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.certificates import Authority
from tests.e2e.grpc_client import WAITING, Grpc
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.unit.cli.server import TIMEOUT

pytestmark = pytest.mark.timeout(TIMEOUT)

CERTIFICATE, KEY = "certificate.pem", "key.pem"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whom clients of these tests trust."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def server(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """A server with a certificate, no proxy in front."""
    folder = tmp_path_factory.mktemp("tls")
    authority.issue(folder / CERTIFICATE, folder / KEY)
    settings = {"HEXKEEP_SERVER__TLS_CERTIFICATE": CERTIFICATE, "HEXKEEP_SERVER__TLS_KEY": KEY}
    with installed(folder, settings) as server:
        server.origin, server.trust = f"https://localhost:{server.port}", authority.trust
        server.start()
        yield server
        server.stop()
    assert_well_behaved(server)


def test_client_that_trusts_the_authority_is_served(server: HexkeepServer) -> None:
    """The origin is ``https``, and browsers are told to stay with it."""
    answer = httpx.get(f"{server.origin}/.well-known/openid-configuration", verify=server.trust)
    assert answer.json()["issuer"] == server.origin
    assert "max-age=" in answer.headers["strict-transport-security"]


def test_strangers_are_not(server: HexkeepServer) -> None:
    """A client that trusts others only refuses the certificate; one without TLS gets no answer."""
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{server.origin}/healthz", verify=ssl.create_default_context())
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://localhost:{server.port}/healthz")


def test_certificate_is_renewed_while_it_serves(server: HexkeepServer, authority: Authority) -> None:
    """The next connection sees the new certificate; one that was open goes on."""
    with httpx.Client(verify=server.trust) as before:
        assert before.get(f"{server.origin}/healthz").is_success
        first = _serial(server)
        authority.issue(server.folder / CERTIFICATE, server.folder / KEY)
        assert _serial(server) != first
        assert before.get(f"{server.origin}/healthz").is_success


def test_grpc_has_the_same_certificate(server: HexkeepServer, authority: Authority) -> None:
    """Native gRPC is served over TLS as well, and with what the files hold now."""
    trust = authority.certificate.read_bytes()
    with Grpc(server.grpc, trust=trust) as client:
        assert _serving(client)
        authority.issue(server.folder / CERTIFICATE, server.folder / KEY)
        _serial(server)
        assert _serving(client)
    with Grpc(server.grpc, trust=trust) as client:
        assert _serving(client)
    with Grpc(server.grpc) as client, pytest.raises(grpc.RpcError) as error:
        _serving(client)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE
    port = server.grpc.partition(":")[2]
    assert _serial(server, int(port)) == _serial(server)


def test_public_url_is_beside_it(authority: Authority, tmp_path: Path) -> None:
    """With an origin of its own the issuer is that, whatever the port is, and the certificate is for its host."""
    both, key = tmp_path / CERTIFICATE, tmp_path / KEY
    authority.issue(both, key)
    both.write_text(key.read_text() + both.read_text())
    key.unlink()
    settings = {
        "HEXKEEP_SERVER__TLS_CERTIFICATE": CERTIFICATE,
        "HEXKEEP_SERVER__PUBLIC_URL": "https://id.example.com",
    }
    with installed(tmp_path, settings) as server:
        server.origin, server.trust = "https://id.example.com", authority.trust
        server.ready_at = f"https://localhost:{server.port}"
        server.start()
        with httpx.Client(verify=server.trust) as client:
            answer = client.get(
                f"{server.ready_at}/.well-known/openid-configuration",
                headers={"host": "id.example.com"},
                extensions={"sni_hostname": "id.example.com"},
            )
        assert answer.json()["issuer"] == "https://id.example.com"
        server.stop()


def _serving(client: Grpc) -> bool:
    stub: Any = health_pb2_grpc.HealthStub(client.channel)
    answer = stub.Check(health_pb2.HealthCheckRequest(), timeout=WAITING)
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _serial(server: HexkeepServer, port: int = 0) -> object:
    trust = server.trust
    trust.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port or server.port)) as plain,
        trust.wrap_socket(plain, server_hostname="localhost") as connection,
    ):
        seen = connection.getpeercert()
        assert seen is not None
        return seen["serialNumber"]
