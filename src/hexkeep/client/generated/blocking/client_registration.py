"""The operations of `client_registration`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import datetime

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.registration import SLICE
from hexkeep.core.registration.settings import ClientRegistrationView
from hexkeep.core.registration.state import RegistrationMode
from hexkeep.core.registration.tokens import InitialAccessTokenPage, InitialAccessTokenView, NewInitialAccessToken

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ClientRegistrationCalls:
    """The operations of `client_registration`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def get_client_registration(self) -> ClientRegistrationView:
        """Tell who may register clients.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["GetClientRegistration"], ClientRegistrationView, fields)

    def set_client_registration(
        self,
        *,
        expected_version: int | None = None,
        mode: RegistrationMode,
        project_id: str = "",
        metadata_documents: bool = False,
        token_endpoint_audience: bool = False,
    ) -> None:
        """Set who may register clients, and whether clients may be known by a document at their address.

        Users are asked for consent before they are signed in to any of these.

        Needs `instance.write`. The fields are those of `SetClientRegistration`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "mode": mode,
            "project_id": project_id,
            "metadata_documents": metadata_documents,
            "token_endpoint_audience": token_endpoint_audience,
        }
        self._calls.answer(_OPERATIONS["SetClientRegistration"], Empty, fields)

    def create_initial_access_token(
        self,
        *,
        project_id: str,
        name: str,
        uses: int = 1,
        expires_at: datetime | None = None,
        idempotency_key: str = "",
    ) -> NewInitialAccessToken:
        """Create a token with which clients may register themselves in a project (RFC 7591). It is shown this once.

        It is good for nothing while the instance's registration of clients is closed.

        Needs `application.write`. The fields are those of `CreateInitialAccessToken`.
        """
        fields: dict[str, object] = {"project_id": project_id, "name": name, "uses": uses, "expires_at": expires_at}
        return self._calls.answer(
            _OPERATIONS["CreateInitialAccessToken"], NewInitialAccessToken, fields, idempotency_key
        )

    def list_initial_access_tokens(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        project_id: str = "",
    ) -> Listing[InitialAccessTokenPage, InitialAccessTokenView]:
        """List those initial access tokens that the caller may read; never the tokens themselves.

        Needs `application.read`. The fields are those of `ListInitialAccessTokens`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "project_id": project_id,
        }
        return self._calls.listing(
            _OPERATIONS["ListInitialAccessTokens"], InitialAccessTokenPage, InitialAccessTokenView, fields
        )

    def delete_initial_access_token(self, *, expected_version: int | None = None, token_id: str) -> None:
        """Delete an initial access token: nobody registers with it any more. Clients that did so stay.

        Needs `application.write`. The fields are those of `DeleteInitialAccessToken`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "token_id": token_id}
        self._calls.answer(_OPERATIONS["DeleteInitialAccessToken"], Empty, fields)
