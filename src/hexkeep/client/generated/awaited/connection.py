"""The operations of `connection`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.connection import SLICE
from hexkeep.core.connection.messages import ConnectionList
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncConnectionCalls:
    """The operations of `connection`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def list_my_connections(self) -> ConnectionList:
        """List the applications that have something of the caller: consent, refresh tokens, a part in sessions.

        Any caller may ask for it. The fields are those of `ListMyConnections`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListMyConnections"], ConnectionList, fields)

    async def revoke_my_connection(self, *, client_id: str) -> None:
        """Take back all that an application has of the caller: no token of it holds from now on.

        The application is signed out, and told if it wants to be. Whether the caller is asked when it comes again is as it
        is for everybody who comes to it first.

        Any caller may ask for it. The fields are those of `RevokeMyConnection`.
        """
        fields: dict[str, object] = {"client_id": client_id}
        await self._calls.answer(_OPERATIONS["RevokeMyConnection"], Empty, fields)

    async def list_user_connections(self, *, user_id: str) -> ConnectionList:
        """List the applications that have something of a user: consent, refresh tokens, a part in sessions.

        Needs `session.read`. The fields are those of `ListUserConnections`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["ListUserConnections"], ConnectionList, fields)

    async def revoke_user_connection(self, *, user_id: str, client_id: str) -> None:
        """Take back all that an application has of a user: no token of it holds from now on.

        The application is signed out, and told if it wants to be. The caller must hold at least what the user holds, as to
        end the user's sessions.

        Needs `session.write`. The fields are those of `RevokeUserConnection`.
        """
        fields: dict[str, object] = {"user_id": user_id, "client_id": client_id}
        await self._calls.answer(_OPERATIONS["RevokeUserConnection"], Empty, fields)
