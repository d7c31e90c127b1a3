"""A conversation with a directory (RFC 4511): over TLS alone, within bounds, and to where we are let.

The messages are sansldap's; it is imported with the first conversation. A filter is built of values and never of text,
so there is nothing in a name that could be one (RFC 4515 has no say). Referrals are not followed: they would lead to
servers that nobody has configured.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from socket import socket
from typing import Self
from urllib.parse import urlsplit

from sansldap import (
    BindResponse,
    DereferencingPolicy,
    ExtendedOperations,
    ExtendedResponse,
    FilterAnd,
    FilterEquality,
    FilterOr,
    LDAPClient,
    LDAPError,
    LDAPFilter,
    LDAPMessage,
    LDAPResultCode,
    PagedResultControl,
    ProtocolError,
    SearchResultDone,
    SearchResultEntry,
    SearchScope,
)

from hexkeep.ports.idp import IdpMalformed, IdpUnreachable
from hexkeep.ports.outbound import Outbound, OutboundFailed

LDAP, LDAPS = 389, 636
"""The ports of RFC 4516 section 2 and of ``ldaps``."""
MAX_MESSAGE = 262_144
MAX_CONVERSATION = 2 * MAX_MESSAGE
"""Octets that a server may say in all: what it says is read by Python, which takes a while."""
MAX_MESSAGES = 100
"""How many messages may come before the end of a search: entries, and references that are passed over."""
MOST = 2
"""How many entries are asked for: of two it is neither."""
PAGE = 100
"""How many entries are asked for at a time, where all are sought."""
SEQUENCE, LONG = 0x30, 0x80
LENGTH_BYTES = 4
NUMBER_BYTES = 4
"""RFC 4511 section 4.1.1: ``maxInt``."""
NUMBER, RESULT_CODE = frozenset({0x02}), frozenset({0x0A})
RESULTS = frozenset({0x61, 0x65, 0x78})
"""The tags of what servers answer that begins with a result code: to a bind, a search and an extended operation."""
OPERATIONS = RESULTS | {0x64, 0x73}
"""Those, entries and references: all that a server says here."""
DONE = 0x65
CONTROLS_BEHIND, CRITICALITY = b"\xa0", b"\x01"
CONTROLS, ONE_CONTROL, TEXT = frozenset(CONTROLS_BEHIND), frozenset({SEQUENCE}), frozenset({0x04})
PAGED = b"1.2.840.113556.1.4.319"
"""The control of RFC 2696."""
MAX_CONTROLS = 10
MAX_COOKIE = 4096
"""Octets by which a server may know where it was."""
NAME_BEHIND = b"\x8a"
"""Where Active Directory puts the name of its notice of disconnection (MS-ADTS section 3.1.1.3)."""
AT_ONCE = 4096
"""Octets that are read in no time; longer messages are read in a thread."""
PASSING = frozenset({LDAPResultCode.BUSY, LDAPResultCode.UNAVAILABLE})
"""What a server answers that cannot now, while another one may."""

Exactly = Callable[[int], Awaitable[bytes]]
"""Reads so many bytes; raises ``EOFError`` where there are fewer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the directory. ``attributes`` are by name in small letters."""

    name: str = field(repr=False)
    attributes: Mapping[str, tuple[bytes, ...]] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """Entries below ``base`` with all the object classes, and one of the values in one of the attributes.

    ``told`` are the attributes that are to be told of them; ``setting`` is the word for a base that there is not.
    """

    base: str
    object_classes: tuple[str, ...]
    attributes: tuple[str, ...]
    values: tuple[bytes, ...] = field(repr=False)
    told: tuple[str, ...]
    setting: str = "base_dn"

    @property
    def filter(self) -> LDAPFilter:
        """What says so to a directory (RFC 4511 section 4.5.1.7)."""
        classes = [FilterEquality("objectClass", one.encode()) for one in self.object_classes]
        either: list[LDAPFilter] = [FilterEquality(name, value) for name in self.attributes for value in self.values]
        return FilterAnd([*classes, FilterOr(either)])


class Session:
    """A connection, encrypted. Whatever it raises is ``IdpUnreachable`` or ``IdpMalformed``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._client = LDAPClient()
        self._left = MAX_CONVERSATION

    @classmethod
    async def open(cls, outbound: Outbound, url: str, *, start_tls: bool) -> Self:
        """Connect to ``ldaps``, or to ``ldap`` and encrypt before anything else (RFC 4511 section 4.14)."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (LDAP if start_tls else LDAPS)
        try:
            trust = outbound.tls()
            connected = await outbound.connect(host, port)
            if start_tls:
                await _insist_on_tls(connected)
            # From here on the connection is asyncio's, which closes it whatever happens.
            reader, writer = await asyncio.open_connection(
                sock=connected, ssl=trust, server_hostname=host, limit=MAX_MESSAGE
            )
        except OutboundFailed as error:
            raise IdpUnreachable(error.code) from None
        except ssl.SSLCertVerificationError:
            raise IdpMalformed("certificate") from None
        except ssl.SSLError:
            raise IdpUnreachable("tls") from None
        except (OSError, EOFError):
            raise IdpUnreachable("connection") from None
        return cls(reader, writer)

    async def bind(self, name: str, password: str) -> int:
        """The result code to a name in the directory with a password (RFC 4511 sections 4.2 and A.1); 0 is success.

        Neither is empty: such a bind succeeds as nobody, whosever name it has (RFC 4513 sections 5.1.1 and 5.1.2).
        """
        if not name or not password:
            raise IdpMalformed("unauthenticated_bind")
        self._client.bind_simple(name, password)
        answer = await self._answer()
        if not isinstance(answer, BindResponse):
            raise IdpMalformed("bind_response")
        code = answer.result.result_code
        if code in PASSING:
            raise IdpUnreachable(f"bind_{code.value}")
        return code.value

    async def search(self, sought: Sought) -> list[Entry]:
        """The entries that are sought (RFC 4511 section 4.5); none where there are more than come.

        Two are enough to know that there is not one, so no more are asked for.
        """
        self._ask(sought, size_limit=MOST)
        found: list[Entry] = []
        for _ in range(MAX_MESSAGES):
            answer = await self._answer()
            if isinstance(answer, SearchResultEntry) and len(found) < MOST:
                found.append(_entry(answer))
            elif isinstance(answer, SearchResultDone):
                return found if _is_all(answer.result.result_code, sought) else []
        raise IdpMalformed("too_many")

    async def pages(self, sought: Sought, most: int) -> list[Entry]:
        """The first ``most`` of the entries that are sought, by pages (RFC 2696); nothing can be asked after it.

        A server that has no pages tells all at once. A cookie may be the same each time, so it is no sign of an end:
        who repeats pages, or has empty ones for ever, ends by what is counted. That there are more than a server is
        willing to tell is a failure, and not a smaller number.
        """
        self._ask(sought, controls=[PagedResultControl(critical=False, size=PAGE, cookie=b"")])
        found: list[Entry] = []
        for _ in range(most + MAX_MESSAGES):
            answer = await self._answer()
            if isinstance(answer, SearchResultEntry):
                found.append(_entry(answer))
                if len(found) == most:
                    return found
            elif isinstance(answer, SearchResultDone):
                if not _is_all(answer.result.result_code, sought):
                    raise IdpUnreachable("size_limit")
                cookie = next((one.cookie for one in answer.controls if isinstance(one, PagedResultControl)), b"")
                if not cookie:
                    return found
                self._ask(sought, controls=[PagedResultControl(critical=False, size=PAGE, cookie=cookie)])
        raise IdpMalformed("too_many")

    def _ask(self, sought: Sought, *, size_limit: int = 0, controls: Iterable[PagedResultControl] = ()) -> None:
        self._client.search_request(
            sought.base,
            SearchScope.SUBTREE,
            DereferencingPolicy.NEVER,
            size_limit=size_limit,
            filter=sought.filter,
            attributes=list(sought.told),
            controls=list(controls),
        )

    async def _answer(self) -> LDAPMessage:
        try:
            self._writer.write(self._client.data_to_send())
            return await read_message(self._client, self._exactly)
        except (OSError, EOFError):
            raise IdpUnreachable("connection") from None

    async def _exactly(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise IdpUnreachable("too_large")
        return await self._reader.readexactly(count)

    def close(self) -> None:
        """Leave, which says what an unbind says (RFC 4511 section 5.3), and wait for nobody."""
        self._writer.transport.abort()


def _entry(answer: SearchResultEntry) -> Entry:
    return Entry(answer.object_name, {one.name.lower(): tuple(one.values) for one in answer.attributes})


def _is_all(code: LDAPResultCode, sought: Sought) -> bool:
    """Whether that was all there is. More than is told is not one, however few are told; else raises what it means."""
    if code in {LDAPResultCode.SUCCESS, LDAPResultCode.SIZE_LIMIT_EXCEEDED}:
        return code == LDAPResultCode.SUCCESS
    if code in {LDAPResultCode.NO_SUCH_OBJECT, LDAPResultCode.REFERRAL, LDAPResultCode.INVALID_DN_SYNTAX}:
        raise IdpMalformed(sought.setting)
    raise IdpUnreachable(f"search_{code.value}")


async def _insist_on_tls(connected: socket) -> None:
    """Raise ``IdpMalformed`` unless the server agrees to encrypt. Nothing goes to it before, and nothing comes after.

    The answer is read to its last byte, so what somebody has put behind it meets the handshake, and no message of ours.
    """
    loop, client = asyncio.get_running_loop(), LDAPClient()

    async def exactly(count: int) -> bytes:
        read = bytearray()
        while len(read) < count:
            piece = await loop.sock_recv(connected, count - len(read))
            if not piece:
                raise EOFError
            read += piece
        return bytes(read)

    try:
        client.extended_request(ExtendedOperations.LDAP_START_TLS.value)
        await loop.sock_sendall(connected, client.data_to_send())
        answer = await read_message(client, exactly)
    except BaseException:
        connected.close()
        raise
    if not isinstance(answer, ExtendedResponse) or answer.result.result_code != LDAPResultCode.SUCCESS:
        connected.close()
        raise IdpMalformed("start_tls")


async def read_message(client: LDAPClient, exactly: Exactly) -> LDAPMessage:
    """The next message (RFC 4511 section 5.1), of which it is known how long it is before it is read."""
    head = await exactly(2)
    size = head[1]
    if head[0] != SEQUENCE or size in {LONG, *range(LONG + LENGTH_BYTES + 1, 256)}:
        raise IdpMalformed("message")
    if size > LONG:
        more = await exactly(size - LONG)
        head, size = head + more, int.from_bytes(more)
    if size > MAX_MESSAGE:
        raise IdpUnreachable("too_large")
    message = _plain(await exactly(size))
    try:
        found = client.receive(message) if size <= AT_ONCE else await asyncio.to_thread(client.receive, message)
    except ProtocolError as error:
        raise IdpUnreachable("disconnected") if error.request else IdpMalformed("message") from None
    except (LDAPError, LookupError, ValueError):
        raise IdpMalformed("message") from None
    if len(found) != 1:
        raise IdpMalformed("message")
    return found[0]


def _plain(content: bytes) -> bytes:
    """A message without its controls, but for where a page ends; raises ``IdpMalformed`` for what no server may say.

    sansldap takes the square of the length of a number, and calls itself for each level of what only clients say.
    """
    number, operation = _piece(content, 0, NUMBER)
    start, end = _piece(content, operation, OPERATIONS)
    numbers = [(number, operation)]
    if content[operation] in RESULTS:
        numbers.append(_piece(content[:end], start, RESULT_CODE))
    if any(last - first > NUMBER_BYTES for first, last in numbers):
        raise IdpMalformed("message")
    behind = content[end:] if content[end : end + 1] == NAME_BEHIND else b""
    if content[operation] == DONE and content[end : end + 1] == CONTROLS_BEHIND:
        behind = _page_end(_cookie(content, end))
    return _made(SEQUENCE, content[:end] + behind)


def _cookie(content: bytes, at: int) -> bytes:
    """By what the server knows the next page (RFC 2696 section 3), of the controls that stand there."""
    at, end = _piece(content, at, CONTROLS)
    content = content[:end]
    for _ in range(MAX_CONTROLS):
        if at == end:
            return b""
        inner, at = _piece(content, at, ONE_CONTROL)
        start, last = _piece(content, inner, TEXT)
        if content[start:last] == PAGED:
            return _cookie_of(content[last:at])
    raise IdpMalformed("controls")


def _cookie_of(control: bytes) -> bytes:
    """What stands behind the type of the control: perhaps a criticality, and a size that means nothing here."""
    at = 3 if control.startswith(CRITICALITY) else 0
    value = control[slice(*_piece(control, at, TEXT))]
    inner = value[slice(*_piece(value, 0, ONE_CONTROL))]
    _, behind = _piece(inner, 0, NUMBER)
    start, end = _piece(inner, behind, TEXT)
    if end - start > MAX_COOKIE:
        raise IdpMalformed("cookie")
    return inner[start:end]


def _page_end(cookie: bytes) -> bytes:
    """Controls, of which there is this one alone, with nothing of the server's in it but the cookie."""
    value = _made(SEQUENCE, b"\x02\x01\x00" + _made(0x04, cookie))
    return _made(0xA0, _made(SEQUENCE, _made(0x04, PAGED) + _made(0x04, value)))


def _made(tag: int, content: bytes) -> bytes:
    """A tag, a length, and what is in it (X.690 section 8.1)."""
    return bytes((tag, LONG + LENGTH_BYTES)) + len(content).to_bytes(LENGTH_BYTES) + content


def _piece(content: bytes, at: int, tags: frozenset[int]) -> tuple[int, int]:
    """Where that begins and ends which is in what stands there; raises ``IdpMalformed`` for what has another tag."""
    head = content[at : at + 2]
    if len(head) < 2 or head[0] not in tags:  # noqa: PLR2004 - a tag and a length
        raise IdpMalformed("message")
    start, size = at + 2, head[1]
    if size > LONG:
        more = size - LONG
        start, size = start + more, int.from_bytes(content[start : start + more])
    if start + size > len(content):
        raise IdpMalformed("message")
    return start, start + size
