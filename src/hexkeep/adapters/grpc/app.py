"""The server with everything that an API offers."""

from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.grpc.call import Handle
from hexkeep.adapters.grpc.core import Core
from hexkeep.adapters.grpc.endpoint import Endpoint
from hexkeep.adapters.grpc.health import SERVICE, Health, Ready
from hexkeep.adapters.grpc.reflection import Reflection
from hexkeep.adapters.grpc.server import GrpcServer
from hexkeep.adapters.grpc.settings import GrpcSettings
from hexkeep.adapters.rpc.catalog import Catalog
from hexkeep.ports.api import Api


def create_grpc_server(
    core: Core, api: Api, catalog: Catalog, settings: GrpcSettings, proxies: Proxies, ready: Ready | None = None
) -> GrpcServer:
    """A server of every operation of ``api``, which ``catalog`` lists, of health and of reflection.

    ``ready`` tells what readiness depends on.
    """
    services = (*catalog.services, SERVICE)
    methods: dict[str, Handle] = {bound.path: Endpoint(bound, api, settings).handle for bound in catalog.methods()}
    if settings.reflection:
        methods |= Reflection(services, catalog.file_descriptors()).methods
    return GrpcServer(core, methods, Health(services, ready), proxies)
