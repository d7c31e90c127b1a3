"""The operations of `code`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.code import SLICE
from hexkeep.core.code.settings import CodePurpose, CodeSettingsList
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class CodeCalls:
    """The operations of `code`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def list_code_settings(self) -> CodeSettingsList:
        """List how long codes are, and for how long they are good, by what they are for.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["ListCodeSettings"], CodeSettingsList, fields)

    def set_code_settings(
        self,
        *,
        expected_version: int | None = None,
        purpose: CodePurpose,
        length: int = 0,
        lifetime_seconds: int,
    ) -> None:
        """Set how long codes for a purpose are, and for how long they are good, within what is safe.

        Needs `instance.write`. The fields are those of `SetCodeSettings`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "purpose": purpose,
            "length": length,
            "lifetime_seconds": lifetime_seconds,
        }
        self._calls.answer(_OPERATIONS["SetCodeSettings"], Empty, fields)

    def reset_code_settings(self, *, expected_version: int | None = None, purpose: CodePurpose) -> None:
        """Have codes for a purpose be as they were at first.

        Needs `instance.write`. The fields are those of `ResetCodeSettings`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "purpose": purpose}
        self._calls.answer(_OPERATIONS["ResetCodeSettings"], Empty, fields)
