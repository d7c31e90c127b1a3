"""Clients with certificates behind a real nginx that ends TLS, with the configuration that the documentation shows."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc.jwk import ECKey

from tests.certificates import Authority
from tests.e2e.nginx import HOST, NGINX, nginx
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.unit.cli.server import TIMEOUT

pytestmark = [
    pytest.mark.timeout(TIMEOUT),
    pytest.mark.skipif(NGINX is None, reason="there is no nginx; install the package of that name"),
]


@dataclass(frozen=True, slots=True)
class Site:
    """A server, the proxy in front of it, and the authority whose certificates the proxy verifies."""

    server: HexkeepServer
    port: int
    authority: Authority
    folder: Path

    def client(self, name: str = "") -> httpx.Client:
        """Somebody with a certificate of the authority, or without any."""
        trust = self.authority.trust
        if name:
            trust.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return httpx.Client(
            base_url=f"https://localhost:{self.port}", headers={"host": HOST}, verify=trust, trust_env=False
        )

    def token(self, client_id: str, name: str = "", **headers: str) -> httpx.Response:
        """The client credentials grant of a client that shows a certificate, or none."""
        form = {"grant_type": "client_credentials", "client_id": client_id}
        with self.client(name) as client:
            return client.post("/oauth/token", data=form, headers=headers)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that believes its proxy's word on certificates, and the proxy."""
    folder = tmp_path_factory.mktemp("mtls")
    authority = Authority(folder)
    for name in ("robot", "other"):
        authority.issue(folder / f"{name}.pem", folder / f"{name}.key", name)
    settings = {
        "HEXKEEP_SERVER__PUBLIC_URL": f"https://{HOST}",
        "HEXKEEP_HTTP__TRUSTED_PROXIES": "127.0.0.1/32",
        "HEXKEEP_HTTP__CLIENT_CERTIFICATES": "verified",
    }
    with installed(folder, settings) as server:
        server.ready_at, server.origin = server.origin, f"https://{HOST}"
        server.start()
        with nginx(folder, server, authority, "nginx-mtls.conf") as port:
            yield Site(server, port, authority, folder)
        server.stop()
    assert_well_behaved(server)


@pytest.fixture(scope="module")
def clients(site: Site) -> dict[str, str]:
    """Two applications: one known by its certificate's subject, one by its certificate's key."""
    who = site.server.administrator
    key = ECKey.import_key((site.folder / "robot.key").read_text()).as_dict(private=False)
    registered = {
        "tls_client_auth": {
            "tls_client_auth_subject_dn": "CN=Robot",
            "tls_client_certificate_bound_access_tokens": True,
        },
        "self_signed_tls_client_auth": {"jwks": json.dumps({"keys": [key]})},
    }
    with site.client() as http:
        login = {"login_name": who.user_name, "password": who.password}
        token = http.post("/auth/v1/sessions", json=login).json()["session_token"]
        site.server.secrets.add(token)
        http.headers["authorization"] = f"Bearer {token}"
        place = {"organization_id": http.get("/auth/v1/me").json()["organization_id"]}
        shop = http.post("/management/v1/projects", json={**place, "name": "Shop"}).json()["project_id"]
        usual = {"project_id": shop, "application_type": "web", "grant_types": ["client_credentials"]}
        made: dict[str, str] = {}
        for method, metadata in registered.items():
            asked = {**usual, "name": method, "auth_method": method, "client_metadata": metadata}
            answer = http.post("/management/v1/applications/oidc", json=asked)
            assert answer.status_code == 201, answer.text
            made[method] = answer.json()["client_id"]
    return made


@pytest.mark.parametrize("method", ["tls_client_auth", "self_signed_tls_client_auth"])
def test_certificate_authenticates_its_own_client_alone(site: Site, clients: dict[str, str], method: str) -> None:
    """RFC 8705 section 2: by subject, or by key; without a certificate, or with another's, nobody is let in."""
    assert site.token(clients[method], "robot").status_code == 200
    for name in ("", "other"):
        refused = site.token(clients[method], name)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def test_header_of_the_client_itself_is_nothing(site: Site, clients: dict[str, str]) -> None:
    """RFC 9440 section 4: the proxy replaces what a client says of its certificate, whichever form it uses."""
    pem = (site.folder / "robot.pem").read_text()
    der = base64.b64encode(x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)).decode()
    for value in (f":{der}:", quote(pem)):
        for client_id in clients.values():
            assert site.token(client_id, **{"client-cert": value}).status_code == 401
            assert site.token(client_id, "other", **{"client-cert": value}).status_code == 401


def test_token_is_bound_to_the_certificate(site: Site, clients: dict[str, str]) -> None:
    """RFC 8705 section 3.1: the token names the certificate, as the proxy passed it on."""
    token = site.token(clients["tls_client_auth"], "robot").json()["access_token"]
    site.server.secrets.add(token)
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    certificate = x509.load_pem_x509_certificate((site.folder / "robot.pem").read_bytes())
    digest = hashlib.sha256(certificate.public_bytes(Encoding.DER)).digest()
    assert claims["cnf"] == {"x5t#S256": base64.urlsafe_b64encode(digest).decode().rstrip("=")}


def test_discovery_tells_that_certificates_are_believed(site: Site) -> None:
    """RFC 8705 section 3.3: where a proxy is said to pass verified certificates, both methods are there."""
    with site.client() as http:
        document = http.get("/.well-known/openid-configuration").json()
    assert {"tls_client_auth", "self_signed_tls_client_auth"} <= set(document["token_endpoint_auth_methods_supported"])
