"""The operations of `target`. Made by `python -m hexkeep.client.generate`; do not edit."""

from datetime import timedelta

from hexkeep.client.blocking import Calls, Listing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.target import SLICE
from hexkeep.core.target.commands import NewSigningKey, TargetCreated
from hexkeep.core.target.events import TargetKind
from hexkeep.core.target.queries import TargetPage, TargetSort, TargetView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class TargetCalls:
    """The operations of `target`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_target(
        self,
        *,
        name: str,
        kind: TargetKind,
        url: str,
        timeout: timedelta | None = None,
        interrupt_on_error: bool = False,
        idempotency_key: str = "",
    ) -> TargetCreated:
        """Create a target, and a key that everything it is sent is signed with. The key is shown this once.

        Needs `action.write`. The fields are those of `CreateTarget`.
        """
        fields: dict[str, object] = {
            "name": name,
            "kind": kind,
            "url": url,
            "timeout": timeout,
            "interrupt_on_error": interrupt_on_error,
        }
        return self._calls.answer(_OPERATIONS["CreateTarget"], TargetCreated, fields, idempotency_key)

    def get_target(self, *, target_id: str) -> TargetView:
        """Read one target.

        Needs `action.read`. The fields are those of `GetTarget`.
        """
        fields: dict[str, object] = {"target_id": target_id}
        return self._calls.answer(_OPERATIONS["GetTarget"], TargetView, fields)

    def list_targets(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        name: str = "",
        kind: TargetKind = TargetKind.UNSPECIFIED,
        sort: TargetSort = TargetSort.UNSPECIFIED,
    ) -> Listing[TargetPage, TargetView]:
        """List the targets of the instance.

        Needs `action.read`. The fields are those of `ListTargets`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "name": name,
            "kind": kind,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListTargets"], TargetPage, TargetView, fields)

    def update_target(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        target_id: str,
        name: str | None = None,
        kind: TargetKind | None = None,
        url: str | None = None,
        timeout: timedelta | None = None,
        interrupt_on_error: bool | None = None,
    ) -> None:
        """Change a target. What is left out stays as it is, its signing key always.

        Needs `action.write`. The fields are those of `UpdateTarget`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "target_id": target_id,
            "name": name,
            "kind": kind,
            "url": url,
            "timeout": timeout,
            "interrupt_on_error": interrupt_on_error,
        }
        self._calls.answer(_OPERATIONS["UpdateTarget"], Empty, fields)

    def regenerate_target_signing_key(self, *, expected_version: int | None = None, target_id: str) -> NewSigningKey:
        """Give a target another signing key, which is shown this once. The one it had signs nothing any more.

        Needs `action.write`. The fields are those of `RegenerateTargetSigningKey`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "target_id": target_id}
        return self._calls.answer(_OPERATIONS["RegenerateTargetSigningKey"], NewSigningKey, fields)

    def delete_target(self, *, expected_version: int | None = None, target_id: str) -> None:
        """Remove a target for good. One that an execution names is not removed: change the execution first.

        Needs `action.write`. The fields are those of `DeleteTarget`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "target_id": target_id}
        self._calls.answer(_OPERATIONS["DeleteTarget"], Empty, fields)
