"""Everything through a real nginx, with the configuration that the documentation shows."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import grpc
import httpx
import pytest

from tests.certificates import Authority
from tests.e2e.grpc_client import Grpc, bearer
from tests.e2e.server import HexkeepServer, assert_well_behaved, free_port, installed
from tests.unit.cli.server import TIMEOUT

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")

pytestmark = [
    pytest.mark.timeout(TIMEOUT),
    pytest.mark.skipif(NGINX is None, reason="there is no nginx; install the package of that name"),
]

HOST = "id.example.com"
CREATE_SESSION = "hexkeep.auth.v1.SessionService/CreateSession"
LIST_USERS = "hexkeep.management.v1.UserService/ListUsers"
MAIN = """
daemon off; {user} pid nginx.pid; error_log error.log;
events {{ }}
http {{
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {site}
}}
"""


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
        with _nginx(folder, server, authority) as port:
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


@contextmanager
def _nginx(folder: Path, server: HexkeepServer, authority: Authority) -> Iterator[int]:
    """An nginx with the documented site on a free port, as long as the block lasts."""
    home, port = folder / "nginx", free_port()
    home.mkdir()
    authority.issue(home / "fullchain.pem", home / "privkey.pem", HOST)
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(MAIN.format(user=user, site=_site(home, port, server)))
    process = subprocess.Popen([str(NGINX), "-p", home, "-c", "nginx.conf", "-e", "error.log"])
    try:
        while not _listens(port):
            assert process.poll() is None, (home / "error.log").read_text()
            Event().wait(0.01)
        yield port
    finally:
        process.terminate()
        process.wait()


def _site(home: Path, port: int, server: HexkeepServer) -> str:
    """The documented site with the places of this test."""
    site = (Path(__file__).parent / "nginx.conf").read_text()
    replaced = {
        "443": f"127.0.0.1:{port}",
        "/etc/nginx": str(home),
        "127.0.0.1:8080": f"127.0.0.1:{server.port}",
        "127.0.0.1:9080": f"127.0.0.1:{server.grpc.partition(':')[2]}",
    }
    for old, new in replaced.items():
        assert old in site
        site = site.replace(old, new)
    return site


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
