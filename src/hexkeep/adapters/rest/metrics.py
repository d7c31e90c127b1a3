"""The page that a monitoring system scrapes."""

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from litestar import Request
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from hexkeep.adapters.asgi.proxies import RELAYED, is_relayed
from hexkeep.adapters.asgi.response import NO_STORE
from hexkeep.adapters.rest.entry import HEADERS
from hexkeep.adapters.rest.reply import Reply
from hexkeep.core.kernel.errors import PermissionDenied, Unauthenticated

SCHEME = "bearer "


@dataclass(frozen=True, slots=True)
class Metrics:
    """What ``/metrics`` shows, and to whom: the bearer of ``token``, or without one callers on this machine alone.

    What a proxy on this machine passes on does not come from this machine.
    """

    text: Callable[[], Awaitable[bytes]]
    media_type: str
    token: str = field(default="", repr=False)


def metrics_routes(metrics: Metrics | None) -> list[HTTPRouteHandler]:
    """``/metrics``, if there is something to show."""
    if metrics is None:
        return []
    shown = metrics

    async def scrape(request: Request[Any, Any, State]) -> Reply:
        _admit(shown.token, request)
        return Reply(200, await shown.text(), shown.media_type, [NO_STORE])

    return [HTTPRouteHandler("/metrics", http_method="GET", status_code=200)(scrape)]


def _admit(token: str, request: Request[Any, Any, State]) -> None:
    if token:
        given = request.headers.get("authorization", "")
        presented = given[len(SCHEME) :] if given.lower().startswith(SCHEME) else ""
        if not hmac.compare_digest(presented.encode(), token.encode()):
            raise Unauthenticated
    elif not _is_here(request.client.host if request.client else "") or _is_relayed(request):
        raise PermissionDenied("Metrics are shown on this machine alone, or to who presents metrics.token")


def _is_relayed(request: Request[Any, Any, State]) -> bool:
    state = request.scope["state"]
    return bool(state.get(RELAYED)) or is_relayed(state[HEADERS])


def _is_here(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
