"""A directory in memory, which speaks LDAP over TLS and can misbehave: the other side of ``plugins/idp_ldap.py``."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sansldap import (
    BindRequest,
    ExtendedRequest,
    FilterAnd,
    FilterEquality,
    FilterOr,
    FilterSubstrings,
    LDAPControl,
    LDAPError,
    LDAPFilter,
    LDAPMessage,
    LDAPResultCode,
    LDAPServer,
    PagedResultControl,
    PartialAttribute,
    SearchRequest,
    SessionState,
    SimpleCredential,
)

from hexkeep.ports.outbound import OutboundFailed
from hexkeep.testing.idp import Account, Unreached
from hexkeep.testing.idp_password import PasswordMisbehaviour as Fault
from tests.certificates import Authority

HOST = "localhost"
BASE = "ou=people,dc=example,dc=net"
GROUPS = "ou=groups,dc=example,dc=net"
READER, READER_PASSWORD = "cn=reader,dc=example,dc=net", "the reader's own"
NONSENSE = b"\x30\x05HTTP/1.1 400 Bad Request\r\n\r\n"
HUGE = b"\x30\x84\x7f\xff\xff\xff"
FLOOD = 1000
LDAPS = 636


@dataclass(frozen=True)
class Held:
    """Somebody in the directory."""

    name: str
    attributes: dict[str, list[bytes]]
    password: str = field(repr=False)


class Directory(Unreached):
    """Serves each connection by a task of its own, as long as ``serving`` lasts."""

    def __init__(self) -> None:
        self.tried: list[str] = []
        self.held: dict[str, Held] = {}
        self.hosts: list[str] = []
        """To whom somebody has connected."""
        self.dead: set[str] = set()
        """Hosts that are not there."""
        self.limit = FLOOD * FLOOD
        """How many entries it tells of at most."""
        self.refusal = LDAPResultCode.INVALID_CREDENTIALS
        """What it answers to a wrong password."""
        self.references = 0
        """To how many other servers it refers."""
        self.cookie = b""
        """By what it says, to whoever asks for pages, that there is one more; it is the same page again."""
        self.asked: list[SearchRequest] = []
        """What was sought by pages."""
        self.injected = b""
        """What somebody in between puts behind the answer to StartTLS."""
        self._how: Fault | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def settings(self) -> dict[str, object]:
        """Settings of a provider for it."""
        names = {"id": "entryUUID", "email_verified": "mailVerified"}
        return {
            "servers": (f"ldaps://{HOST}",),
            "base_dn": BASE,
            "bind_dn": READER,
            "bind_password": READER_PASSWORD,
            "timeout": "PT1S",
            "attributes": names,
        }

    def hold(self, account: Account, password: str) -> None:
        """Have this account."""
        told = {
            "objectClass": ["inetOrgPerson"],
            "entryUUID": [account.external_id],
            "uid": [account.user_name],
            "givenName": [account.given_name],
            "sn": [account.family_name],
            "mail": [account.email],
            "mailVerified": ["TRUE" if account.email_verified else "FALSE"],
        }
        attributes = {name: [value.encode() for value in values] for name, values in told.items()}
        self.held[account.external_id] = Held(f"entryUUID={account.external_id},{BASE}", attributes, password)

    def hold_group(self, name: str, *members: str) -> None:
        """Have a group of these DNs, which is in ``GROUPS``."""
        told = {"objectClass": [b"groupOfNames"], "cn": [name.encode()], "member": [one.encode() for one in members]}
        self.held[name] = Held(f"cn={name},{GROUPS}", told, "")

    def misbehave(self, how: Fault) -> None:
        """From now on it does this wrong."""
        self._how = how

    def tls(self) -> ssl.SSLContext:
        """Trust its authority alone."""
        return _certificates().trust

    async def connect(self, host: str, port: int) -> socket.socket:
        """One end of a connection, at the other end of which it is."""
        self.hosts.append(host)
        if self._how is Fault.UNREACHABLE or host in self.dead:
            raise OutboundFailed("unreachable")
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        theirs.setblocking(False)
        self._start(self._serve(theirs, port))
        return ours

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["Directory"]:
        """Until the end of the block."""
        try:
            yield self
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)

    async def _serve(self, theirs: socket.socket, port: int) -> None:
        loop = asyncio.get_running_loop()
        with theirs, suppress(OSError, EOFError, LDAPError):
            if self._how is Fault.HANGS:
                await asyncio.Event().wait()
            if port != LDAPS and not await self._agreed(theirs):
                return
            known = _certificates()
            certificate = known.wrong.get(self._how, known.own) if self._how else known.own
            reader = asyncio.StreamReader()
            protocol = asyncio.StreamReaderProtocol(reader)
            tls = None if self._how is Fault.PLAIN else certificate
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, theirs, ssl=tls)
            writer = asyncio.StreamWriter(transport, protocol, reader, loop)
            try:
                await self._talk(lambda: reader.read(4096), _Sink(writer))
            finally:
                transport.abort()

    async def _agreed(self, theirs: socket.socket) -> bool:
        """RFC 4511 section 4.14: whether it is encrypted from now on; in plain it answers nothing else."""
        loop, server = asyncio.get_running_loop(), LDAPServer()
        for message in server.receive(await loop.sock_recv(theirs, 4096)):
            refused = self._how is Fault.PLAIN or not isinstance(message, ExtendedRequest)
            code = LDAPResultCode.PROTOCOL_ERROR if refused else LDAPResultCode.SUCCESS
            server.extended_response(message.message_id, result_code=code)
            await loop.sock_sendall(theirs, server.data_to_send() + self.injected)
            if not refused:
                return True
        return False

    async def _talk(self, read: Callable[[], Awaitable[bytes]], sink: "_Sink") -> None:
        server = LDAPServer()
        while received := await read():
            for message in server.receive(received):
                if self._how is Fault.BREAKS_OFF:
                    return
                if self._how in {Fault.NONSENSE, Fault.TOO_LARGE}:
                    await sink.send(NONSENSE if self._how is Fault.NONSENSE else HUGE)
                    continue
                self._answer(server, message)
                await sink.send(server.data_to_send())

    def _answer(self, server: LDAPServer, message: LDAPMessage) -> None:
        match message:
            case BindRequest(authentication=SimpleCredential() as credential):
                self._bind(server, message, credential.password)
            case SearchRequest():
                self._search(server, message)

    def _bind(self, server: LDAPServer, message: BindRequest, password: str) -> None:
        """RFC 4513 section 5.1: an empty password, or an empty name, is nobody's wish to be anybody."""
        code = self.refusal
        if message.name != READER:
            self.tried.append(password)
        right = {one.name: one.password for one in self.held.values()} | {READER: READER_PASSWORD}
        if not password or not message.name or right.get(message.name) == password:
            code = LDAPResultCode.SUCCESS
        if self._how is Fault.FAILS and message.name != READER:
            code = LDAPResultCode.UNAVAILABLE
        if self._how is Fault.OTHER_ANSWER and message.name != READER:
            server.state = SessionState.OPENED  # or the library would not do it
            server.search_result_entry(message.message_id, message.name, [])
            return
        server.bind_response(message.message_id, result_code=code)

    def _search(self, server: LDAPServer, message: SearchRequest) -> None:
        found = [one for one in self.held.values() if _matches(message.filter, one)]
        if self._how is Fault.TWO_ACCOUNTS:
            found = [*found, *found]
        if self._how is Fault.ENDLESS:
            found = [*found, *found] * FLOOD
        for one in found[: self.limit]:
            name = "" if self._how is Fault.NO_NAME else one.name
            left_out = "entryUUID" if self._how is Fault.NO_ID else ""
            told = [PartialAttribute(key, one.attributes.get(key, [])) for key in message.attributes if key != left_out]
            server.search_result_entry(message.message_id, name, told)
        for _ in range(self.references):
            server.search_result_reference(message.message_id, ["ldap://elsewhere.example.net/dc=example,dc=net"])
        code = LDAPResultCode.SIZE_LIMIT_EXCEEDED if len(found) > self.limit else LDAPResultCode.SUCCESS
        paged = [one for one in message.controls if isinstance(one, PagedResultControl)]
        self.asked += [message] if paged else []
        more: list[LDAPControl] = [PagedResultControl(critical=False, size=0, cookie=self.cookie)] if paged else []
        if self._how is not Fault.ENDLESS:
            server.search_result_done(
                message.message_id, result_code=code, controls=more if paged and self.cookie else []
            )


