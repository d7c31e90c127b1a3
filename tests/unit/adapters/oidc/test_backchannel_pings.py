"""Pings that really go out, to a web server over TLS (CIBA Core 1.0 section 10.2)."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from hexkeep.adapters.oidc.backchannel import BackchannelPings
from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.core.backchannelauth.messages import BackchannelPing
from hexkeep.ports.api import Answer, Api
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from tests.fakes.name_server import name_server
from tests.fakes.web_server import WebServer, answer, certified, web_server

HOST = "bank.example"
OUTGOING = Outgoing(
    id="delivery-1",
    instance="main",
    outbox="backchannel_authentication",
    channel="backchannel_ping",
    key="a-key_of=this",
    payload={"request_id": "id-1"},
    user_id="ada",
    attempt=1,
    created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    expires_at=None,
)


class Planner:
    """Knows one ping: the part of the API that the deliverer asks."""

    def __init__(self, ping: BackchannelPing) -> None:
        self.ping = ping

    async def call(self, *_: object) -> Answer[BackchannelPing]:
        """The ping."""
        return Answer(self.ping)


async def ping(tmp_path: Path, status: str = "204 No Content", *, private: bool = True) -> WebServer:
    """Bring one out, to a server that answers so; what the server got."""
    certificates, tls = certified(HOST, tmp_path)
    answers = {"/ciba": answer(b"", status)}
    async with web_server(answers, tls) as server, name_server({(HOST, "A"): ["127.0.0.1"]}) as dns:
        settings = OutboundSettings(
            private_networks=private, nameservers=(dns.address,), certificates=str(certificates)
        )
        told = BackchannelPing(endpoint=f"https://{HOST}:{server.port}/ciba", auth_req_id="an-id", token="a-token")
        deliverer = BackchannelPings(GuardedOutbound(settings))
        deliverer.attach(cast("Api", Planner(told)))
        await deliverer.deliver(OUTGOING)
        return server


async def test_client_is_told_the_id_with_its_token(tmp_path: Path) -> None:
    """A JSON object and a bearer token; 204 and 200 are both fine."""
    server = await ping(tmp_path)
    (request,), (body,) = server.requests, server.bodies
    assert request.startswith("POST /ciba HTTP/1.1")
    assert "authorization: bearer a-token" in request.lower()
    assert json.loads(body) == {"auth_req_id": "an-id"}
    await ping(tmp_path, "200 OK")


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("500 Oops", False), ("503 Later", False), ("429 Slow", False), ("401 Who", True), ("302 Found", True)],
)
async def test_refusals_for_good_and_for_now_are_told_apart(tmp_path: Path, status: str, *, permanent: bool) -> None:
    """What passes is tried again by the outbox; redirects are not followed (section 10.2)."""
    with pytest.raises(DeliveryFailed) as caught:
        await ping(tmp_path, status)
    assert (caught.value.code, caught.value.permanent) == (f"http_{status[:3]}", permanent)


async def test_private_addresses_are_not_called(tmp_path: Path) -> None:
    """The endpoint is what somebody else has named."""
    with pytest.raises(DeliveryFailed) as caught:
        await ping(tmp_path, private=False)
    assert (caught.value.code, caught.value.permanent) == ("forbidden_address", True)


async def test_nothing_is_sent_once_nobody_waits() -> None:
    """Then there is no ping any more; the delivery is done with."""
    deliverer = BackchannelPings(GuardedOutbound(OutboundSettings()))
    deliverer.attach(cast("Api", Planner(BackchannelPing())))
    await deliverer.deliver(OUTGOING)
