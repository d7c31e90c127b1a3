"""The operations of `text`. Made by `python -m hexkeep.client.generate`; do not edit."""

from collections.abc import Mapping

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.text import SLICE
from hexkeep.core.text.commands import CustomTextsView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncTextCalls:
    """The operations of `text`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def get_default_custom_texts(self, *, language: str) -> CustomTextsView:
        """Get the instance's own texts in a language.

        Needs `policy.read`. The fields are those of `GetDefaultCustomTexts`.
        """
        fields: dict[str, object] = {"language": language}
        return await self._calls.answer(_OPERATIONS["GetDefaultCustomTexts"], CustomTextsView, fields)

    async def set_default_custom_texts(
        self,
        *,
        expected_version: int | None = None,
        language: str,
        texts: Mapping[str, str],
    ) -> None:
        """Set the instance's own texts in a language. Those that are left out are ours again.

        Needs `policy.write`. The fields are those of `SetDefaultCustomTexts`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "language": language, "texts": texts}
        await self._calls.answer(_OPERATIONS["SetDefaultCustomTexts"], Empty, fields)

    async def reset_default_custom_texts(self, *, expected_version: int | None = None, language: str) -> None:
        """Take the instance's own texts in a language back.

        Needs `policy.write`. The fields are those of `ResetDefaultCustomTexts`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "language": language}
        await self._calls.answer(_OPERATIONS["ResetDefaultCustomTexts"], Empty, fields)

    async def get_custom_texts(self, *, organization_id: str, language: str) -> CustomTextsView:
        """Get an organization's own texts in a language, and those that count there.

        Needs `policy.read`. The fields are those of `GetCustomTexts`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "language": language}
        return await self._calls.answer(_OPERATIONS["GetCustomTexts"], CustomTextsView, fields)

    async def set_custom_texts(
        self,
        *,
        expected_version: int | None = None,
        organization_id: str,
        language: str,
        texts: Mapping[str, str],
    ) -> None:
        """Set an organization's own texts in a language. Those that are left out are the instance's again.

        Needs `policy.write`. The fields are those of `SetCustomTexts`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "organization_id": organization_id,
            "language": language,
            "texts": texts,
        }
        await self._calls.answer(_OPERATIONS["SetCustomTexts"], Empty, fields)

    async def reset_custom_texts(
        self,
        *,
        expected_version: int | None = None,
        organization_id: str,
        language: str,
    ) -> None:
        """Take an organization's own texts in a language back.

        Needs `policy.write`. The fields are those of `ResetCustomTexts`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "organization_id": organization_id,
            "language": language,
        }
        await self._calls.answer(_OPERATIONS["ResetCustomTexts"], Empty, fields)
