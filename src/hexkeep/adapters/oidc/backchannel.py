"""The backchannel authentication endpoint (CIBA Core 1.0 section 7), and how clients are told of an answer."""

import json

from hexkeep.adapters.asgi.messages import message
from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.asgi.response import NO_STORE, Response
from hexkeep.adapters.oidc.answers import PRAGMA, SURFACE, document
from hexkeep.adapters.oidc.back_channel import client_request
from hexkeep.core.backchannelauth.api import PLAN_BACKCHANNEL_PING, START_BACKCHANNEL_AUTHENTICATION
from hexkeep.core.backchannelauth.messages import BackchannelPing, PlanBackchannelPing, StartBackchannelAuthentication
from hexkeep.ports.api import Anonymous, Api, Meta, System
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

HOPELESS = frozenset({"invalid_url", "not_https", "forbidden_address"})
"""Reasons why nothing is reached that do not pass by themselves."""
MAY_PASS = frozenset({408, 425, 429})
"""Refusals that say: later (RFC 9110, RFC 8470, RFC 6585)."""
SUCCESS, SERVER_FAULT = range(200, 300), 500
TIMEOUT = 10.0
MAX_ANSWER = 4096


class BackchannelAuthenticationEndpoint:
    """Where an application asks a person elsewhere."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def begin(self, request: Request) -> Response:
        """Section 7.3, or an ``OAuthError``."""
        asked = message(StartBackchannelAuthentication, **await client_request(request))
        answer = await self._api.call(START_BACKCHANNEL_AUTHENTICATION, asked, Anonymous(), request.meta(SURFACE))
        return document(answer.output, NO_STORE, PRAGMA)


class BackchannelPings:
    """The deliverer of pings (section 10.2). ``attach`` comes before the first delivery.

    A ping names the request under whose id it is told; a client that gets it twice asks twice, which does no harm.
    """

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._api: Api | None = None

    def attach(self, api: Api) -> None:
        """Say who knows what is to be told."""
        self._api = api

    async def deliver(self, outgoing: Outgoing) -> None:
        """Tell one client; raises ``DeliveryFailed``."""
        ping = await self._plan(outgoing)
        if not ping.endpoint:
            return  # nobody waits any more
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {ping.token}"}
        body = json.dumps({"auth_req_id": ping.auth_req_id}).encode()
        request = WebRequest(ping.endpoint, "POST", headers, body, timeout=TIMEOUT, max_bytes=MAX_ANSWER)
        try:
            status = (await self._outbound.send(request)).status
        except OutboundFailed as error:
            raise DeliveryFailed(permanent=error.code in HOPELESS, code=error.code) from None
        if status not in SUCCESS:
            permanent = status < SERVER_FAULT and status not in MAY_PASS
            raise DeliveryFailed(permanent=permanent, code=f"http_{status}")

    async def _plan(self, outgoing: Outgoing) -> BackchannelPing:
        if self._api is None:
            raise DeliveryFailed(permanent=False, code="not_started")
        asked = PlanBackchannelPing(request_id=str(outgoing.payload["request_id"]))
        meta = Meta(instance=outgoing.instance, surface="oidc")
        return (await self._api.call(PLAN_BACKCHANNEL_PING, asked, System(), meta)).output
