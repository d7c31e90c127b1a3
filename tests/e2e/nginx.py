"""A real nginx in front of a server, with a site that the documentation shows."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.certificates import Authority
from tests.e2e.server import HexkeepServer
from tests.ports import reserved_port, wait_until_listening

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
HOST = "id.example.com"
MAIN = """
daemon off; {user} pid nginx.pid; error_log error.log;
events {{ }}
http {{
    access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    {site}
}}
"""


@contextmanager
def nginx(folder: Path, server: HexkeepServer, authority: Authority, site: str = "nginx.conf") -> Iterator[int]:
    """An nginx with a documented site on a port of its own, as long as the block lasts."""
    with reserved_port() as port, _running(folder / "nginx", port, server, authority, site):
        yield port


@contextmanager
def _running(home: Path, port: int, server: HexkeepServer, authority: Authority, site: str) -> Iterator[None]:
    home.mkdir()
    authority.issue(home / "fullchain.pem", home / "privkey.pem", HOST)
    shutil.copy(authority.certificate, home / "clients.pem")
    user = "user root;" if os.geteuid() == 0 else ""
    (home / "nginx.conf").write_text(MAIN.format(user=user, site=_site(site, home, port, server)))
    process = subprocess.Popen([str(NGINX), "-p", home, "-c", "nginx.conf", "-e", "error.log"])
    try:
        wait_until_listening(port, process, (home / "error.log").read_text)
        yield
    finally:
        process.terminate()
        process.wait()


def _site(name: str, home: Path, port: int, server: HexkeepServer) -> str:
    """The documented site with the places of this test."""
    site = (Path(__file__).parent / name).read_text()
    replaced = {
        "443": f"127.0.0.1:{port}",
        "/etc/nginx": str(home),
        "127.0.0.1:8080": f"127.0.0.1:{server.port}",
    }
    for old, new in replaced.items():
        assert old in site
        site = site.replace(old, new)
    return site.replace("127.0.0.1:9080", f"127.0.0.1:{server.grpc.partition(':')[2]}")
