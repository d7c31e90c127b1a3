"""A DNS server for tests: a real one, on UDP of the loopback, that knows what it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.message
import dns.rcode
import dns.rrset


@dataclass
class NameServer(asyncio.DatagramProtocol):
    """Records by name and type, as texts of a zone file. Without an answer it says that there is no such name."""

    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    silent: bool = False
    turns: bool = False
    """Whether each question is answered with the first of the records, which is then the last: rebinding."""
    port: int = 0
    _transport: asyncio.DatagramTransport | None = None

    @property
    def address(self) -> str:
        """As the setting ``outbound.nameservers`` takes it."""
        return f"127.0.0.1:{self.port}"

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember how to answer."""
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        query = dns.message.from_wire(data)
        name, kind = query.question[0].name, str(dns.rdatatype.to_text(query.question[0].rdtype))
        place = (str(name).rstrip("."), kind)
        self.asked.append(place)
        if self.silent or self._transport is None:
            return
        answer = dns.message.make_response(query)
        found = self.records.get(place, [])
        if self.turns and found:
            self.records[place] = [*found[1:], found[0]]
            found = found[:1]
        if found:
            answer.answer.append(dns.rrset.from_text(name, 1, "IN", kind, *found))
        elif all(known != place[0] for known, _ in self.records):
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(records: dict[tuple[str, str], list[str]] | None = None) -> AsyncIterator[NameServer]:
    """One that runs."""
    server = NameServer(dict(records or {}))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: server, local_addr=("127.0.0.1", 0)
    )
    try:
        yield server
    finally:
        transport.close()
