"""Looks outside, as a decision asks for them: through the outbound port, with every failure as an answer."""

from collections.abc import Mapping
from typing import Any

from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.outside import AsciiDomain, Fetched, FetchText, LookUpTxt
from hexkeep.engine.answers import Answer, Call
from hexkeep.ports.outbound import Outbound, OutboundFailed, WebRequest

SECONDS = 6.0
"""Less than a call may take: so it is told what was seen, and not that it took too long."""


def answers_of(outbound: Outbound) -> Mapping[type[Ask[Any]], Answer]:
    """What the asks of ``hexkeep.core.kernel.outside`` are answered with."""

    async def txt(_call: Call, ask: LookUpTxt) -> tuple[str, ...]:
        try:
            return await outbound.txt(ask.name)
        except OutboundFailed:
            return ()

    async def fetch(_call: Call, ask: FetchText) -> Fetched:
        request = WebRequest(ask.url, timeout=SECONDS, max_bytes=ask.max_bytes, plain=ask.plain)
        try:
            response = await outbound.send(request)
        except OutboundFailed as error:
            return Fetched(failure=error.code)
        try:
            return Fetched(response.status, response.body.decode())
        except UnicodeDecodeError:
            return Fetched(response.status, failure="no_text")

    async def ascii_domain(_call: Call, ask: AsciiDomain) -> str:
        return outbound.ascii_domain(ask.name)

    return {LookUpTxt: txt, FetchText: fetch, AsciiDomain: ascii_domain}
