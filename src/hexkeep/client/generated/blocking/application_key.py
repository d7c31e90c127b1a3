"""The operations of `application_key`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import datetime

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.applicationkey import SLICE
from hexkeep.core.applicationkey.commands import NewApplicationKey
from hexkeep.core.applicationkey.queries import ApplicationKeyPage, ApplicationKeyView
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.key.state import Algorithm

_OPERATIONS = {one.name: one for one in SLICE.operations}


class ApplicationKeyCalls:
    """The operations of `application_key`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_application_key(
        self,
        *,
        client_id: str,
        algorithm: Algorithm = Algorithm.UNSPECIFIED,
        public_key: str = "",
        expires_at: datetime | None = None,
        idempotency_key: str = "",
    ) -> NewApplicationKey:
        """Create a key with which an application authenticates by `private_key_jwt` (RFC 7523 section 2.2).

        Either a key pair is made here and its private part is shown this once, as a file; or the caller brings a public
        key, whose private part never leaves the application.

        Needs `application.write`. The fields are those of `CreateApplicationKey`.
        """
        fields: dict[str, object] = {
            "client_id": client_id,
            "algorithm": algorithm,
            "public_key": public_key,
            "expires_at": expires_at,
        }
        return self._calls.answer(_OPERATIONS["CreateApplicationKey"], NewApplicationKey, fields, idempotency_key)

    def list_application_keys(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        client_id: str = "",
        project_id: str = "",
    ) -> Listing[ApplicationKeyPage, ApplicationKeyView]:
        """List those applications' keys that the caller may read.

        Needs `application.read`. The fields are those of `ListApplicationKeys`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "client_id": client_id,
            "project_id": project_id,
        }
        return self._calls.listing(_OPERATIONS["ListApplicationKeys"], ApplicationKeyPage, ApplicationKeyView, fields)

    def delete_application_key(self, *, expected_version: int | None = None, key_id: str) -> None:
        """Delete an application's key: nothing that it signs is believed any more.

        Needs `application.write`. The fields are those of `DeleteApplicationKey`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "key_id": key_id}
        self._calls.answer(_OPERATIONS["DeleteApplicationKey"], Empty, fields)
