"""Who called, from where, with what: sealed with each unit, for the audit trail, and erased with its person."""

from hexkeep.core.kernel.decision import Request
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.engine.codec import canonical
from hexkeep.engine.keyring import Keyring

MAX_USER_AGENT = 400


class ClientData:
    """Seals client data under the caller's own key, or under the day's key when nobody is known."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def sealed(self, request: Request, surface: str) -> bytes:
        """The sealed ``[surface, address, user agent]`` of a call; empty for calls from inside."""
        if not request.address and not request.user_agent:
            return b""
        name = self._key_name(request)
        key = await self._keyring.newest(request.instance, name)
        plain = canonical([surface, request.address, request.user_agent[:MAX_USER_AGENT]])
        context = f"hexkeep-client/{request.instance}/{name}".encode()
        label = canonical([name, key.version])
        return len(label).to_bytes(2, "big") + label + self._keyring.cipher.seal(key.secret, plain, context)

    def _key_name(self, request: Request) -> str:
        if request.caller.kind is CallerKind.USER:
            return f"subject/{request.caller.user_id}"
        return f"client/{request.now.date().isoformat()}"
