"""Apache with mod_auth_mellon: a service provider of SAML in C that guards a page of a web server."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.apache import APACHE, MODULES, started
from tests.e2e.rest import MANAGEMENT, World
from tests.ports import reserved_port
from tests.saml_parties import KeyAndCertificate

WHY_NOT = "there is no Apache with mod_auth_mellon; install the package libapache2-mod-auth-mellon"
AVAILABLE = APACHE is not None and (MODULES / "mod_auth_mellon.so").is_file()
SOAP = re.compile(r"<SingleLogoutService[^>]*bindings:SOAP[^>]*/>")
CONFIGURATION = """
<Location />
    MellonEnable "info"
    MellonEndpointPath /mellon
    MellonSPPrivateKeyFile {folder}/sp.key
    MellonSPCertFile {folder}/sp.crt
    MellonIdPMetadataFile {folder}/idp.xml
    MellonSecureCookie secure
    MellonUser NAME_ID
    MellonSetEnv UID urn:oid:0.9.2342.19200300.100.1.1
</Location>

<Location /private>
    AuthType Mellon
    MellonEnable "auth"
    Require valid-user
    Header set Cache-Control "no-store"
    Header set X-Name "%{{MELLON_NAME_ID}}e"
    Header set X-Uid "%{{MELLON_UID}}e"
</Location>
"""


@dataclass(frozen=True, slots=True)
class Mellon:
    """The service provider at work."""

    origin: str
    folder: Path

    @property
    def private(self) -> str:
        """A page that nobody sees who has not signed in."""
        return f"{self.origin}/private/index.html"

    @property
    def consumer(self) -> str:
        """Where answers come."""
        return f"{self.origin}/mellon/postResponse"

    @property
    def sign_out(self) -> str:
        """Where it asks for a logout, to come back to a public page."""
        return f"{self.origin}/mellon/logout?ReturnTo={self.origin}/bye.html"

    @property
    def log(self) -> str:
        """What it has complained about."""
        return (self.folder / "error.log").read_text(encoding="utf-8")


@contextmanager
def mellon(world: World, folder: Path, *, soap: bool = True, **options: Any) -> Iterator[Mellon]:
    """Apache in front of a private page, registered by the module's own metadata, or by these without ``soap``."""
    key = KeyAndCertificate.new()
    (folder / "sp.key").write_text(key.key, encoding="utf-8")
    (folder / "sp.crt").write_text(key.certificate, encoding="utf-8")
    with reserved_port() as port, httpx.Client(trust_env=False) as http:
        origin = f"http://localhost:{port}"
        (folder / "idp.xml").write_text(http.get(f"{world.server.origin}/saml/metadata").text, encoding="utf-8")
        with started(folder, port, "auth_mellon", CONFIGURATION.format(folder=folder)):
            metadata = http.get(f"{origin}/mellon/metadata").text
            world.rest.post(
                f"{MANAGEMENT}/applications/saml",
                project_id=world.project_id,
                name="Mellon",
                metadata_xml=metadata if soap else SOAP.sub("", metadata),
                options=options,
            )
            yield Mellon(origin, folder)
