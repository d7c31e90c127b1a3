"""Native gRPC beside the HTTP server: bound with it, serving and stopping with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.server import Stop, listen_on, missing
from hexkeep.bootstrap.settings import Settings
from hexkeep.bootstrap.tls import HTTP_2, Certificate

if TYPE_CHECKING:
    import grpc

    from hexkeep.adapters.grpc.core import Core

SETTING = "grpc.port"


@asynccontextmanager
async def grpc_core(settings: Settings) -> AsyncIterator["Core | None"]:
    """A bound port, if there is to be one; raises ``ConfigurationError`` when it cannot be had.

    ``settings`` are as they were given: the port is chosen by the main port's.
    """
    chosen = settings.grpc
    if not chosen.enabled:
        yield None
        return
    try:
        from hexkeep.adapters.grpc.core import Core
        from hexkeep.adapters.grpc.options import core_options
    except ImportError as error:
        raise missing(error) from error
    host, port = chosen.host or settings.server.host, chosen.port_beside(settings.server.port)
    listen_on(host, port, SETTING).close()  # which tells why, if it cannot be had; the core does not
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        core = Core(address, core_options(chosen), _credentials(settings), chosen.calls)
    except OSError as error:
        raise ConfigurationError(Problem(str(error), SETTING)) from error
    try:
        yield core
    finally:
        await core.stop(0)


@asynccontextmanager
async def serving_grpc(core: "Core | None", embedded: Embedded, stop: Stop) -> AsyncIterator[None]:
    """Answer calls; in the end let those in flight finish as long as HTTP requests may take."""
    if core is None:
        yield
        return
    from hexkeep.adapters.grpc.app import Surroundings, create_grpc_server

    settings = embedded.program.settings
    proxies = Proxies(settings.http.trusted_proxies, settings.http.forwarding)
    around = Surroundings(proxies, embedded.traffic, embedded.ready)
    server = create_grpc_server(core, embedded.api, embedded.catalog, settings.grpc, around)
    server.start()
    patience = settings.server.shutdown.total_seconds()
    ending: list[asyncio.Task[None]] = []
    stop.listen(lambda: ending.append(asyncio.create_task(server.stop(patience))))
    try:
        yield
    finally:
        await (ending[0] if ending else server.stop(patience))


def grpc_certificate(settings: Settings) -> Certificate | None:
    """The certificate of gRPC's port, if it has one; raises ``ConfigurationError`` when it cannot be used."""
    own = settings.grpc.tls_certificate is not None
    chosen = settings.grpc if own else settings.server
    if chosen.tls_certificate is None or not settings.grpc.enabled:
        return None
    name = "grpc" if own else "server"
    return Certificate(chosen.tls_certificate, chosen.tls_key or chosen.tls_certificate, (HTTP_2,), name)


def _credentials(settings: Settings) -> "grpc.ServerCredentials | None":
    """What proves who the server is, renewed when its files are."""
    import grpc

    served = grpc_certificate(settings)
    if served is None:
        return None

    def configuration() -> grpc.ServerCertificateConfiguration:
        chain, private = served.pem
        return grpc.ssl_server_certificate_configuration([(private, chain)])

    def renewed() -> grpc.ServerCertificateConfiguration | None:
        return configuration() if served.renewed() else None

    return grpc.dynamic_ssl_server_credentials(configuration(), renewed)  # type: ignore[arg-type]  # None: as it was
