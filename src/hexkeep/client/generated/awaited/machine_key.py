"""The operations of `machine_key`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import datetime

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.key.state import Algorithm
from hexkeep.core.machinekey import SLICE
from hexkeep.core.machinekey.commands import NewMachineKey
from hexkeep.core.machinekey.queries import MachineKeyPage, MachineKeyView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncMachineKeyCalls:
    """The operations of `machine_key`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_machine_key(
        self,
        *,
        user_id: str,
        algorithm: Algorithm = Algorithm.UNSPECIFIED,
        public_key: str = "",
        expires_at: datetime | None = None,
        idempotency_key: str = "",
    ) -> NewMachineKey:
        """Create a key with which a machine user gets access tokens, by assertions that it signs (RFC 7523 section 2.1).

        Either a key pair is made here and its private part is shown this once, as a file; or the caller brings a public
        key, whose private part never leaves the machine. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `CreateMachineKey`.
        """
        fields: dict[str, object] = {
            "user_id": user_id,
            "algorithm": algorithm,
            "public_key": public_key,
            "expires_at": expires_at,
        }
        return await self._calls.answer(_OPERATIONS["CreateMachineKey"], NewMachineKey, fields, idempotency_key)

    async def get_machine_key(self, *, key_id: str) -> MachineKeyView:
        """Get one machine user's key: its public part, and how long it holds.

        Needs `user.read`. The fields are those of `GetMachineKey`.
        """
        fields: dict[str, object] = {"key_id": key_id}
        return await self._calls.answer(_OPERATIONS["GetMachineKey"], MachineKeyView, fields)

    def list_machine_keys(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str = "",
        organization_id: str = "",
    ) -> AsyncListing[MachineKeyPage, MachineKeyView]:
        """List those machine users' keys that the caller may read.

        Needs `user.read`. The fields are those of `ListMachineKeys`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "organization_id": organization_id,
        }
        return self._calls.listing(_OPERATIONS["ListMachineKeys"], MachineKeyPage, MachineKeyView, fields)

    async def delete_machine_key(self, *, expected_version: int | None = None, key_id: str) -> None:
        """Delete a machine user's key: nothing that it signs is believed any more.

        An access token that was issued for it ends by itself within minutes. The caller must hold at least what the user
        holds.

        Needs `user.write`. The fields are those of `DeleteMachineKey`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "key_id": key_id}
        await self._calls.answer(_OPERATIONS["DeleteMachineKey"], Empty, fields)
