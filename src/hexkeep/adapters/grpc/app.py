"""The server with everything that an API offers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.asgi.traffic import Traffic
from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.adapters.grpc.call import Handle
from hexkeep.adapters.grpc.core import Core
from hexkeep.adapters.grpc.endpoint import Endpoint
from hexkeep.adapters.grpc.health import SERVICE, Health, Ready
from hexkeep.adapters.grpc.over_http import OverHttp
from hexkeep.adapters.grpc.reflection import Reflection
from hexkeep.adapters.grpc.server import GrpcServer
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.ports.api import Api


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where calls come from, who counts them, and what readiness depends on."""

    proxies: Proxies = field(default_factory=Proxies)
    traffic: Traffic = field(default_factory=Traffic)
    ready: Ready | None = None


def create_grpc_server(
    core: Core, api: Api, catalog: Catalog, settings: GrpcSettings, around: Surroundings
) -> GrpcServer:
    """A server of every operation of ``api``, which ``catalog`` lists, of health and of reflection."""
    methods = {bound.path: Endpoint(bound, api, settings).handle for bound in catalog.methods()}
    health = health_of(catalog, around.ready)
    return GrpcServer(core, {**methods, **_about(catalog, settings, health)}, health, around.proxies, around.traffic)


def create_grpc_over_http(catalog: Catalog, settings: GrpcSettings, health: Health) -> Mapping[str, ASGIApp]:
    """Health and reflection for a port that others serve HTTP/2 on, by the first segment of the path."""
    methods = _about(catalog, settings, health)
    return {path.split("/")[1]: OverHttp(methods) for path in methods}


def health_of(catalog: Catalog, ready: Ready | None) -> Health:
    """The health of all services."""
    return Health((*catalog.services, SERVICE), ready)


def _about(catalog: Catalog, settings: GrpcSettings, health: Health) -> Mapping[str, Handle]:
    """What tells of the server itself."""
    if not settings.reflection:
        return health.methods
    return {**health.methods, **Reflection((*catalog.services, SERVICE), catalog.file_descriptors()).methods}
