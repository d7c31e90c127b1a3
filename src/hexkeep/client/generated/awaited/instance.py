"""The operations of `instance`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.instance import SLICE
from hexkeep.core.instance.limits import InstanceLimits
from hexkeep.core.instance.queries import (
    InstanceDetails,
    InstanceSort,
    InstanceSummary,
    InstanceView,
    ListInstancesOutput,
)
from hexkeep.core.instance.setup import CreateInstanceOutput
from hexkeep.core.instance.state import InstanceStatus
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncInstanceCalls:
    """The operations of `instance`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_instance(
        self,
        *,
        name: str,
        origin: str,
        organization_name: str,
        user_name: str,
        given_name: str,
        family_name: str,
        email: str,
        password: str,
        idempotency_key: str = "",
    ) -> CreateInstanceOutput:
        """Create an instance. It is set up in the background, within moments.

        Needs `system.instance.write`. The fields are those of `CreateInstance`.
        """
        fields: dict[str, object] = {
            "name": name,
            "origin": origin,
            "organization_name": organization_name,
            "user_name": user_name,
            "given_name": given_name,
            "family_name": family_name,
            "email": email,
            "password": password,
        }
        return await self._calls.answer(_OPERATIONS["CreateInstance"], CreateInstanceOutput, fields, idempotency_key)

    async def update_instance(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        instance_id: str,
        name: str | None = None,
    ) -> None:
        """Call an instance otherwise.

        Needs `system.instance.write`. The fields are those of `UpdateInstance`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "instance_id": instance_id,
            "name": name,
        }
        await self._calls.answer(_OPERATIONS["UpdateInstance"], Empty, fields)

    async def set_instance_origin(self, *, expected_version: int | None = None, instance_id: str, origin: str) -> None:
        """Give an instance another primary origin, and so another issuer: tokens of the old one do not hold any more.

        The old origin's host goes on answering until it is removed.

        Needs `system.instance.write`. The fields are those of `SetInstanceOrigin`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id, "origin": origin}
        await self._calls.answer(_OPERATIONS["SetInstanceOrigin"], Empty, fields)

    async def add_instance_host(self, *, expected_version: int | None = None, instance_id: str, host: str) -> None:
        """Let an instance answer under one more host, which must not be another instance's.

        Needs `system.instance.write`. The fields are those of `AddInstanceHost`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id, "host": host}
        await self._calls.answer(_OPERATIONS["AddInstanceHost"], Empty, fields)

    async def remove_instance_host(self, *, expected_version: int | None = None, instance_id: str, host: str) -> None:
        """Let an instance answer under a host no more. The host of its primary origin stays.

        Needs `system.instance.write`. The fields are those of `RemoveInstanceHost`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id, "host": host}
        await self._calls.answer(_OPERATIONS["RemoveInstanceHost"], Empty, fields)

    async def deactivate_instance(self, *, expected_version: int | None = None, instance_id: str) -> None:
        """Let an instance answer nobody until it is reactivated.

        Needs `system.instance.write`. The fields are those of `DeactivateInstance`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id}
        await self._calls.answer(_OPERATIONS["DeactivateInstance"], Empty, fields)

    async def reactivate_instance(self, *, expected_version: int | None = None, instance_id: str) -> None:
        """Let an instance answer again.

        Needs `system.instance.write`. The fields are those of `ReactivateInstance`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id}
        await self._calls.answer(_OPERATIONS["ReactivateInstance"], Empty, fields)

    async def delete_instance(self, *, expected_version: int | None = None, instance_id: str) -> None:
        """Remove an instance for good. Its hosts are free for others; its log stays.

        Needs `system.instance.write`. The fields are those of `DeleteInstance`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "instance_id": instance_id}
        await self._calls.answer(_OPERATIONS["DeleteInstance"], Empty, fields)

    async def get_instance(self, *, instance_id: str) -> InstanceDetails:
        """Get an instance with its hosts.

        Needs `system.instance.read`. The fields are those of `GetInstance`.
        """
        fields: dict[str, object] = {"instance_id": instance_id}
        return await self._calls.answer(_OPERATIONS["GetInstance"], InstanceDetails, fields)

    def list_instances(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        name: str = "",
        status: InstanceStatus = InstanceStatus.UNSPECIFIED,
        sort: InstanceSort = InstanceSort.UNSPECIFIED,
    ) -> AsyncListing[ListInstancesOutput, InstanceSummary]:
        """List instances.

        Needs `system.instance.read`. The fields are those of `ListInstances`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "name": name,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListInstances"], ListInstancesOutput, InstanceSummary, fields)

    async def get_my_instance(self) -> InstanceView:
        """Get the instance that was called, with its hosts.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetMyInstance"], InstanceView, fields)

    async def set_instance_limits(
        self,
        *,
        expected_version: int | None = None,
        instance_id: str,
        calls_per_minute: int = 0,
        calls_per_minute_per_address: int = 0,
        calls_per_minute_per_user: int = 0,
        calls_per_minute_per_client: int = 0,
        calls_per_month: int = 0,
        refuse_beyond_quota: bool = True,
    ) -> None:
        """Set how much an instance may be used. It holds on every node within seconds.

        Needs `system.instance.write`. The fields are those of `SetInstanceLimits`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "instance_id": instance_id,
            "calls_per_minute": calls_per_minute,
            "calls_per_minute_per_address": calls_per_minute_per_address,
            "calls_per_minute_per_user": calls_per_minute_per_user,
            "calls_per_minute_per_client": calls_per_minute_per_client,
            "calls_per_month": calls_per_month,
            "refuse_beyond_quota": refuse_beyond_quota,
        }
        await self._calls.answer(_OPERATIONS["SetInstanceLimits"], Empty, fields)

    async def get_instance_limits(self, *, instance_id: str) -> InstanceLimits:
        """Get how much an instance may be used, and how much of its quota it has used this month.

        Needs `system.instance.read`. The fields are those of `GetInstanceLimits`.
        """
        fields: dict[str, object] = {"instance_id": instance_id}
        return await self._calls.answer(_OPERATIONS["GetInstanceLimits"], InstanceLimits, fields)

    async def get_my_instance_limits(self) -> InstanceLimits:
        """Get how much the instance that was called may be used, and how much of its quota it has used this month.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetMyInstanceLimits"], InstanceLimits, fields)
