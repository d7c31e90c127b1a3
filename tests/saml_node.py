"""A service provider on npm @node-saml/node-saml, in a process of its own that takes orders line by line."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tests.saml_parties import Fields, KeyAndCertificate, Rejected, Told

NODE = Path(__file__).parent / "e2e" / "node"
PROGRAM = Path(sys.executable).with_name("node")
AVAILABLE = (NODE / "node_modules" / "@node-saml").exists()
WHY_NOT = "run npm ci in tests/e2e/node"
CERTIFICATE = re.compile(r"X509Certificate>([A-Za-z0-9+/=]+)<")


class NodeSaml:
    """It signs and verifies everything, and speaks by redirect.

    Its metadata say that it hears of logouts by forms; it understands the redirect as well, if they are ``mended``.
    """

    def __init__(self, origin: str, process: "subprocess.Popen[str]", *, mended: bool) -> None:
        path = "/mended" if mended else "/node"
        self._mended = mended
        self.consumer, self.logout = f"{origin}{path}/acs", f"{origin}{path}/slo"
        self._entity_id = f"{origin}{path}/metadata"
        self._process = process
        self._key = KeyAndCertificate.new()
        self._metadata = ""

    @classmethod
    @contextmanager
    def running(cls, origin: str, *, mended: bool) -> Iterator[Self]:
        """The process."""
        command = [str(PROGRAM), "saml.mjs"]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, cwd=NODE, stdin=pipe, stdout=pipe, text=True) as process:
            yield cls(origin, process, mended=mended)

    def know(self, metadata: str) -> None:
        """It reads none: it is told the entity id, the places and the certificates."""
        issuer = re.search('entityID="([^"]+)"', metadata)
        assert issuer is not None
        place = issuer[1].removesuffix("/metadata")
        told = {
            "callbackUrl": self.consumer,
            "logoutCallbackUrl": self.logout,
            "issuer": self._entity_id,
            "audience": self._entity_id,
            "idpIssuer": issuer[1],
            "entryPoint": f"{place}/sso",
            "logoutUrl": f"{place}/slo",
            "idpCert": CERTIFICATE.findall(metadata)[-1],
            "privateKey": self._key.key,
            "publicCert": self._key.certificate,
            "redirected": self._mended,
        }
        made = str(self._order(configure=told)["metadata"])
        logout = re.search("<SingleLogoutService[^>]*>", made)
        assert logout is not None
        mended = logout[0].replace("HTTP-POST", "HTTP-Redirect") if self._mended else logout[0]
        self._metadata = made.replace(logout[0], mended)

    def metadata(self) -> str:
        """Its metadata."""
        return self._metadata

    def begin(self, *, relay_state: str = "", post: bool = False, **wishes: Any) -> tuple[str, Fields]:
        """By redirect."""
        return str(self._order(begin=relay_state)["url"]), {}

    def accept(self, fields: Fields) -> Told:
        """What an answer to one of its requests tells."""
        found = self._order(accept=dict(fields))
        return Told(found["nameID"], found["nameIDFormat"], found["attributes"], found["sessionIndex"])

    def sign_out(self, told: Told, *, relay_state: str = "") -> tuple[str, Fields]:
        """Of whom it has heard last."""
        return str(self._order(sign_out=relay_state)["url"]), {}

    def hear(self, url: str, fields: Fields) -> tuple[str, Fields]:
        """It responds well if it is the person and the session that it knows."""
        return str(self._order(hear={"query": urlsplit(url).query, "form": dict(fields)})["url"]), {}

    def signed_out(self, url: str, fields: Fields) -> None:
        """Take the response to its wish."""
        self._order(signed_out={"query": urlsplit(url).query, "form": dict(fields)})

    def _order(self, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise Rejected(answer["error"])
        return answer
