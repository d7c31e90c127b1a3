"""Mail servers as notification providers."""

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import Id, Line, Name
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.origin import MAX_HOST, host_name
from hexkeep.core.kernel.update import UpdateRequest, expect
from hexkeep.core.notifier.access import reached
from hexkeep.core.notifier.events import SmtpPasswordSet, SmtpProviderAdded, SmtpProviderChanged
from hexkeep.core.notifier.state import NOTIFIER, NotificationProviderKind, Notifier, Smtp, TlsMode


def _mail_address(text: str) -> str:
    """One plain address; raises ``ValueError`` for what could be read as several, or as a part of a header."""
    local, _, domain = text.rpartition("@")
    if not local or not local.isascii() or any(character in local for character in '<>()[],;:\\" \t'):
        raise ValueError("must be an e-mail address")
    return f"{local}@{host_name(domain)}"


MailAddress = Annotated[str, Field(max_length=254, examples=["noreply@example.com"]), AfterValidator(_mail_address)]
"""An address of ours that mails are from, or answers go to."""
OptionalMailAddress = Annotated[
    str, Field(max_length=254), AfterValidator(lambda text: _mail_address(text) if text else "")
]
MailHost = Annotated[str, Field(max_length=MAX_HOST, examples=["smtp.example.com"]), AfterValidator(host_name)]
Port = Annotated[int, Field(ge=1, le=65535, examples=[587])]
SmtpPassword = Annotated[str, StringConstraints(max_length=1000)]


class CreateSmtpProvider(Message):
    """A mail server that mails can go out by, and who they are from."""

    name: Name = Field(examples=["Our mail server"])
    host: MailHost
    port: Port = 587
    tls: TlsMode = Field(default=TlsMode.UNSPECIFIED, description="Unspecified: STARTTLS.")
    user_name: Line = Field(default="", description="Whom to authenticate as (RFC 4954); empty: not at all.")
    password: SmtpPassword = Field(default="", repr=False, description="Kept sealed, and never shown again.")
    sender_address: MailAddress
    sender_name: Line = Field(default="", examples=["Example Ltd"])
    reply_to: OptionalMailAddress = ""


class SmtpProviderCreated(Message):
    """The provider there is now. It is not active yet."""

    provider_id: str


class UpdateSmtpProvider(UpdateRequest):
    """What to change; what is left out stays. A password goes to no other server than the one it was given for."""

    provider_id: Id
    name: Name | None = None
    host: MailHost | None = None
    port: Port | None = None
    tls: TlsMode | None = None
    user_name: Line | None = None
    password: SmtpPassword | None = Field(default=None, repr=False)
    sender_address: MailAddress | None = None
    sender_name: Line | None = None
    reply_to: OptionalMailAddress | None = None


def create_smtp_provider(request: CreateSmtpProvider, ctx: Context) -> Decision[SmtpProviderCreated]:
    """Add a mail server as a notification provider."""
    ctx.authorize()
    fields = request.model_dump()
    fields["tls"] = _tls(request.tls)
    added = SmtpProviderAdded(**fields)
    _insist_on_protection(added.tls, added.user_name, added.password)
    provider_id = ctx.new_id()
    return Decision(SmtpProviderCreated(provider_id=provider_id), NOTIFIER.append(provider_id, added))


def update_smtp_provider(request: UpdateSmtpProvider, ctx: Context) -> Decision[Empty]:
    """Change a mail server's settings. Whoever changes where its password goes has to give the password anew."""
    provider = reached(request.provider_id, ctx, NotificationProviderKind.SMTP)
    expect(ctx, NOTIFIER, request.provider_id, request)
    changes: dict[str, Any] = request.changes()
    if "tls" in changes:
        changes["tls"] = _tls(changes["tls"])
    password: str | None = changes.pop("password", None)
    present = _present(provider)
    after = present.model_copy(update=changes)
    kept = provider.password if password is None else password
    _insist_on_protection(after.tls, after.user_name, kept)
    moved = not Smtp(**after.model_dump(exclude={"name"})).reached_like(provider.smtp)
    if moved and provider.password and password is None:
        raise InvalidInput("", Violation("password", "has to be given anew for another server or user"))
    events: list[Event] = [] if after == present else [after]
    if kept != provider.password:
        events.append(SmtpPasswordSet(password=kept))
    return Decision(Empty(), *((NOTIFIER.append(request.provider_id, *events),) if events else ()))


def _present(provider: Notifier) -> SmtpProviderChanged:
    smtp = provider.smtp
    return SmtpProviderChanged(
        name=provider.name,
        host=smtp.host,
        port=smtp.port,
        tls=smtp.tls,
        user_name=smtp.user_name,
        sender_address=smtp.sender_address,
        sender_name=smtp.sender_name,
        reply_to=smtp.reply_to,
    )


def _tls(mode: TlsMode) -> str:
    return (TlsMode.STARTTLS if mode is TlsMode.UNSPECIFIED else mode).value


def _insist_on_protection(tls: str, user_name: str, password: str) -> None:
    if tls == TlsMode.NONE and (user_name or password):
        raise InvalidInput("", Violation("tls", "must protect the password"))
    if password and not user_name:
        raise InvalidInput("", Violation("user_name", "must say whose the password is"))
