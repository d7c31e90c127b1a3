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
MAX_MESSAGES = 100
"""How many messages may come before the end of a search: entries, and references that are passed over."""
MOST = 2
"""How many entries are asked for: of two it is neither."""
SEQUENCE, LONG = 0x30, 0x80
LENGTH_BYTES = 4
PASSING = frozenset({LDAPResultCode.BUSY, LDAPResultCode.UNAVAILABLE})
"""What a server answers that cannot now, while another one may."""

Exactly = Callable[[int], Awaitable[bytes]]
"""Reads so many bytes; raises ``EOFError`` where there are fewer."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in the directory. ``attributes`` are by name in small letters."""

    name: str = field(repr=False)
    attributes: Mapping[str, tuple[bytes, ...]] = field(repr=False)


class Session:
    """A connection, encrypted. Whatever it raises is ``IdpUnreachable`` or ``IdpMalformed``."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._client = LDAPClient()

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

    async def search(
        self,
        base: str,
        object_classes: tuple[str, ...],
        attributes: tuple[str, ...],
        values: tuple[bytes, ...],
        *,
        told: Iterable[str],
    ) -> list[Entry]:
        """Entries below ``base`` (RFC 4511 section 4.5), with the attributes that are to be ``told`` of them.

        None where there are more than come. They have all the object classes, and one of the values in one of the
        attributes. Two are enough to know that there is not one, so no more are asked for, and pages of results
        (RFC 2696) have no use.
        """
        classes = [FilterEquality("objectClass", one.encode()) for one in object_classes]
        either: list[LDAPFilter] = [FilterEquality(name, value) for name in attributes for value in values]
        self._client.search_request(
            base,
            SearchScope.SUBTREE,
            DereferencingPolicy.NEVER,
            size_limit=MOST,
            filter=FilterAnd([*classes, FilterOr(either)]),
            attributes=list(told),
        )
        found: list[Entry] = []
        for _ in range(MAX_MESSAGES):
            answer = await self._answer()
            if isinstance(answer, SearchResultEntry) and len(found) < MOST:
                held = {one.name.lower(): tuple(one.values) for one in answer.attributes}
                found.append(Entry(answer.object_name, held))
            elif isinstance(answer, SearchResultDone):
                return found if _is_all(answer.result.result_code) else []
        raise IdpMalformed("too_many")

    async def _answer(self) -> LDAPMessage:
        try:
            self._writer.write(self._client.data_to_send())
            return await read_message(self._client, self._reader.readexactly)
        except (OSError, EOFError):
            raise IdpUnreachable("connection") from None

    def close(self) -> None:
        """Leave, which says what an unbind says (RFC 4511 section 5.3), and wait for nobody."""
        self._writer.transport.abort()


def _is_all(code: LDAPResultCode) -> bool:
    """Whether that was all there is. More than is told is not one, however few are told; else raises what it means."""
    if code in {LDAPResultCode.SUCCESS, LDAPResultCode.SIZE_LIMIT_EXCEEDED}:
        return code == LDAPResultCode.SUCCESS
    if code in {LDAPResultCode.NO_SUCH_OBJECT, LDAPResultCode.REFERRAL, LDAPResultCode.INVALID_DN_SYNTAX}:
        raise IdpMalformed("base_dn")
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
    try:
        found = client.receive(head + await exactly(size))
    except ProtocolError as error:
        raise IdpUnreachable("disconnected") if error.request else IdpMalformed("message") from None
    except (LDAPError, LookupError, ValueError):
        raise IdpMalformed("message") from None
    if len(found) != 1:
        raise IdpMalformed("message")
    return found[0]
