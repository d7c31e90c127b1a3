"""The operations of `key`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import timedelta

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.key import SLICE
from hexkeep.core.key.commands import CreateSigningKeyOutput
from hexkeep.core.key.queries import ListSigningKeysOutput
from hexkeep.core.key.rotation import RotateSigningKeysOutput
from hexkeep.core.key.state import Algorithm

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncKeyCalls:
    """The operations of `key`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_signing_key(self, *, algorithm: Algorithm, idempotency_key: str = "") -> CreateSigningKeyOutput:
        """Make a key, which is published from now on. It is not used before it is activated, or a rotation needs one.

        Needs `key.write`. The fields are those of `CreateSigningKey`.
        """
        fields: dict[str, object] = {"algorithm": algorithm}
        return await self._calls.answer(
            _OPERATIONS["CreateSigningKey"], CreateSigningKeyOutput, fields, idempotency_key
        )

    async def activate_signing_key(self, *, key_id: str) -> None:
        """Let a key sign from now on. The one that signed with its algorithm until now stays published.

        Needs `key.write`. The fields are those of `ActivateSigningKey`.
        """
        fields: dict[str, object] = {"key_id": key_id}
        await self._calls.answer(_OPERATIONS["ActivateSigningKey"], Empty, fields)

    async def deactivate_signing_key(self, *, key_id: str) -> None:
        """Let a key sign no more. The active ES256 key cannot be deactivated: activate another one in its place.

        Needs `key.write`. The fields are those of `DeactivateSigningKey`.
        """
        fields: dict[str, object] = {"key_id": key_id}
        await self._calls.answer(_OPERATIONS["DeactivateSigningKey"], Empty, fields)

    async def delete_signing_key(self, *, key_id: str) -> None:
        """Remove a key that is not active. Nothing that it has signed can be verified any more.

        Needs `key.write`. The fields are those of `DeleteSigningKey`.
        """
        fields: dict[str, object] = {"key_id": key_id}
        await self._calls.answer(_OPERATIONS["DeleteSigningKey"], Empty, fields)

    async def list_signing_keys(self) -> ListSigningKeysOutput:
        """List the instance's keys and how they are rotated. Their private parts are never shown.

        Needs `key.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListSigningKeys"], ListSigningKeysOutput, fields)

    async def rotate_signing_keys(
        self,
        *,
        algorithm: Algorithm = Algorithm.UNSPECIFIED,
        idempotency_key: str = "",
    ) -> RotateSigningKeysOutput:
        """Use other keys from now on: those that were made ahead, else new ones. The former ones stay published a while.

        What they have signed holds until it expires. Where a key may have become known, delete it as well: nothing that it
        has signed holds then.

        Needs `key.write`. The fields are those of `RotateSigningKeys`.
        """
        fields: dict[str, object] = {"algorithm": algorithm}
        return await self._calls.answer(
            _OPERATIONS["RotateSigningKeys"], RotateSigningKeysOutput, fields, idempotency_key
        )

    async def set_key_rotation(
        self,
        *,
        automatic: bool = True,
        every: timedelta | None = None,
        published_ahead: timedelta | None = None,
        kept: timedelta | None = None,
        expected_version: int | None = None,
    ) -> None:
        """Set how keys make way for others by themselves, or that they do not. What is due by that is done within hours.

        Needs `key.write`. The fields are those of `SetKeyRotation`.
        """
        fields: dict[str, object] = {
            "automatic": automatic,
            "every": every,
            "published_ahead": published_ahead,
            "kept": kept,
            "expected_version": expected_version,
        }
        await self._calls.answer(_OPERATIONS["SetKeyRotation"], Empty, fields)
