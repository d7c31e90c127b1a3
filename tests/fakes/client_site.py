"""A client's own site for tests: real TLS on the loopback, under a name, and the way out of ours that leads there."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from hexkeep.adapters.outbound.settings import OutboundSettings
from tests.fakes.name_server import name_server
from tests.fakes.web_server import WebServer, certified, web_server

HOST = "client.example"


@dataclass
class ClientSite:
    """What it answers, and settings by which our outbound port finds and trusts it."""

    server: WebServer
    outbound: OutboundSettings

    def url(self, path: str) -> str:
        """An address there."""
        return f"https://{HOST}:{self.server.port}{path}"


@asynccontextmanager
async def client_site(folder: Path, **answers: bytes) -> AsyncIterator[ClientSite]:
    """One that runs; ``answers`` are whole responses by the name of the path."""
    certificate, tls = certified(HOST, folder)
    by_path = {f"/{name}": response for name, response in answers.items()}
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as names, web_server(by_path, tls) as server:
        settings = OutboundSettings(
            private_networks=True, nameservers=(names.address,), certificates=str(certificate), lookup_seconds=0.5
        )
        yield ClientSite(server, settings)


def picture(kind: str = "PNG", size: tuple[int, int] = (320, 160), *, frames: int = 1) -> bytes:
    """A picture in one colour, or one that moves."""
    target = io.BytesIO()
    first, *others = (Image.new("RGB", size, (20 * number, 90, 160)) for number in range(frames))
    more = {"save_all": True, "append_images": others} if others else {}
    first.save(target, kind, **more)
    return target.getvalue()
