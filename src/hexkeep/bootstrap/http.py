"""One port for everything that speaks HTTP: the front, and behind it the applications by path."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hexkeep.adapters.asgi.cors import Cors, Origins
from hexkeep.adapters.asgi.dispatcher import Dispatcher
from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.asgi.types import ASGIApp
from hexkeep.bootstrap.embed import Embedded
from hexkeep.bootstrap.server import Stop, missing

if TYPE_CHECKING:
    from hexkeep.adapters.rest.metrics import Metrics


def http_app(embedded: Embedded, stop: Stop | None = None) -> ASGIApp:
    """Everything that Hexkeep offers over HTTP; raises ``ConfigurationError`` when its libraries are not installed.

    ``stop`` is told when the server is to end.
    """
    settings = embedded.program.settings.http
    try:
        app = _dispatcher(embedded, stop)
    except ImportError as error:
        raise missing(error) from error
    proxies = Proxies(settings.trusted_proxies, settings.forwarding, settings.client_certificates)
    return Front(app, proxies, embedded.traffic)


def _dispatcher(embedded: Embedded, stop: Stop | None) -> Dispatcher:
    """Protocols and pages by the first segment of the path, REST for all others."""
    from hexkeep.adapters.assets.app import SEGMENT as ASSETS
    from hexkeep.adapters.assets.app import create_assets_app
    from hexkeep.adapters.oidc.app import SEGMENTS as PROTOCOLS
    from hexkeep.adapters.oidc.app import create_oidc_app
    from hexkeep.adapters.rest.app import create_rest_app
    from hexkeep.adapters.saml.app import SEGMENTS as SAML
    from hexkeep.adapters.saml.app import create_saml_app
    from hexkeep.adapters.web.app import create_web_app
    from hexkeep.adapters.web.pages import WebPages
    from hexkeep.adapters.web.paths import SEGMENTS as PAGES

    pages = WebPages()
    oidc, web = create_oidc_app(embedded.api, pages), create_web_app(embedded.api, pages)
    saml = create_saml_app(embedded.api, pages)
    settings = embedded.program.settings.http
    rest = create_rest_app(
        embedded.api, settings, ready=embedded.ready, notes=embedded.notes, metrics=_metrics(embedded)
    )
    origins = Origins(embedded.api)
    rpc = {service: Cors(app, origins.allowed) for service, app in _rpc(embedded, stop).items()}
    assets = Cors(create_assets_app(embedded.api, settings.deadline), origins.allowed)
    protocols = {**dict.fromkeys(PROTOCOLS, oidc), **dict.fromkeys(PAGES, web), **dict.fromkeys(SAML, saml)}
    return Dispatcher({**protocols, **rpc, ASSETS: assets}, Cors(rest, origins.allowed))


def _rpc(embedded: Embedded, stop: Stop | None) -> Mapping[str, ASGIApp]:
    """Connect and gRPC-web, by the names of the services."""
    from hexkeep.adapters.rpc.app import create_rpc_app
    from hexkeep.adapters.rpc.settings import Bounds

    settings = embedded.program.settings.http
    bounds = Bounds(
        settings.body_limit,
        settings.depth_limit,
        settings.deadline,
        settings.longest_stream,
        settings.stream_limit,
    )
    return {**create_rpc_app(embedded.api, embedded.catalog, bounds), **_about_grpc(embedded, stop)}


def _about_grpc(embedded: Embedded, stop: Stop | None) -> Mapping[str, ASGIApp]:
    """Health and reflection, where native gRPC is spoken on this port."""
    settings = embedded.program.settings.grpc
    if not settings.main_port:
        return {}
    from hexkeep.adapters.grpc.app import create_grpc_over_http, health_of

    health = health_of(embedded.catalog, embedded.ready)
    if stop is not None:
        stop.listen(health.drain)
    return create_grpc_over_http(embedded.catalog, settings, health)


def _metrics(embedded: Embedded) -> "Metrics | None":
    from hexkeep.adapters.prometheus.text import MEDIA_TYPE, exposition
    from hexkeep.adapters.rest.metrics import Metrics

    settings, figures = embedded.program.settings.metrics, embedded.iam.machinery.figures

    async def text() -> bytes:
        return exposition([*await figures.figures(), *embedded.traffic.figures()])

    token = settings.token.get_secret_value() if settings.token is not None else ""
    return Metrics(text, MEDIA_TYPE, token) if settings.enabled else None
