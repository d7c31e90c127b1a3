"""The operations of `access_token`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import datetime

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.accesstoken import SLICE
from hexkeep.core.accesstoken.commands import NewPersonalAccessToken
from hexkeep.core.accesstoken.queries import PersonalAccessTokenPage, PersonalAccessTokenView
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AccessTokenCalls:
    """The operations of `access_token`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_personal_access_token(
        self,
        *,
        user_id: str,
        name: str,
        expires_at: datetime | None = None,
        idempotency_key: str = "",
    ) -> NewPersonalAccessToken:
        """Create a token with which a machine user calls the API. It is shown this once.

        Whoever presents it is that user, with all that the user may do. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `CreatePersonalAccessToken`.
        """
        fields: dict[str, object] = {"user_id": user_id, "name": name, "expires_at": expires_at}
        return self._calls.answer(
            _OPERATIONS["CreatePersonalAccessToken"], NewPersonalAccessToken, fields, idempotency_key
        )

    def list_personal_access_tokens(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str = "",
        organization_id: str = "",
    ) -> Listing[PersonalAccessTokenPage, PersonalAccessTokenView]:
        """List those personal access tokens that the caller may read; never the tokens themselves.

        Needs `user.read`. The fields are those of `ListPersonalAccessTokens`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "organization_id": organization_id,
        }
        return self._calls.listing(
            _OPERATIONS["ListPersonalAccessTokens"], PersonalAccessTokenPage, PersonalAccessTokenView, fields
        )

    def delete_personal_access_token(self, *, expected_version: int | None = None, token_id: str) -> None:
        """Delete a user's token: it holds no more, from this moment on.

        The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeletePersonalAccessToken`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "token_id": token_id}
        self._calls.answer(_OPERATIONS["DeletePersonalAccessToken"], Empty, fields)

    def create_my_personal_access_token(
        self,
        *,
        name: str,
        expires_at: datetime | None = None,
        idempotency_key: str = "",
    ) -> NewPersonalAccessToken:
        """Create a token with which the caller's own programs call the API. It is shown this once.

        It ends with the caller's present password. It can only be made with the token of a session, by somebody who has
        signed in lately: one that was found, or that an application was given, must not be good for another that outlives
        it. Raises ``ReauthenticationRequired``.

        Any caller may ask for it. The fields are those of `CreateMyPersonalAccessToken`.
        """
        fields: dict[str, object] = {"name": name, "expires_at": expires_at}
        return self._calls.answer(
            _OPERATIONS["CreateMyPersonalAccessToken"], NewPersonalAccessToken, fields, idempotency_key
        )

    def list_my_personal_access_tokens(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
    ) -> Listing[PersonalAccessTokenPage, PersonalAccessTokenView]:
        """List the caller's own personal access tokens; never the tokens themselves.

        Any caller may ask for it. The fields are those of `ListMyPersonalAccessTokens`.
        """
        fields: dict[str, object] = {"limit": limit, "cursor": cursor, "descending": descending, "count": count}
        return self._calls.listing(
            _OPERATIONS["ListMyPersonalAccessTokens"], PersonalAccessTokenPage, PersonalAccessTokenView, fields
        )

    def delete_my_personal_access_token(self, *, expected_version: int | None = None, token_id: str) -> None:
        """Delete one of the caller's own tokens: it holds no more, from this moment on.

        Any caller may ask for it. The fields are those of `DeleteMyPersonalAccessToken`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "token_id": token_id}
        self._calls.answer(_OPERATIONS["DeleteMyPersonalAccessToken"], Empty, fields)
