"""A forum that is a provider of DiscourseConnect, on real sockets, with one member: as a browser finds it."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.fakes.web_server import answer

MEMBER = {
    "external_id": "17",
    "username": "ada_l",
    "name": "Ada Lovelace",
    "email": "ada@example.net",
    "admin": "false",
    "moderator": "false",
    "groups": "trust_level_0,staff",
}


@dataclass
class Forum:
    """It knows one site by host and ``secret``; whoever has its cookie is its member, who is asked to sign in else."""

    host: str
    secret: str
    member: dict[str, str] = field(default_factory=lambda: dict(MEMBER))
    origin: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            writer.write(self._answered(head.split(" ")[1], "_t=member" in head))
            await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    def _answered(self, target: str, known: bool) -> bytes:  # noqa: FBT001 - of the request
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/login":
            return answer(b"", "302 Found", "set-cookie: _t=member; Path=/; HttpOnly", f"location: {query['next']}")
        if parts.path != "/session/sso_provider":
            return answer(b"", "404 Not Found")
        asked = self._asked(query)
        if asked is None:
            return answer(b"", "422 Unprocessable Content")
        if asked.get("logout") == "true":
            return answer(
                b"", "302 Found", "set-cookie: _t=; Path=/; Max-Age=0", f"location: {asked['return_sso_url']}"
            )
        if not known:
            link = f'<h1>Forum</h1><a href="/login?{urlencode({"next": target})}">Log in</a>'
            return answer(link.encode(), "200 OK", "content-type: text/html")
        payload = base64.b64encode(urlencode({**asked, **self.member}).encode()).decode()
        joint = "&" if "?" in asked["return_sso_url"] else "?"
        back = f"{asked['return_sso_url']}{joint}{urlencode({'sso': payload, 'sig': self._mac(payload)})}"
        return answer(b"", "302 Found", f"location: {back}")

    def _asked(self, query: Mapping[str, str]) -> dict[str, str] | None:
        """What a site that it knows has signed."""
        asked = {name: values[0] for name, values in parse_qs(base64.b64decode(query["sso"]).decode()).items()}
        known = urlsplit(asked.get("return_sso_url", "")).hostname == self.host
        return asked if known and hmac.compare_digest(self._mac(query["sso"]), query["sig"]) else None

    def _mac(self, payload: str) -> str:
        return hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()


@asynccontextmanager
async def forum(host: str, secret: str) -> AsyncIterator[Forum]:
    """One that runs, under a number."""
    made = Forum(host, secret)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield made
    finally:
        server.close()
