"""The operations of `verification`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.verification import SLICE
from hexkeep.core.verification.queries import VerificationStatus

_OPERATIONS = {one.name: one for one in SLICE.operations}


class VerificationCalls:
    """The operations of `verification`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_verification_status(self) -> VerificationStatus:
        """Get what the scheduled verification of all logs found last.

        Needs `system.verification.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetVerificationStatus"], VerificationStatus, fields)
