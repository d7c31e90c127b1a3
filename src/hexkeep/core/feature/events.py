"""What happens to the features of an instance; in the instance ``system``, to the defaults of all."""

from hexkeep.core.kernel.event import Event


class FeatureSet(Event):
    """A feature is switched on or off here, whatever the default is."""

    type = "feature.set"

    feature: str
    enabled: bool


class FeatureReset(Event):
    """For a feature the default counts again."""

    type = "feature.reset"

    feature: str
