"""Logout tokens that really go out: by the guarded outbound, to a real web server on the loopback."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs

import pytest

from hexkeep.adapters.logout.deliverer import Logouts
from hexkeep.adapters.outbound.client import GuardedOutbound
from hexkeep.adapters.outbound.settings import OutboundSettings
from hexkeep.core.idpintent.errors import IdpMalformed, IdpUnreachable
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.logout.others import EndIdpSessions
from hexkeep.core.logout.plan import JudgeLogoutAnswer, LogoutPlan, LogoutVerdict, PlanLogout
from hexkeep.core.logout.revoking import RevokeIdpSession
from hexkeep.core.logout.settling import SessionsSettled, SettleSessions
from hexkeep.core.oidc.errors import ClientKeyUnusable, OAuthError
from hexkeep.ports.api import Answer, Api
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from tests.fakes.web_server import answer, web_server

PRIVATE = OutboundSettings(private_networks=True)


Asked = PlanLogout | JudgeLogoutAnswer | SettleSessions | EndIdpSessions


class Provider:
    """The part of the API that the deliverer asks: a plan, and portions of sessions."""

    def __init__(self, plan: LogoutPlan | OAuthError, cursors: tuple[str, ...] = (), *, told: bool = True) -> None:
        self.plan = plan
        self.cursors = list(cursors)
        self.told = told
        self.asked: list[Asked] = []

    async def call(self, _: object, request: Asked, *__: object) -> Answer[Any]:
        """The plan, what an answer is worth, or where to go on."""
        self.asked.append(request)
        if isinstance(request, JudgeLogoutAnswer):
            return Answer(LogoutVerdict(told=self.told))
        if isinstance(request, PlanLogout):
            if isinstance(self.plan, OAuthError):
                raise self.plan
            return Answer(self.plan)
        return Answer(SessionsSettled(next_cursor=self.cursors.pop(0)))


def outgoing(channel: str = "backchannel_logout", **payload: str) -> Outgoing:
    """A delivery."""
    return Outgoing(
        id="d-1",
        instance="main",
        outbox="backchannel_logouts",
        channel=channel,
        key="key-1",
        payload=payload or {"client_id": "shop", "session_id": "session-1"},
        user_id="",
        attempt=1,
        created_at=datetime(2026, 1, 2, tzinfo=UTC),
        expires_at=None,
    )


async def deliver(provider: object, out: Outgoing, settings: OutboundSettings = PRIVATE) -> None:
    """One attempt."""
    logouts = Logouts(GuardedOutbound(settings))
    logouts.attach(cast("Api", provider))
    await logouts.deliver(out)


@pytest.mark.parametrize("status", ["200 OK", "204 No Content"])
async def test_token_is_posted_as_a_form(status: str) -> None:
    """Back-Channel Logout section 2.5: `logout_token`, and its id is the one of the delivery at every attempt."""
    async with web_server({"/bye?a=1": answer(b"", status)}) as server:
        provider = Provider(LogoutPlan(uri=f"http://127.0.0.1:{server.port}/bye?a=1", logout_token="a.b.c"))
        await deliver(provider, outgoing())
    assert server.requests[0].startswith("POST /bye?a=1 ")
    assert "content-type: application/x-www-form-urlencoded" in server.requests[0].lower()
    assert parse_qs(server.bodies[0].decode()) == {"logout_token": ["a.b.c"]}
    assert provider.asked == [PlanLogout(client_id="shop", session_id="session-1", token_id="key-1")]


@pytest.mark.parametrize(
    ("status", "permanent"),
    [("400 Bad Request", True), ("404 Not Found", True), ("501 Not Implemented", False), ("302 Found", True)],
)
async def test_refusals_are_told_apart(status: str, permanent: bool) -> None:  # noqa: FBT001 - a case
    """Section 2.8: 400 says that the same again is of no use; redirects are not followed."""
    async with web_server({"/": answer(b"", status, "location: /elsewhere")}) as server:
        provider = Provider(LogoutPlan(uri=f"http://127.0.0.1:{server.port}/", logout_token="a.b.c"))
        with pytest.raises(DeliveryFailed) as failed:
            await deliver(provider, outgoing())
    assert (failed.value.permanent, failed.value.code) == (permanent, f"http_{status[:3]}")
    assert len(server.requests) == 1


async def test_a_busy_application_says_when() -> None:
    """RFC 6585 section 4."""
    async with web_server({"/": answer(b"", "429 Too Many Requests", "retry-after: 90")}) as server:
        provider = Provider(LogoutPlan(uri=f"http://127.0.0.1:{server.port}/", logout_token="a.b.c"))
        with pytest.raises(DeliveryFailed) as failed:
            await deliver(provider, outgoing())
    assert (failed.value.permanent, failed.value.retry_after) == (False, timedelta(seconds=90))


@pytest.mark.parametrize("told", [True, False])
async def test_request_of_saml_is_posted_as_a_document(*, told: bool) -> None:
    """SAML 2.0 Bindings section 3.2: in an envelope; the status that comes back counts, not that of HTTP."""
    async with web_server({"/slo": answer(b"<status/>")}) as server:
        plan = LogoutPlan(uri=f"http://127.0.0.1:{server.port}/slo", saml_request="<envelope/>")
        provider = Provider(plan, told=told)
        if told:
            await deliver(provider, outgoing())
        else:
            with pytest.raises(DeliveryFailed) as failed:
                await deliver(provider, outgoing())
            assert (failed.value.permanent, failed.value.code) == (False, "saml_not_signed_out")
    head = server.requests[0].lower()
    assert "content-type: text/xml" in head
    assert 'soapaction: "http://www.oasis-open.org/committees/security"' in head
    assert server.bodies == [b"<envelope/>"]
    assert provider.asked[1:] == [JudgeLogoutAnswer(token_id="key-1", content="<status/>")]


async def test_private_addresses_are_not_reached() -> None:
    """Whoever registers an application must not make us call inside."""
    async with web_server({"/": answer()}) as server:
        provider = Provider(LogoutPlan(uri=f"http://127.0.0.1:{server.port}/", logout_token="a.b.c"))
        with pytest.raises(DeliveryFailed) as failed:
            await deliver(provider, outgoing(), OutboundSettings())
    assert (failed.value.permanent, failed.value.code) == (True, "forbidden_address")
    assert server.requests == []


async def test_what_cannot_be_encrypted_is_given_up() -> None:
    """The application has to register another key before anybody asks again; until then it is told nothing."""
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(Provider(ClientKeyUnusable()), outgoing())
    assert (failed.value.permanent, failed.value.code) == (True, "oauth_client_key_unusable")


async def test_nobody_to_tell_is_done() -> None:
    """The application is gone, or wants to hear no more."""
    await deliver(Provider(LogoutPlan()), outgoing())


async def test_sessions_are_settled_portion_by_portion() -> None:
    """Until nothing is left."""
    provider = Provider(LogoutPlan(), cursors=("there", ""))
    await deliver(provider, outgoing("sessions", user_id="ada", client_id=""))
    assert provider.asked == [SettleSessions(user_id="ada"), SettleSessions(user_id="ada", cursor="there")]
    provider = Provider(LogoutPlan(), cursors=("",))
    await deliver(provider, outgoing("sessions", user_id="ada", client_id="", but="session"))
    assert provider.asked == [SettleSessions(user_id="ada", but="session")]


async def test_sessions_of_an_organization_are_settled() -> None:
    """All of its users'."""
    provider = Provider(LogoutPlan(), cursors=("",))
    await deliver(provider, outgoing("sessions", organization_id="acme"))
    assert provider.asked == [SettleSessions(organization_id="acme")]


