"""Mails by SMTP (RFC 5321), submitted with TLS (RFC 8314) by aiosmtplib."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as POLICY
from email.utils import format_datetime
from typing import TYPE_CHECKING

from hexkeep.adapters.notify.rendering import Rendered
from hexkeep.core.notifier.plan import NotificationPlan
from hexkeep.core.notifier.state import TlsMode
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.outbound import Outbound

if TYPE_CHECKING:
    from aiosmtplib import SMTP

TIMEOUT = 20.0
"""Seconds for each answer of the server."""
PERMANENT = 500
"""From here on replies say that the same again would be of no use (RFC 5321 section 4.2.1)."""
CONFIGURATION = frozenset({530, 534, 535, 538})
"""Replies about authentication (RFC 4954 section 6): an administrator can mend that while the message waits."""


async def send_mail(outbound: Outbound, plan: NotificationPlan, mail: EmailMessage) -> None:
    """Hand a mail to the server of the plan; raises ``DeliveryFailed`` or ``OutboundFailed``."""
    with _failures():
        client = await _connected(outbound, plan)
        try:
            await client.send_message(mail)
        finally:
            await _leave(client)


async def _connected(outbound: Outbound, plan: NotificationPlan) -> "SMTP":
    try:
        from aiosmtplib import SMTP
    except ImportError as error:
        raise DeliveryFailed(permanent=False, code="aiosmtplib_missing") from error
    client = SMTP(
        hostname=plan.host,
        sock=await outbound.connect(plan.host, plan.port),
        use_tls=plan.tls == TlsMode.IMPLICIT,
        start_tls=plan.tls == TlsMode.STARTTLS,
        tls_context=outbound.tls() if plan.tls != TlsMode.NONE else None,
        username=plan.user_name or None,
        password=plan.password or None,
        local_hostname=plan.sender_address.rpartition("@")[2],  # never the name of this machine
        timeout=TIMEOUT,
    )
    await client.connect()
    return client


async def _leave(client: "SMTP") -> None:
    """Say good-bye; what was taken over is taken over, whatever comes of that."""
    from aiosmtplib import SMTPException

    with suppress(SMTPException, OSError):
        await client.quit()
    client.close()


@contextmanager
def _failures() -> Iterator[None]:
    """The client's errors in our words, without a word of the server: it may hold the address."""
    import aiosmtplib as client

    try:
        yield
    except client.SMTPRecipientsRefused as error:
        codes = [one.code for one in error.recipients]
        raise _refused(max(codes, default=PERMANENT)) from None
    except client.SMTPResponseException as error:
        raise _refused(error.code) from None
    except (client.SMTPTimeoutError, TimeoutError):
        raise DeliveryFailed(permanent=False, code="timeout") from None
    except ssl.SSLError:
        raise DeliveryFailed(permanent=False, code="tls") from None
    except client.SMTPNotSupported:
        raise DeliveryFailed(permanent=True, code="smtp_unsupported") from None
    except client.SMTPException as error:
        tls = isinstance(error.__cause__, ssl.SSLError)
        raise DeliveryFailed(permanent=False, code="tls" if tls else "smtp_failed") from None
    except OSError:
        raise DeliveryFailed(permanent=False, code="unreachable") from None
    except (ValueError, UnicodeError):
        raise DeliveryFailed(permanent=True, code="invalid_mail") from None


def _refused(code: int) -> DeliveryFailed:
    return DeliveryFailed(permanent=code >= PERMANENT and code not in CONFIGURATION, code=f"smtp_{code}")


def mail_of(plan: NotificationPlan, outgoing: Outgoing, to: str, rendered: Rendered) -> EmailMessage:
    """A mail in two forms, or in plain text alone (RFC 2046 section 5.1.4).

    Attempts share a Message-ID, so a receiver knows them as one.

    Raises ``DeliveryFailed`` for an address or a sender that would be more than one header field.
    """
    try:
        mail = EmailMessage(policy=POLICY)
        mail["From"] = Address(plan.sender_name, addr_spec=plan.sender_address)
        mail["To"] = Address(addr_spec=to)
        if plan.reply_to:
            mail["Reply-To"] = Address(addr_spec=plan.reply_to)
        mail["Subject"] = rendered.subject
        mail["Date"] = format_datetime(outgoing.created_at)
        mail["Message-ID"] = f"<{outgoing.key}@{plan.sender_address.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5
        mail.set_content(rendered.text)
        if plan.html:
            mail.add_alternative(rendered.html, subtype="html")
        mail["Content-Language"] = plan.language  # RFC 3282; the content before takes it away again
    except (ValueError, MessageError, IndexError):
        raise DeliveryFailed(permanent=True, code="invalid_mail") from None
    return mail
