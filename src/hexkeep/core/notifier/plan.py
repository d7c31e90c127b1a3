"""What the deliverers of mails and text messages have to know: by which provider, in which language and words.

The answer holds secrets, so nobody but the program itself gets it.
"""

from pydantic import Field

from hexkeep.core.feature.state import Feature, is_on
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.fields import LanguageTag, OptionalId
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import ApiName, Message, Operation
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.notifier.state import NOTIFIER, NOTIFIER_CHOICE, NotificationChannel, Notifier
from hexkeep.core.setting.state import settings_of
from hexkeep.core.text.state import effective_texts
from hexkeep.core.user.state import USER


class PlanNotification(Message):
    """A message that is to go out. ``provider_id`` is set for a test alone."""

    channel: NotificationChannel
    user_id: OptionalId = ""
    language: LanguageTag = ""
    provider_id: OptionalId = ""


class NotificationPlan(Message):
    """How a message goes out; an empty ``kind`` when there is no provider. ``texts`` are those set in place of ours."""

    kind: str = ""
    host: str = ""
    port: int = 0
    tls: str = ""
    user_name: str = ""
    password: str = Field(default="", repr=False)
    sender_address: str = ""
    sender_name: str = ""
    reply_to: str = ""
    url: str = ""
    signing_secret: str = Field(default="", repr=False)
    language: str = ""
    origin: str = ""
    html: bool = True
    texts: dict[str, str] = Field(default_factory=dict)


def plan_notification(request: PlanNotification, ctx: Context) -> Decision[NotificationPlan]:
    """Tell how a message to somebody goes out."""
    if ctx.caller.kind is not CallerKind.SYSTEM or ctx.caller.name:
        raise PermissionDenied
    ctx.authorize()
    provider = _provider(request, ctx)
    if provider is None:
        return Decision(NotificationPlan())
    user = ctx.load(USER, request.user_id) if request.user_id else USER.initial
    wanted = request.language or user.preferred_language
    if not (request.provider_id or is_on(ctx, Feature.PERSONAL_LANGUAGE)):
        wanted = ""
    language = settings_of(ctx).language_for(wanted)
    texts = effective_texts(ctx, user.organization_id, language)
    if wanted.lower().startswith(f"{language}-"):
        texts |= effective_texts(ctx, user.organization_id, wanted)
    smtp = provider.smtp
    plan = NotificationPlan(
        kind=provider.kind,
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        user_name=smtp.user_name,
        password=provider.password,
        sender_address=smtp.sender_address,
        sender_name=smtp.sender_name,
        reply_to=smtp.reply_to,
        url=provider.url,
        signing_secret=provider.signing_secret,
        language=language,
        origin=ctx.request.issuer,
        html=is_on(ctx, Feature.HTML_MAIL),
        texts=texts,
    )
    return Decision(plan)


def _provider(request: PlanNotification, ctx: Context) -> Notifier | None:
    provider_id = request.provider_id or ctx.load(NOTIFIER_CHOICE, request.channel.value)
    if not provider_id:
        return None
    provider = ctx.load(NOTIFIER, provider_id)
    fits = provider.channel == request.channel and provider.status.exists
    return provider if fits and (request.provider_id or provider.status is Status.ACTIVE) else None


PLAN_NOTIFICATION: Operation[PlanNotification, NotificationPlan] = Operation(
    "PlanNotification",
    ApiName.PROTOCOL,
    PlanNotification,
    NotificationPlan,
    "system.notifier.plan",
    plan_notification,
    writes=False,
    secrets=frozenset({"password", "signing_secret"}),
)
