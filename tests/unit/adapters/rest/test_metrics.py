"""Who may read the metrics, and what they look like."""

from ipaddress import ip_network

import pytest

from hexkeep.adapters.asgi.front import Front
from hexkeep.adapters.asgi.proxies import Proxies
from hexkeep.adapters.prometheus.text import MEDIA_TYPE, exposition
from hexkeep.adapters.rest.metrics import Metrics
from hexkeep.ports.telemetry import Figure, Kind
from tests.unit.adapters.rest.conftest import Client

FIGURES = [
    Figure("append_rounds", Kind.COUNTER, "Calls", 7),
    Figure("projection_lag_events_sum", Kind.GAUGE, "Lag", 3, (("projection", "users"),)),
    Figure("projection_lag_events_sum", Kind.GAUGE, "Lag", 0, (("projection", "sessions"),)),
]


async def text() -> bytes:
    """The figures as Prometheus reads them."""
    return exposition(FIGURES)


async def test_figures_are_shown_on_this_machine(connect: Client) -> None:
    """Each name once with its kind, each label with its value."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE)) as client:
        answer = await client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.splitlines() == [
        "# HELP hexkeep_append_rounds_total Calls",
        "# TYPE hexkeep_append_rounds_total counter",
        "hexkeep_append_rounds_total 7.0",
        "# HELP hexkeep_projection_lag_events_sum Lag",
        "# TYPE hexkeep_projection_lag_events_sum gauge",
        'hexkeep_projection_lag_events_sum{projection="users"} 3.0',
        'hexkeep_projection_lag_events_sum{projection="sessions"} 0.0',
    ]


async def test_nobody_else_is_shown_them_without_a_token(connect: Client) -> None:
    """A caller from another machine is refused where no token is set."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE)) as client:
        client._transport.client = ("192.0.2.7", 1)  # type: ignore[attr-defined]  # noqa: SLF001 - where the caller is
        answer = await client.get("/metrics")
    assert answer.status_code == 403
    assert "append" not in answer.text


SIGNS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("fronted", [True, False])
async def test_what_a_proxy_on_this_machine_passes_on_is_refused(connect: Client, sign: str, *, fronted: bool) -> None:
    """Whatever it says of the client: nobody was told to believe it."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE)) as client:
        if fronted:
            client._transport.app = Front(client._transport.app)  # type: ignore[attr-defined]  # noqa: SLF001 - as it is served
        assert (await client.get("/metrics")).status_code == 200
        for value in ("127.0.0.1", "198.51.100.7", ""):
            assert (await client.get("/metrics", headers={sign: value})).status_code == 403


@pytest.mark.parametrize(
    ("sign", "value", "status"),
    [
        ("X-Forwarded-For", "198.51.100.7", 403),
        ("X-Forwarded-For", "127.0.0.1", 403),
        ("X-Forwarded-For", "::1", 403),
        ("X-Forwarded-For", "unknown, 127.0.0.2", 403),
        ("Forwarded", "for=198.51.100.7", 403),
        ("Via", "1.1 here", 403),
        ("Accept", "text/plain", 200),
    ],
)
async def test_a_trusted_proxy_opens_them_to_nobody(connect: Client, sign: str, value: str, status: int) -> None:
    """Its clients are elsewhere, or on its own machine; it is not believed to be one, whatever headers it writes."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE)) as client:
        trusting = Proxies((ip_network("127.0.0.0/8"),))
        client._transport.app = Front(client._transport.app, trusting)  # type: ignore[attr-defined]  # noqa: SLF001 - as it is served
        assert (await client.get("/metrics", headers={sign: value})).status_code == status


async def test_a_token_opens_them_through_a_proxy(connect: Client) -> None:
    """Who has it may be anywhere."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE, "right")) as client:
        headers = {"authorization": "Bearer right", "x-forwarded-for": "198.51.100.7"}
        assert (await client.get("/metrics", headers=headers)).status_code == 200


@pytest.mark.parametrize(("presented", "status"), [("Bearer right", 200), ("Bearer wrong", 401), ("right", 401)])
async def test_a_token_opens_them_to_its_bearer_alone(connect: Client, presented: str, status: int) -> None:
    """Also to callers on this machine."""
    async with connect(metrics=Metrics(text, MEDIA_TYPE, "right")) as client:
        assert (await client.get("/metrics")).status_code == 401
        assert (await client.get("/metrics", headers={"authorization": presented})).status_code == status


async def test_without_metrics_there_is_no_such_page(connect: Client) -> None:
    """Switched off is not found."""
    async with connect() as client:
        assert (await client.get("/metrics")).status_code == 404
