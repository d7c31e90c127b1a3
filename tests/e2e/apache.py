"""Apache, and with mod_auth_openidc a relying party in C that guards a page of a web server."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.rest import Credentials, World
from tests.e2e.server import HexkeepServer
from tests.ports import reserved_port, wait_until_listening

APACHE = shutil.which("apache2", path="/usr/sbin:/usr/bin")
MODULES = Path("/usr/lib/apache2/modules")
WHY_NOT = "there is no Apache with mod_auth_openidc; install the package libapache2-mod-auth-openidc"
AVAILABLE = APACHE is not None and (MODULES / "mod_auth_openidc.so").is_file()
PASSPHRASE = "what the module seals its cookies with"
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "mime", "headers", "alias")
SERVER = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
Listen 127.0.0.1:{port}
TypesConfig /dev/null
DocumentRoot {folder}/pages
AddType text/html .html
"""
CONFIGURATION = """
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client.client_id}
OIDCClientSecret {client.client_secret}
OIDCRedirectURI http://localhost:{port}/private/callback
OIDCCryptoPassphrase "{passphrase}"
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCRemoteUserClaim sub
OIDCSSLValidateServer On
{more}

<Location /private>
    AuthType openid-connect
    Require valid-user
    Header set Cache-Control "no-store"
    Header set X-Subject "%{{OIDC_CLAIM_sub}}e"
    Header set X-Mail "%{{OIDC_CLAIM_email}}e"
    Header set X-Session "%{{OIDC_CLAIM_sid}}e"
</Location>
"""


@dataclass(frozen=True, slots=True)
class Apache:
    """The relying party at work."""

    origin: str
    client: Credentials
    folder: Path

    @property
    def private(self) -> str:
        """A page that nobody sees who has not signed in."""
        return f"{self.origin}/private/index.html"

    @property
    def sign_out(self) -> str:
        """Where it signs out: its own session first, then that of its provider, then back to a public page."""
        return f"{self.origin}/private/callback?logout={self.origin}/bye.html"

    @property
    def log(self) -> str:
        """What it has complained about."""
        return (self.folder / "error.log").read_text(encoding="utf-8")


@contextmanager
def apache(world: World, server: HexkeepServer, folder: Path, more: str = "", **settings: Any) -> Iterator[Apache]:
    """Apache in front of a private page, registered as an application with these settings besides."""
    with reserved_port() as port:
        origin = f"http://localhost:{port}"
        client = world.application(
            f"{origin}/private/callback",
            post_logout_redirect_uris=[f"{origin}/bye.html"],
            client_metadata={"backchannel_logout_uri": f"{origin}/private/callback?logout=backchannel"},
            **settings,
        )
        told = CONFIGURATION.format(port=port, issuer=server.origin, client=client, passphrase=PASSPHRASE, more=more)
        with started(folder, port, "auth_openidc", told):
            yield Apache(origin, client, folder)


@contextmanager
def started(folder: Path, port: int, module: str, told: str) -> Iterator[None]:
    """Apache at that port, with a module and what it is told, in front of a private and a public page."""
    assert APACHE is not None
    pages = folder / "pages"
    (pages / "private").mkdir(parents=True)
    (pages / "private" / "index.html").write_text("<h1>Private</h1>", encoding="utf-8")
    (pages / "bye.html").write_text("<h1>Bye</h1>", encoding="utf-8")
    loads = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in (*LOADED, module))
    configuration = folder / "apache.conf"
    configuration.write_text(f"{loads}\n{SERVER.format(folder=folder, port=port)}\n{told}", encoding="utf-8")
    command = [APACHE, "-f", str(configuration), "-D", "FOREGROUND"]
    said = folder / "apache.err"
    with said.open("wb") as output, subprocess.Popen(command, stderr=output) as process:
        try:
            wait_until_listening(port, process, said.read_text)
            yield
        finally:
            process.terminate()
