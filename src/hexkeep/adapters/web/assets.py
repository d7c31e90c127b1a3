"""Style sheet and pictures, under names that change with their content, so that browsers may keep them for ever."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.router import Failed, Handler, Route

PREFIX = "/ui/static/"
STYLE, LOGO = "style.css", "hexagon.svg"
MEDIA_TYPES = {STYLE: "text/css; charset=utf-8", LOGO: "image/svg+xml"}
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of this package and the path it is served at."""

    path: str
    content: bytes
    media_type: str

    @classmethod
    def load(cls, name: str) -> "Asset":
        """A file of ``static``."""
        content = resources.files("hexkeep.adapters.web").joinpath("static", name).read_bytes()
        digest = hashlib.sha256(content).hexdigest()[:16]
        return cls(f"{PREFIX}{digest}.{name.rpartition('.')[2]}", content, MEDIA_TYPES[name])

    def handler(self) -> Handler:
        """Answers with the file."""
        headers = (("content-type", self.media_type), ("cache-control", FOREVER), ("x-content-type-options", "nosniff"))
        response = Response(200, headers, self.content)

        async def answer(_: Request) -> Response:
            return response

        return answer


def load_assets() -> Mapping[str, Asset]:
    """All of them by file name."""
    return {name: Asset.load(name) for name in MEDIA_TYPES}


def asset_routes(assets: Mapping[str, Asset], failed: Failed) -> dict[str, Route]:
    """A route for each."""
    return {asset.path: Route({"GET": asset.handler()}, failed) for asset in assets.values()}
