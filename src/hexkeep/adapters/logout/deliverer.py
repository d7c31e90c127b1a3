"""The deliverers of what follows when a session ends: what ends with a user, who is told, and what is given back.

OpenID Connect Back-Channel Logout 1.0 section 2.5 says what goes out, section 2.8 what comes back. To service providers
of SAML 2.0 it goes by SOAP (Bindings section 3.2), and the status that comes back counts.
"""

from datetime import timedelta
from typing import Self, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hexkeep.core.idpintent.errors import IdpFailed, IdpUnreachable
from hexkeep.core.kernel.operation import Message, Operation
from hexkeep.core.logout.others import END_IDP_SESSIONS, EndIdpSessions
from hexkeep.core.logout.outbox import LOGOUT_CHANNEL, OTHERS_CHANNEL, REVOCATIONS_CHANNEL, SESSIONS_CHANNEL
from hexkeep.core.logout.plan import JUDGE_LOGOUT_ANSWER, PLAN_LOGOUT, JudgeLogoutAnswer, LogoutPlan, PlanLogout
from hexkeep.core.logout.revoking import REVOKE_IDP_SESSION, RevokeIdpSession
from hexkeep.core.logout.settling import SETTLE_SESSIONS, SessionsSettled, SettleSessions
from hexkeep.core.oidc.errors import ClientKeyUnusable
from hexkeep.ports.api import Api, Meta, System
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

M = TypeVar("M", bound=Message)
CHANNELS = (SESSIONS_CHANNEL, OTHERS_CHANNEL, LOGOUT_CHANNEL, REVOCATIONS_CHANNEL)
SURFACE = "logout"
TIMEOUT = 10.0
"""Seconds for one application: others wait for theirs meanwhile."""
MAX_ANSWER = 16_384
HOPELESS = frozenset({"invalid_url", "not_https", "forbidden_address"})
"""Reasons why nothing is reached that do not pass by themselves."""
MAY_PASS = frozenset({408, 425, 429})
"""Refusals that say: later (RFC 9110, RFC 8470, RFC 6585)."""
LONGEST_WISH = 86_400
SOAP = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '"http://www.oasis-open.org/committees/security"'}
"""SAML 2.0 Bindings section 3.2.3.1."""


class Farewell(BaseModel):
    """The payload of a delivery to an application."""

    model_config = ConfigDict(hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    session_id: str = Field(min_length=1)


class Ending(BaseModel):
    """The payload of a delivery that ends sessions: those of a user, or of all users of an organization.

    With a client it is about that client's part in a user's. ``but`` is a session that goes on.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    user_id: str = ""
    organization_id: str = ""
    client_id: str = ""
    but: str = ""

    @model_validator(mode="after")
    def _of_somebody(self) -> Self:
        if bool(self.user_id) == bool(self.organization_id):
            raise ValueError("names either a user or an organization")
        return self


class Revocation(BaseModel):
    """The payload of a delivery that gives back to an identity provider what it has given for a session."""

    model_config = ConfigDict(hide_input_in_errors=True)

    session_id: str = Field(min_length=1)


class Logouts:
    """Implements ``hexkeep.ports.delivery.Deliverer``. ``attach`` comes before the first delivery."""

    def __init__(self, outbound: Outbound) -> None:
        self._outbound = outbound
        self._api: Api | None = None

    def attach(self, api: Api) -> None:
        """Say who knows of sessions and applications."""
        self._api = api

    async def deliver(self, outgoing: Outgoing) -> None:
        """Tell one application, end what a user or those of an organization had, or give something back.

        Raises ``DeliveryFailed``.
        """
        if self._api is None:
            raise DeliveryFailed(permanent=False, code="not_started")
        try:
            match outgoing.channel:
                case channel if channel == LOGOUT_CHANNEL:
                    await self._told(self._api, outgoing, Farewell.model_validate(dict(outgoing.payload)))
                case channel if channel == REVOCATIONS_CHANNEL:
                    await _given_back(self._api, outgoing, Revocation.model_validate(dict(outgoing.payload)))
                case channel if channel == OTHERS_CHANNEL:
                    others = EndIdpSessions.model_validate(dict(outgoing.payload))
                    await _ended(self._api, outgoing, END_IDP_SESSIONS, others)
                case _:
                    ending = Ending.model_validate(dict(outgoing.payload))
                    settling = SettleSessions.model_validate(ending.model_dump())
                    await _ended(self._api, outgoing, SETTLE_SESSIONS, settling)
        except ValidationError:
            raise DeliveryFailed(permanent=True, code="malformed") from None

    async def _told(self, api: Api, outgoing: Outgoing, farewell: Farewell) -> None:
        request = PlanLogout(client_id=farewell.client_id, session_id=farewell.session_id, token_id=outgoing.key)
        try:
            plan = (await api.call(PLAN_LOGOUT, request, System(), _meta(outgoing))).output
        except ClientKeyUnusable as error:
            raise DeliveryFailed(permanent=True, code=error.code) from None
        if not plan.uri:
            return
        try:
            response = await self._outbound.send(_post(plan))
        except OutboundFailed as error:
            raise DeliveryFailed(permanent=error.code in HOPELESS, code=error.code) from None
        if not 200 <= response.status < 300:  # noqa: PLR2004 - the class of success; section 2.8 has 200 and 204
            permanent = response.status < 500 and response.status not in MAY_PASS  # noqa: PLR2004 - the server's faults
            wish = _wish(response.headers.get("retry-after", ""))
            raise DeliveryFailed(permanent=permanent, code=f"http_{response.status}", retry_after=wish)
        if plan.saml_request:
            answer = JudgeLogoutAnswer(token_id=outgoing.key, content=response.body.decode(errors="replace"))
            if not (await api.call(JUDGE_LOGOUT_ANSWER, answer, System(), _meta(outgoing))).output.told:
                raise DeliveryFailed(permanent=False, code="saml_not_signed_out")


async def _ended(api: Api, outgoing: Outgoing, operation: Operation[M, SessionsSettled], request: M) -> None:
    """Portion by portion. It can be begun anew at any time: what has ended stays so."""
    cursor = None
    while cursor is None or cursor:
        portion = request.model_copy(update={"cursor": cursor or ""})
        cursor = (await api.call(operation, portion, System(), _meta(outgoing))).output.next_cursor


async def _given_back(api: Api, outgoing: Outgoing, revocation: Revocation) -> None:
    request = RevokeIdpSession(session_id=revocation.session_id)
    try:
        await api.call(REVOKE_IDP_SESSION, request, System(), _meta(outgoing))
    except IdpFailed as error:
        raise DeliveryFailed(permanent=not isinstance(error, IdpUnreachable), code=error.code) from None


def _meta(outgoing: Outgoing) -> Meta:
    return Meta(instance=outgoing.instance, surface=SURFACE)


def _post(plan: LogoutPlan) -> WebRequest:
    """A form with the token, or a document. Plain HTTP only where the application is registered so, on this machine."""
    form = urlencode({"logout_token": plan.logout_token}).encode()
    return WebRequest(
        plan.uri,
        "POST",
        SOAP if plan.saml_request else {"Content-Type": "application/x-www-form-urlencoded"},
        plan.saml_request.encode() or form,
        timeout=TIMEOUT,
        max_bytes=MAX_ANSWER,
        plain=plan.uri.startswith("http:"),
    )


def _wish(text: str) -> timedelta | None:
    """How long the application wants to be left alone, if it says so in seconds (RFC 9110 section 10.2.3)."""
    return timedelta(seconds=min(int(text), LONGEST_WISH)) if text.isascii() and text.isdigit() else None
