"""The operations of `consent`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.consent import SLICE
from hexkeep.core.consent.messages import ConsentList
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncConsentCalls:
    """The operations of `consent`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def list_my_consents(self) -> ConsentList:
        """List the applications that the caller has agreed to, with what was agreed.

        Any caller may ask for it. The fields are those of `ListMyConsents`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListMyConsents"], ConsentList, fields)

    async def revoke_consent(self, *, client_id: str) -> None:
        """Take back the caller's consent to an application.

        The application has to ask again, and the refresh tokens it has for the caller do not work any more.

        Any caller may ask for it. The fields are those of `RevokeConsent`.
        """
        fields: dict[str, object] = {"client_id": client_id}
        await self._calls.answer(_OPERATIONS["RevokeConsent"], Empty, fields)
