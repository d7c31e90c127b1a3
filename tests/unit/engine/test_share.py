"""What strangers have us fetch never takes all of the way out."""

import asyncio

import pytest

from hexkeep.engine.share import Share
from hexkeep.ports.outbound import Nowhere, OutboundFailed, WebRequest, WebResponse

ASKED = WebRequest("https://client.example/jwks")


class Slow(Nowhere):
    """A place that answers when it is told to."""

    def __init__(self) -> None:
        self.answering = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def send(self, request: WebRequest) -> WebResponse:
        """Wait for the word."""
        self.asked.release()
        await self.answering.wait()
        return WebResponse(request.url, 200, {}, b"")


async def test_full_share_refuses_at_once_and_takes_more_when_there_is_room() -> None:
    """Nobody waits behind slow strangers, and what they held is free again afterwards, failures too."""
    place = Slow()
    share = Share(place, most=2)
    under_way = [asyncio.create_task(share.send(ASKED)) for _ in range(2)]
    for _ in under_way:
        await place.asked.acquire()
    with pytest.raises(OutboundFailed, match="unavailable"):
        await share.send(ASKED)
    under_way[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await under_way[0]
    place.answering.set()
    assert (await share.send(ASKED)).status == (await under_way[1]).status == 200


async def test_failures_give_their_place_back() -> None:
    """A share in front of a port that reaches nothing fails for ever, and never because it is full."""
    share = Share(Nowhere(), most=1)
    for _ in range(3):
        with pytest.raises(OutboundFailed):
            await share.send(ASKED)
