"""The features there are, and which of them are on somewhere, because of whom."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from hexkeep.core.feature.events import FeatureReset, FeatureSet
from hexkeep.core.instance.state import SYSTEM_INSTANCE
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.event import Event, Log

FEATURES_ID = "features"
"""The id of the one aggregate of features that an instance has, the instance ``system`` as well."""


class Feature(enum.StrEnum):
    """The features there are. A new one is a line here and one below."""

    UNSPECIFIED = "unspecified"
    HTML_MAIL = "html_mail"
    PERSONAL_LANGUAGE = "personal_language"
    SESSION_MANAGEMENT = "session_management"


@dataclass(frozen=True, slots=True)
class Switch:
    """What a feature does when it is on, and whether it is where nobody has said anything."""

    description: str
    default: bool


SWITCHES: Mapping[Feature, Switch] = {
    Feature.HTML_MAIL: Switch("Mails have an HTML form beside the plain text.", default=True),
    Feature.PERSONAL_LANGUAGE: Switch(
        "People are addressed in the language that they prefer, not in the default one of the instance.", default=True
    ),
    Feature.SESSION_MANAGEMENT: Switch(
        "Pages of applications can ask a frame of ours whether somebody is still signed in (OpenID Connect Session "
        "Management 1.0). It needs a cookie that scripts and other sites see, and browsers that keep such cookies.",
        default=False,
    ),
}
"""All of them."""


class FeatureSource(enum.StrEnum):
    """Who has said whether a feature is on."""

    UNSPECIFIED = "unspecified"
    BUILT_IN = "built_in"
    SYSTEM = "system"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class Features:
    """What is set in one place, by feature."""

    set: Mapping[str, bool] = field(default_factory=dict)


def _evolve(state: Features, event: Event) -> Features:
    match event:
        case FeatureSet(feature=feature, enabled=enabled):
            return Features({**state.set, feature: enabled})
        case FeatureReset(feature=feature):
            return Features({name: enabled for name, enabled in state.set.items() if name != feature})
        case _:
            return state


FEATURES = Aggregate("feature", Log.DURABLE, Features(), (FeatureSet, FeatureReset), _evolve)


def standing(ctx: Context, feature: Feature) -> tuple[bool, FeatureSource]:
    """Whether a feature is on in the instance that was called, and who has said so."""
    own = ctx.load(FEATURES, FEATURES_ID).set
    if ctx.instance != SYSTEM_INSTANCE and feature in own:
        return own[feature], FeatureSource.INSTANCE
    above = ctx.load(FEATURES, FEATURES_ID, instance=SYSTEM_INSTANCE).set
    if feature in above:
        return above[feature], FeatureSource.SYSTEM
    return SWITCHES[feature].default, FeatureSource.BUILT_IN


def is_on(ctx: Context, feature: Feature) -> bool:
    """Whether a feature is on in the instance that was called."""
    return standing(ctx, feature)[0]
