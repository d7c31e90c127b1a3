"""A mailbox: the deliverer of mails and text messages in tests, in which they can be read."""

import asyncio
from collections.abc import Iterable

from hexkeep.ports.delivery import Deliverer, Outgoing
from hexkeep.ports.hooks import hookimpl

CHANNELS = ("mail", "sms")


class Message:
    """A message that has arrived."""

    def __init__(self, outgoing: Outgoing) -> None:
        values = outgoing.payload["values"]
        assert isinstance(values, dict)
        self.kind = str(outgoing.payload["message"])
        self.to = str(outgoing.payload["to"])
        self.values = {name: str(value) for name, value in values.items()}


class Mailbox:
    """Takes everything over. As a plugin it delivers both channels."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self._arrived = asyncio.Condition()

    async def deliver(self, outgoing: Outgoing) -> None:
        """Keep it."""
        async with self._arrived:
            self.messages.append(Message(outgoing))
            self._arrived.notify_all()

    async def next(self, kind: str, seconds: float = 30.0) -> Message:
        """The next message of a kind that nobody has asked for yet."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: self._unread(kind))
            found = self._unread(kind)[0]
            self.messages.remove(found)
            return found

    def _unread(self, kind: str) -> list[Message]:
        return [one for one in self.messages if one.kind == kind]

    @hookimpl
    def hexkeep_deliverers(self) -> Iterable[tuple[str, Deliverer]]:
        """See the hook."""
        return [(channel, self) for channel in CHANNELS]
