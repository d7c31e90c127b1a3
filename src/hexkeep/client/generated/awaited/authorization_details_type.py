"""The operations of `authorization_details_type`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.detailstype import SLICE
from hexkeep.core.detailstype.commands import AuthorizationDetailsTypeCreated, AuthorizationDetailsTypes
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.oidc.rfc9396 import DetailsField

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncAuthorizationDetailsTypeCalls:
    """The operations of `authorization_details_type`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_authorization_details_type(
        self,
        *,
        type: str,
        name: str,
        description: str = "",
        details_fields: tuple[DetailsField, ...] | list[DetailsField] = (),
        idempotency_key: str = "",
    ) -> AuthorizationDetailsTypeCreated:
        """Add a type of authorization details (RFC 9396). Applications that register it may ask for objects of it.

        Needs `instance.write`. The fields are those of `CreateAuthorizationDetailsType`.
        """
        fields: dict[str, object] = {
            "type": type,
            "name": name,
            "description": description,
            "details_fields": details_fields,
        }
        return await self._calls.answer(
            _OPERATIONS["CreateAuthorizationDetailsType"], AuthorizationDetailsTypeCreated, fields, idempotency_key
        )

    async def list_authorization_details_types(self) -> AuthorizationDetailsTypes:
        """List the types of authorization details that applications of the instance may register.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListAuthorizationDetailsTypes"], AuthorizationDetailsTypes, fields)

    async def update_authorization_details_type(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        authorization_details_type_id: str,
        name: str | None = None,
        description: str | None = None,
        details_fields: tuple[DetailsField, ...] | list[DetailsField] | None = None,
    ) -> None:
        """Change how a type is shown, or which fields its objects have. What was granted before stays as it was.

        Needs `instance.write`. The fields are those of `UpdateAuthorizationDetailsType`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "authorization_details_type_id": authorization_details_type_id,
            "name": name,
            "description": description,
            "details_fields": details_fields,
        }
        await self._calls.answer(_OPERATIONS["UpdateAuthorizationDetailsType"], Empty, fields)

    async def delete_authorization_details_type(
        self,
        *,
        expected_version: int | None = None,
        authorization_details_type_id: str,
    ) -> None:
        """Remove a type: nobody may ask for it any more. What was granted under it stays granted until it ends.

        Needs `instance.write`. The fields are those of `DeleteAuthorizationDetailsType`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "authorization_details_type_id": authorization_details_type_id,
        }
        await self._calls.answer(_OPERATIONS["DeleteAuthorizationDetailsType"], Empty, fields)
