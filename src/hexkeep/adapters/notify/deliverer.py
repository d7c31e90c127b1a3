"""The deliverer of the channels ``mail`` and ``sms``: asks how a message goes out, words it, and sends it."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from hexkeep.adapters.notify.rendering import Rendered, Words, render_mail, render_text_message
from hexkeep.adapters.notify.smtp import mail_of, send_mail
from hexkeep.adapters.notify.webhook import post
from hexkeep.core.notifier.plan import PLAN_NOTIFICATION, NotificationPlan, PlanNotification
from hexkeep.core.notifier.state import NotificationChannel, NotificationProviderKind
from hexkeep.ports.api import Api, Meta, System
from hexkeep.ports.clock import Clock
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.outbound import Outbound, OutboundFailed

CHANNELS = (NotificationChannel.MAIL.value, NotificationChannel.SMS.value)
WITHOUT_PROVIDER = timedelta(minutes=1)
"""How long a message waits at least until somebody looks whether there is a provider by now."""
HOPELESS = frozenset({"invalid_url", "not_https", "forbidden_address"})
"""Reasons why nothing is reached that do not pass by themselves."""


class Notice(BaseModel):
    """What the payload of a delivery holds."""

    model_config = ConfigDict(hide_input_in_errors=True)

    message: str = Field(pattern=r"^[a-z0-9_]{1,40}$")
    to: str = Field(min_length=1, max_length=320, repr=False)
    language: str = ""
    values: dict[str, JsonValue] = Field(default_factory=dict, repr=False)
    provider_id: str = ""


class Notifications:
    """Implements ``hexkeep.ports.delivery.Deliverer``. ``attach`` comes before the first delivery."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock
        self._api: Api | None = None

    def attach(self, api: Api) -> None:
        """Say who knows of providers and texts."""
        self._api = api

    async def deliver(self, outgoing: Outgoing) -> None:
        """Bring one message out; raises ``DeliveryFailed``."""
        notice = _notice(outgoing)
        plan = await self._plan(outgoing, notice)
        if not plan.kind:
            retry_after = None if notice.provider_id else WITHOUT_PROVIDER
            raise DeliveryFailed(permanent=bool(notice.provider_id), code="no_provider", retry_after=retry_after)
        rendered = _rendered(outgoing.channel, notice, plan)
        try:
            await self._send(outgoing, notice, plan, rendered)
        except OutboundFailed as error:
            raise DeliveryFailed(permanent=error.code in HOPELESS, code=error.code) from None

    async def _plan(self, outgoing: Outgoing, notice: Notice) -> NotificationPlan:
        if self._api is None:
            raise DeliveryFailed(permanent=False, code="not_started")
        request = PlanNotification(
            channel=NotificationChannel(outgoing.channel),
            user_id=outgoing.user_id,
            language=notice.language,
            provider_id=notice.provider_id,
        )
        meta = Meta(instance=outgoing.instance, surface="notify")
        return (await self._api.call(PLAN_NOTIFICATION, request, System(), meta)).output

    async def _send(self, outgoing: Outgoing, notice: Notice, plan: NotificationPlan, rendered: Rendered) -> None:
        if plan.kind == NotificationProviderKind.SMTP:
            to = _ascii_domain(self._outbound, notice.to)
            await send_mail(self._outbound, plan, mail_of(plan, outgoing, to, rendered))
            return
        message: dict[str, JsonValue] = {
            "message": notice.message,
            "channel": outgoing.channel,
            "to": notice.to,
            "language": plan.language,
            "text": rendered.text,
            "values": notice.values,
        }
        if outgoing.channel == NotificationChannel.MAIL:
            message |= {"subject": rendered.subject, "html": rendered.html if plan.html else ""}
        await post(self._outbound, plan, outgoing, message, self._clock.now())


def _notice(outgoing: Outgoing) -> Notice:
    try:
        return Notice.model_validate(dict(outgoing.payload))
    except ValidationError:
        raise DeliveryFailed(permanent=True, code="malformed") from None


def _rendered(channel: str, notice: Notice, plan: NotificationPlan) -> Rendered:
    values = {name: value for name, value in notice.values.items() if isinstance(value, str)}
    words = Words.of(plan.language, plan.texts, values, plan.origin)
    render = render_mail if channel == NotificationChannel.MAIL else render_text_message
    return render(notice.message, words)


def _ascii_domain(outbound: Outbound, address: str) -> str:
    """An address with its domain in A-labels (RFC 5890), which every server takes."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{outbound.ascii_domain(domain) or domain}"
