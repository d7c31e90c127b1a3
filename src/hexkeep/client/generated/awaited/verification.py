"""The operations of `verification`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.verification import SLICE
from hexkeep.core.verification.queries import VerificationStatus

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncVerificationCalls:
    """The operations of `verification`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def get_verification_status(self) -> VerificationStatus:
        """Get what the scheduled verification of all logs found last.

        Needs `system.verification.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetVerificationStatus"], VerificationStatus, fields)
