"""The operations of `feature`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.feature import SLICE
from hexkeep.core.feature.commands import FeatureList
from hexkeep.core.feature.state import Feature
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncFeatureCalls:
    """The operations of `feature`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def list_features(self) -> FeatureList:
        """List the features of the instance: which are on, and whether that comes from here, the system, or is built in.

        Needs `instance.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListFeatures"], FeatureList, fields)

    async def set_feature(self, *, expected_version: int | None = None, feature: Feature, enabled: bool) -> None:
        """Switch a feature of the instance on or off, whatever the default is.

        Needs `instance.write`. The fields are those of `SetFeature`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "feature": feature, "enabled": enabled}
        await self._calls.answer(_OPERATIONS["SetFeature"], Empty, fields)

    async def reset_feature(self, *, expected_version: int | None = None, feature: Feature) -> None:
        """Have the default count again for a feature of the instance.

        Needs `instance.write`. The fields are those of `ResetFeature`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "feature": feature}
        await self._calls.answer(_OPERATIONS["ResetFeature"], Empty, fields)

    async def list_system_features(self) -> FeatureList:
        """List the features with what holds where an instance says nothing.

        Needs `system.feature.read`. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListSystemFeatures"], FeatureList, fields)

    async def set_system_feature(self, *, expected_version: int | None = None, feature: Feature, enabled: bool) -> None:
        """Switch a feature on or off for all instances that do not say otherwise.

        Needs `system.feature.write`. The fields are those of `SetSystemFeature`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "feature": feature, "enabled": enabled}
        await self._calls.answer(_OPERATIONS["SetSystemFeature"], Empty, fields)

    async def reset_system_feature(self, *, expected_version: int | None = None, feature: Feature) -> None:
        """Have the built-in default count again for a feature.

        Needs `system.feature.write`. The fields are those of `ResetSystemFeature`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "feature": feature}
        await self._calls.answer(_OPERATIONS["ResetSystemFeature"], Empty, fields)
