"""From path and method to the function that answers, and from whatever it raises to a response."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hexkeep.adapters.asgi.errors import MethodNotAllowed
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import Response
from hexkeep.adapters.asgi.traffic import OUTCOME
from hexkeep.adapters.asgi.types import Receive, Scope, Send
from hexkeep.core.kernel.errors import HexkeepError, Internal, NotFound

LOG = logging.getLogger(__name__)

Handler = Callable[[Request], Awaitable[Response]]
Failed = Callable[[Request, HexkeepError], Response]
"""Makes the answer for an error; must not raise."""


@dataclass(frozen=True, slots=True)
class Route:
    """What a path answers, by method. With ``head`` GET answers HEAD as well, so it must not change anything."""

    handlers: Mapping[str, Handler]
    failed: Failed
    head: bool = True

    def handler(self, method: str) -> Handler:
        """The function for a method; raises ``MethodNotAllowed``."""
        wanted = "GET" if method == "HEAD" and self.head else method
        if wanted not in self.handlers:
            raise MethodNotAllowed((*self.handlers, *(["HEAD"] if self.head and "GET" in self.handlers else [])))
        return self.handlers[wanted]


class Router:
    """An ASGI application of exact paths; ``lost`` answers for all others.

    ``below`` has routes for whatever stands one segment below a path.
    """

    def __init__(
        self, routes: Mapping[str, Route], lost: Failed, below: Mapping[str, Route] = MappingProxyType({})
    ) -> None:
        self._routes = routes
        self._below = below
        self._lost = Route({}, lost)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP connection; others are none of ours."""
        if scope["type"] != "http":
            raise ValueError("This application speaks HTTP alone")
        request = Request.of(scope, receive)
        response = await self._answer(request)
        if response.outcome is not None and (state := scope.get("state")) is not None:
            state[OUTCOME] = response.outcome
        await response.send(send, silent=request.method == "HEAD")

    async def _answer(self, request: Request) -> Response:
        above, _, last = request.path.rpartition("/")
        route = self._routes.get(request.path) or (self._below.get(above) if last else None)
        if route is None:
            return self._lost.failed(request, NotFound("There is no such page"))
        try:
            return await route.handler(request.method)(request)
        except MethodNotAllowed as error:
            return route.failed(request, error).adding(("allow", error.allow))
        except HexkeepError as error:
            return route.failed(request, error)
        except Exception:
            LOG.exception("request %s: %s failed", request.id, request.path)
            return route.failed(request, Internal())
