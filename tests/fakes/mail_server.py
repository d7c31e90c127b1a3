"""A mail server for tests: aiosmtpd on a real socket on the loopback, plain, with STARTTLS or TLS from the start."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.waiting import until

TAKEN = "250 OK"


@dataclass
class MailServer:
    """What has arrived, who has authenticated, and how often; ``says`` is the reply to a receiver or to the data."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[Envelope] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    receiver_says: str = TAKEN
    data_says: str = TAKEN
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a receiver, or not."""
        if self.receiver_says == TAKEN:
            envelope.rcpt_tos.append(address)
        return self.receiver_says

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a mail, or not."""
        if self.data_says == TAKEN:
            content = envelope.content
            assert isinstance(content, bytes)
            mail = message_from_bytes(content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.envelopes.append(envelope)
            assert server.transport is not None
            self.encrypted.append(server.transport.get_extra_info("ssl_object") is not None)
        return self.data_says

    async def next(self) -> EmailMessage:
        """The next mail, once it is there."""

        async def arrived() -> bool:
            return bool(self.mails)

        await until(arrived, seconds=60.0)
        return self.mails.pop(0)


@asynccontextmanager
async def mail_server(
    *,
    starttls: ssl.SSLContext | None = None,
    implicit: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> AsyncIterator[MailServer]:
    """One that runs. With a ``login`` it takes mails from nobody else; with ``starttls`` from nobody in clear."""
    made = MailServer()

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object
    ) -> AuthResult:
        known = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == login
        return AuthResult(success=known, handled=False)

    def protocol() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # it does not know of TLS from the start
            return _made()

    def _made() -> SMTP:
        return SMTP(
            made,
            hostname="mail.example",
            tls_context=starttls,
            require_starttls=starttls is not None,
            authenticator=authenticate,
            auth_required=login is not None,
            auth_require_tls=starttls is not None,
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
