"""The operations of `delivery`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.delivery import SLICE
from hexkeep.core.delivery.projection import DeliveryState
from hexkeep.core.delivery.queries import DeliveryPage, DeliveryView
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncDeliveryCalls:
    """The operations of `delivery`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    def list_deliveries(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        state: DeliveryState = DeliveryState.UNSPECIFIED,
        channel: str = "",
        outbox: str = "",
        user_id: str = "",
    ) -> AsyncListing[DeliveryPage, DeliveryView]:
        """List what waits to be delivered, was delivered lately, or could not be.

        Needs `delivery.read`. The fields are those of `ListDeliveries`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "state": state,
            "channel": channel,
            "outbox": outbox,
            "user_id": user_id,
        }
        return self._calls.listing(_OPERATIONS["ListDeliveries"], DeliveryPage, DeliveryView, fields)

    async def retry_delivery(self, *, delivery_id: str) -> None:
        """Try a delivery that waits or is dead again, at once and with all its attempts before it.

        Needs `delivery.write`. The fields are those of `RetryDelivery`.
        """
        fields: dict[str, object] = {"delivery_id": delivery_id}
        await self._calls.answer(_OPERATIONS["RetryDelivery"], Empty, fields)

    async def discard_delivery(self, *, delivery_id: str) -> None:
        """Give up a delivery that waits or is dead; one that is on its way may still arrive.

        Needs `delivery.write`. The fields are those of `DiscardDelivery`.
        """
        fields: dict[str, object] = {"delivery_id": delivery_id}
        await self._calls.answer(_OPERATIONS["DiscardDelivery"], Empty, fields)