class _Sink:
    """Where answers go."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, answer: bytes) -> None:
        """Send it, as far as anybody takes it."""
        self._writer.write(answer)
        await self._writer.drain()


@asynccontextmanager
async def directory() -> AsyncIterator[Directory]:
    """A directory with nobody in it."""
    async with Directory().serving() as made:
        yield made


@dataclass(frozen=True)
class _Certificates:
    """Whom clients trust, and what servers have: the right one, and others by what is wrong with them."""

    trust: ssl.SSLContext
    own: ssl.SSLContext
    wrong: Mapping[Fault, ssl.SSLContext]


@cache
def _certificates() -> _Certificates:
    with TemporaryDirectory() as folder:
        trusted, foreign = Path(folder) / "trusted", Path(folder) / "foreign"
        trusted.mkdir()
        foreign.mkdir()
        authority = Authority(trusted)
        wrong = {
            Fault.FOREIGN_CERTIFICATE: _server(Authority(foreign), foreign),
            Fault.OTHER_HOST: _server(authority, trusted, "other.example.net"),
        }
        return _Certificates(authority.trust, _server(authority, trusted), wrong)


def _server(authority: Authority, folder: Path, host: str = "") -> ssl.SSLContext:
    authority.issue(folder / "certificate.pem", folder / "key.pem", host=host)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


def _matches(asked: LDAPFilter, one: Held) -> bool:
    """RFC 4511 section 4.5.1.7, as far as anybody asks here."""
    match asked:
        case FilterAnd():
            return all(_matches(part, one) for part in asked.filters)
        case FilterOr():
            return any(_matches(part, one) for part in asked.filters)
        case FilterEquality():
            return asked.value in one.attributes.get(asked.attribute, [])
        case FilterSubstrings():
            parts = (asked.initial or b"", *asked.any, asked.final or b"")
            pattern = b".*".join(map(re.escape, parts))
            return any(re.fullmatch(pattern, value, re.DOTALL) for value in one.attributes.get(asked.attribute, []))
    return bool(one.attributes.get(getattr(asked, "attribute", ""), []))
