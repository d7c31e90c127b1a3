"""The ASGI application: one route per operation that has an HTTP binding, and the pages about them."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.enums import HttpMethod
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from hexkeep.adapters.asgi.errors import MethodNotAllowed
from hexkeep.adapters.asgi.problems import MEDIA_TYPE, problem_body
from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.asgi.response import NO_STORE
from hexkeep.adapters.rest.binding import Binding, bind
from hexkeep.adapters.rest.docs import docs_routes
from hexkeep.adapters.rest.endpoint import Endpoint
from hexkeep.adapters.rest.entry import CALL_ID, HEADERS, Entry
from hexkeep.adapters.rest.health import Notes, Ready, health_routes
from hexkeep.adapters.rest.metrics import Metrics, metrics_routes
from hexkeep.adapters.rest.reply import Reply
from hexkeep.adapters.rest.settings import RestSettings
from hexkeep.core.kernel.errors import HexkeepError, Internal, InvalidInput, NotFound
from hexkeep.ports.api import Api

LOG = logging.getLogger(__name__)

LitestarRequest = Request[Any, Any, State]


def create_rest_app(
    api: Api,
    settings: RestSettings | None = None,
    *,
    ready: Ready | None = None,
    notes: Notes | None = None,
    metrics: Metrics | None = None,
) -> ASGIApp:
    """REST for every operation of ``api`` with an HTTP binding, ``/openapi.json``, ``/docs`` and the health probes.

    ``ready`` tells what readiness depends on, ``notes`` what is shown beside it, ``metrics`` what monitoring scrapes.
    Raises ``ValueError`` for a binding
    that has no route. Whatever passes requests on to this application leaves ``path`` and ``raw_path`` of the ASGI
    scope as they came.
    """
    chosen = settings or RestSettings()
    bindings = [bind(operation, operation.http) for operation in api.operations() if operation.http is not None]
    app = Litestar(
        [
            *_routes(bindings, api, chosen),
            *docs_routes(bindings),
            *health_routes(ready, notes),
            *metrics_routes(metrics),
        ],
        openapi_config=None,
        logging_config=None,
        debug=False,
        pdb_on_exception=False,
        exception_handlers={Exception: _failed},
    )
    return Entry(app)


Endpoints = Mapping[str, Mapping[str, Endpoint]]
"""By path and by method."""


def _routes(bindings: Sequence[Binding], api: Api, settings: RestSettings) -> list[HTTPRouteHandler]:
    """One handler for all paths with the same methods: Litestar takes milliseconds to register each.

    No path has two, for Litestar works out what OPTIONS tells of it when its first one is registered.
    """
    proxies = Proxies(settings.trusted_proxies, settings.forwarding)
    by_path: dict[str, dict[str, Endpoint]] = {}
    for binding in bindings:
        by_path.setdefault(binding.http.path, {})[binding.http.method] = Endpoint(binding, api, settings, proxies)
    routes = {binding.http.path: binding.route for binding in bindings}
    alike: dict[frozenset[str], list[str]] = {}
    for path, endpoints in by_path.items():
        alike.setdefault(frozenset(endpoints), []).append(routes[path])
    return [_route(paths, sorted(methods), by_path) for methods, paths in alike.items()]


def _route(paths: Sequence[str], methods: Sequence[str], endpoints: Endpoints) -> HTTPRouteHandler:
    async def handle(request: LitestarRequest) -> Reply:
        scope = request.scope
        state = scope["state"]
        endpoint = endpoints[scope["path_template"]][scope["method"]]
        return await endpoint.answer(scope, request.receive, state[HEADERS], state[CALL_ID])

    # The status here is only what Litestar wants to see at registration; the response brings its own.
    return HTTPRouteHandler(paths, http_method=[HttpMethod(name) for name in methods], status_code=200)(handle)


def _failed(request: LitestarRequest, error: Exception) -> Response[bytes]:
    """The answer where routing itself fails, or a page about the operations does."""
    call = request.scope["state"][CALL_ID]
    shown = _translated(error)
    headers = dict([NO_STORE])
    if isinstance(shown, MethodNotAllowed):
        headers["allow"] = shown.allow
    if isinstance(shown, Internal):
        LOG.error("request %s failed", call, exc_info=error)
    return Response(problem_body(shown, call), status_code=shown.status, media_type=MEDIA_TYPE, headers=headers)


def _translated(error: Exception) -> HexkeepError:
    match error:
        case HexkeepError():
            return error
        case NotFoundException():
            return NotFound("There is no such path")
        case MethodNotAllowedException(headers=headers):
            allowed = (headers or {}).get("allow", "").split(", ")
            return MethodNotAllowed((*allowed, *(["HEAD"] if "GET" in allowed else [])))
        case HTTPException(status_code=status) if status < Internal.status:
            return InvalidInput("The request is malformed")
        case _:
            return Internal()