async def test_sessions_that_ended_elsewhere_end_portion_by_portion() -> None:
    """Until nothing is left of them."""
    provider = Provider(LogoutPlan(), cursors=("there", ""))
    await deliver(provider, outgoing("idp_sessions", name_hash="hash", ended_at="2026-01-02T03:04:05Z"))
    first = EndIdpSessions(name_hash="hash", ended_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert provider.asked == [first, first.model_copy(update={"cursor": "there"})]


@pytest.mark.parametrize("channel", ["sessions", "idp_sessions", "backchannel_logout"])
async def test_what_makes_no_sense_is_given_up(channel: str) -> None:
    """It would make none the next time."""
    with pytest.raises(DeliveryFailed) as failed:
        await deliver(Provider(LogoutPlan()), outgoing(channel, nothing="at all"))
    assert (failed.value.permanent, failed.value.code) == (True, "malformed")


class Holder:
    """The part of the API that gives back what a provider has given; or fails."""

    def __init__(self, error: HexkeepError | None = None) -> None:
        self.error = error
        self.asked: list[object] = []

    async def call(self, _: object, request: object, *__: object) -> Answer[Any]:
        """Nothing is told."""
        self.asked.append(request)
        if self.error is not None:
            raise self.error
        return Answer(Empty())


@pytest.mark.parametrize(
    ("error", "permanent"), [(None, None), (IdpUnreachable("status_503"), False), (IdpMalformed("settings"), True)]
)
async def test_what_a_provider_gave_is_given_back(error: HexkeepError | None, permanent: bool | None) -> None:  # noqa: FBT001 - a case
    """RFC 7009 section 2.2.1: a provider that does not answer gets it later; one that makes no sense does not."""
    holder = Holder(error)
    revocation = outgoing("idp_revocation", session_id="session-1")
    if permanent is None:
        await deliver(holder, revocation)
    else:
        with pytest.raises(DeliveryFailed) as failed:
            await deliver(holder, revocation)
        assert (failed.value.permanent, error and failed.value.code) == (permanent, error and error.code)
    assert holder.asked == [RevokeIdpSession(session_id="session-1")]
