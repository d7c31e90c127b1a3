"""The operations of `data_key`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.datakey import SLICE
from hexkeep.core.datakey.commands import (
    BeginKeyRotationOutput,
    DataKeyVersion,
    FinishKeyRotationOutput,
    RewrapDataKeysOutput,
)

_OPERATIONS = {one.name: one for one in SLICE.operations}


class DataKeyCalls:
    """The operations of `data_key`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def begin_key_rotation(self) -> BeginKeyRotationOutput:
        """Begin to rotate the master key: new data keys are wrapped by the one that the nodes are set to use.

        Needs `system.key.write`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["BeginKeyRotation"], BeginKeyRotationOutput, fields)

    def rewrap_data_keys(self, *, after: tuple[str, ...] | list[str] = (), limit: int = 200) -> RewrapDataKeysOutput:
        """Wrap some data keys by the master key that the nodes are set to use. What they seal is not touched.

        Needs `system.key.write`. The fields are those of `RewrapDataKeys`.
        """
        fields: dict[str, object] = {"after": after, "limit": limit}
        return self._calls.answer(_OPERATIONS["RewrapDataKeys"], RewrapDataKeysOutput, fields)

    def finish_key_rotation(self) -> FinishKeyRotationOutput:
        """End the rotation of the master key. Refused while any data key is wrapped by another one.

        Needs `system.key.write`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return self._calls.answer(_OPERATIONS["FinishKeyRotation"], FinishKeyRotationOutput, fields)

    def renew_data_key(self, *, instance_id: str, name: str) -> DataKeyVersion:
        """Make a new version of a data key, with which new things are sealed or hashed. Old ones stay readable.

        Needs `system.key.write`. The fields are those of `RenewDataKey`.
        """
        fields: dict[str, object] = {"instance_id": instance_id, "name": name}
        return self._calls.answer(_OPERATIONS["RenewDataKey"], DataKeyVersion, fields)
