"""The operations of `idp_link`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.idplink import SLICE
from hexkeep.core.idplink.commands import IdentityProviderLinkCreated
from hexkeep.core.idplink.queries import IdentityProviderLinkPage, IdentityProviderLinkView
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class IdpLinkCalls:
    """The operations of `idp_link`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def add_identity_provider_link(
        self,
        *,
        user_id: str,
        identity_provider_id: str,
        external_id: str,
        display_name: str = "",
        idempotency_key: str = "",
    ) -> IdentityProviderLinkCreated:
        """Link a user to an account at an identity provider, as when users are brought over from elsewhere.

        The provider is the instance's, or of the user's organization. An account is of one user at most. Whoever has the
        account can become the user, so the caller must hold at least what the user holds. To an account of the caller's own
        that is not enough: raises ``ReauthenticationRequired`` unless the caller has signed in lately.

        Needs `user.write`. The fields are those of `AddIdentityProviderLink`.
        """
        fields: dict[str, object] = {
            "user_id": user_id,
            "identity_provider_id": identity_provider_id,
            "external_id": external_id,
            "display_name": display_name,
        }
        return self._calls.answer(
            _OPERATIONS["AddIdentityProviderLink"], IdentityProviderLinkCreated, fields, idempotency_key
        )

    def list_user_identity_provider_links(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str,
        identity_provider_id: str = "",
    ) -> Listing[IdentityProviderLinkPage, IdentityProviderLinkView]:
        """List those links of a user that the caller may read.

        Needs `user.read`. The fields are those of `ListUserIdentityProviderLinks`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "identity_provider_id": identity_provider_id,
        }
        return self._calls.listing(
            _OPERATIONS["ListUserIdentityProviderLinks"], IdentityProviderLinkPage, IdentityProviderLinkView, fields
        )

    def remove_identity_provider_link(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_link_id: str,
    ) -> None:
        """Take a link away: the account stands for the user no more, and may be linked anew.

        The user's sessions by that account end, unless something else was proven in them since. A link of the caller's own
        takes a fresh sign-in here as well: raises ``ReauthenticationRequired``.

        Needs `user.write`. The fields are those of `RemoveIdentityProviderLink`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "identity_provider_link_id": identity_provider_link_id,
        }
        self._calls.answer(_OPERATIONS["RemoveIdentityProviderLink"], Empty, fields)

    def list_my_identity_provider_links(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
    ) -> Listing[IdentityProviderLinkPage, IdentityProviderLinkView]:
        """List the caller's own links to accounts at identity providers, as they are now.

        Any caller may ask for it. The fields are those of `ListMyIdentityProviderLinks`.
        """
        fields: dict[str, object] = {"limit": limit, "cursor": cursor, "descending": descending, "count": count}
        return self._calls.listing(
            _OPERATIONS["ListMyIdentityProviderLinks"], IdentityProviderLinkPage, IdentityProviderLinkView, fields
        )

    def remove_my_identity_provider_link(
        self,
        *,
        expected_version: int | None = None,
        identity_provider_link_id: str,
    ) -> None:
        """Take one of the caller's own links away, unless it is the only way to sign in that is left.

        The caller's other sessions by that account end, unless something else was proven in them since. Only who has signed
        in lately does that: raises ``ReauthenticationRequired``.

        Any caller may ask for it. The fields are those of `RemoveMyIdentityProviderLink`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "identity_provider_link_id": identity_provider_link_id,
        }
        self._calls.answer(_OPERATIONS["RemoveMyIdentityProviderLink"], Empty, fields)
