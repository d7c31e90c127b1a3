"""Who called, from where, with what: sealed with each unit, for the audit trail, and erased with its person.

The person is the caller; of a call by nobody, such as a sign-in, it is the user that the decision was about. Only where
nobody is known is it sealed under the key of the day.
"""

import json
from dataclasses import dataclass

from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.engine.codec import canonical
from hexkeep.engine.keyring import Keyring, day_key, subject_key

MAX_USER_AGENT = 400


@dataclass(frozen=True, slots=True)
class Client:
    """Where a call came from. All is empty for calls from inside, and once its person is erased.

    ``client_id`` is the application whose token was presented, or the token itself where it is a user's own.
    """

    surface: str = ""
    address: str = ""
    user_agent: str = ""
    client_id: str = ""


class ClientData:
    """Seals client data under a person's own key, or under the day's key when nobody is known, and opens it again."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def sealed(self, request: Request, surface: str, person: str = "", client_id: str = "") -> bytes:
        """The sealed ``[surface, address, user agent, client id]`` of a call; empty for calls from inside.

        ``person`` is whom a call by nobody was about, ``client_id`` the application that one of a protocol came from.
        Of a person who was erased meanwhile nothing is kept.
        """
        client_id = request.caller.client_id or client_id
        if not request.address and not request.user_agent and not client_id:
            return b""
        name = _key_name(request, person)
        try:
            key = await self._keyring.newest(request.instance, name)
        except LookupError:
            return b""
        plain = canonical([surface, request.address, request.user_agent[:MAX_USER_AGENT], client_id])
        label = canonical([name, key.version])
        sealed = self._keyring.cipher.seal(key.secret, plain, _context(request.instance, name))
        return len(label).to_bytes(2, "big") + label + sealed

    async def opened(self, instance: str, client: bytes) -> Client:
        """What was sealed; nothing once its key is destroyed. Raises ``ValueError`` for what nobody has sealed so.

        What was sealed before clients were kept has none.
        """
        if not client:
            return Client()
        end = 2 + int.from_bytes(client[:2], "big")
        name, version = json.loads(client[2:end])
        try:
            key = await self._keyring.version(instance, name, version)
        except LookupError:
            return Client()
        if key is None:
            return Client()
        return Client(*json.loads(self._keyring.cipher.open(key.secret, client[end:], _context(instance, name))))


def _key_name(request: Request, person: str) -> str:
    if request.caller.kind is CallerKind.USER:
        return subject_key(request.caller.user_id)
    return subject_key(person) if person else day_key(request.now)


def _context(instance: str, name: str) -> bytes:
    return f"hexkeep-client/{instance}/{name}".encode()
