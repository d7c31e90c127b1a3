"""Everything through a real nginx, with the configuration that the documentation shows."""

from collections.abc import Iterator
from dataclasses import dataclass

import grpc
import httpx
import pytest

from tests.certificates import Authority
from tests.e2e.grpc_client import Grpc, bearer
from tests.e2e.nginx import HOST, NGINX, nginx
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.unit.cli.server import TIMEOUT

pytestmark = [
    pytest.mark.timeout(TIMEOUT),
    pytest.mark.skipif(NGINX is None, reason="there is no nginx; install the package of that name"),
]

CREATE_SESSION = "hexkeep.auth.v1.SessionService/CreateSession"
LIST_USERS = "hexkeep.management.v1.UserService/ListUsers"


@dataclass(frozen=True, slots=True)
class Site:
    """A server, the proxy in front of it, and whom its clients trust."""

    server: HexkeepServer
    port: int
    authority: Authority

    def grpc(self) -> Grpc:
        """A client of the proxy's port that asks for the public host."""
        options = [("grpc.ssl_target_name_override", HOST)]
        trust = self.authority.certificate.read_bytes()
        return Grpc(f"localhost:{self.port}", trust=trust, authority=HOST, options=options)

    def http(self) -> httpx.Client:
        """The same for HTTP/1.1; names are resolved to this machine."""
        return httpx.Client(
            base_url=f"https://localhost:{self.port}", headers={"host": HOST}, verify=self.authority.trust
        )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that trusts its proxy, and the proxy."""
    folder = tmp_path_factory.mktemp("proxied")
    authority = Authority(folder)
    settings = {"HEXKEEP_SERVER__PUBLIC_URL": f"https://{HOST}", "HEXKEEP_HTTP__TRUSTED_PROXIES": "127.0.0.1/32"}
    with installed(folder, settings) as server:
        server.ready_at, server.origin = server.origin, f"https://{HOST}"
        server.start()
        with nginx(folder, server, authority) as port:
            yield Site(server, port, authority)
        server.stop()
    assert_well_behaved(server)


@pytest.fixture(scope="module")
def token(site: Site) -> str:
    """The administrator's session token, by gRPC through the proxy."""
    who = site.server.administrator
    with site.grpc() as client:
        opened = client.call(CREATE_SESSION, {"login_name": who.user_name, "password": who.password})
    token: str = opened.fields["session_token"]
    site.server.secrets.add(token)
    return token


def test_grpc_reaches_its_port(site: Site, token: str) -> None:
    """Calls, reflection and errors with their details; the client is the proxy's, as the proxy says."""
    with site.grpc() as client:
        metadata = [bearer(token), ("x-request-id", "proxied"), ("x-forwarded-for", "203.0.113.66")]
        assert client.call(LIST_USERS, metadata=metadata).fields["users"]
        with pytest.raises(grpc.RpcError) as error:
            client.call(LIST_USERS)
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert "grpc-status-details-bin" in {one.key for one in error.value.trailing_metadata()}
    record = site.server.call("proxied")
    assert record["client_address"] == "127.0.0.1"


def test_stream_comes_as_it_happens(site: Site, token: str) -> None:
    """The first answer is there while the stream is open; leaving it ends it on the server."""
    with site.grpc() as client:
        stream = client.stream("hexkeep.admin.v1.HistoryService/WatchEvents", metadata=[bearer(token)])
        assert next(stream).next_cursor
        stream.cancel()


def test_rest_and_grpc_web_reach_the_main_port(site: Site, token: str) -> None:
    """On the same paths, told apart by their media types; the origin is the public one."""
    authorization = {"authorization": f"Bearer {token}"}
    with site.http() as client:
        discovery = client.get("/.well-known/openid-configuration").json()
        assert discovery["issuer"] == f"https://{HOST}"
        assert client.get("/management/v1/users", headers=authorization).json()["users"]
        connect = client.post(f"/{LIST_USERS}", json={}, headers=authorization)
        assert connect.json()["users"]
        web = client.post(
            f"/{LIST_USERS}", content=bytes(5), headers={**authorization, "content-type": "application/grpc-web+proto"}
        )
        assert web.headers["content-type"].startswith("application/grpc-web")
        assert b"grpc-status:0" in web.content.replace(b" ", b"").lower()
