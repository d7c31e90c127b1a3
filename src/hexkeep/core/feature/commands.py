"""Switching features on and off, and looking at them: in an instance, and as the default of all instances."""

from hexkeep.core.feature.events import FeatureReset, FeatureSet
from hexkeep.core.feature.state import FEATURES, FEATURES_ID, SWITCHES, Feature, FeatureSource, standing
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, Violation
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.update import Conditional, expect


class SetFeature(Conditional):
    """The feature, and whether it is to be on."""

    feature: Feature
    enabled: bool


class ResetFeature(Conditional):
    """The feature for which the default is to count again."""

    feature: Feature


class SetSystemFeature(SetFeature):
    """The feature, and whether it is to be on where an instance says nothing."""


class ResetSystemFeature(ResetFeature):
    """The feature for which the built-in default is to count again."""


class FeatureView(Message):
    """A feature, whether it is on, and who has said so."""

    feature: Feature
    description: str
    enabled: bool
    source: FeatureSource


class FeatureList(Message):
    """All features. ``version`` is that of what is set in this place."""

    features: tuple[FeatureView, ...]
    version: int


def list_features(_request: Empty, ctx: Context) -> Decision[FeatureList]:
    """List the features of the instance: which are on, and whether that comes from here, the system, or is built in."""
    ctx.authorize()
    return Decision(_listed(ctx))


def set_feature(request: SetFeature, ctx: Context) -> Decision[Empty]:
    """Switch a feature of the instance on or off, whatever the default is."""
    ctx.authorize()
    return _set(request, ctx)


def reset_feature(request: ResetFeature, ctx: Context) -> Decision[Empty]:
    """Have the default count again for a feature of the instance."""
    ctx.authorize()
    return _reset(request, ctx)


def list_system_features(_request: Empty, ctx: Context) -> Decision[FeatureList]:
    """List the features with what holds where an instance says nothing."""
    _insist_on_system(ctx)
    return Decision(_listed(ctx))


def set_system_feature(request: SetSystemFeature, ctx: Context) -> Decision[Empty]:
    """Switch a feature on or off for all instances that do not say otherwise."""
    _insist_on_system(ctx)
    return _set(request, ctx)


def reset_system_feature(request: ResetSystemFeature, ctx: Context) -> Decision[Empty]:
    """Have the built-in default count again for a feature."""
    _insist_on_system(ctx)
    return _reset(request, ctx)


def _insist_on_system(ctx: Context) -> None:
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()


def _set(request: SetFeature, ctx: Context) -> Decision[Empty]:
    _insist_on_feature(request.feature)
    expect(ctx, FEATURES, FEATURES_ID, request)
    if ctx.load(FEATURES, FEATURES_ID).set.get(request.feature) is request.enabled:
        return Decision(Empty())
    event = FeatureSet(feature=request.feature.value, enabled=request.enabled)
    return Decision(Empty(), FEATURES.append(FEATURES_ID, event))


def _reset(request: ResetFeature, ctx: Context) -> Decision[Empty]:
    _insist_on_feature(request.feature)
    expect(ctx, FEATURES, FEATURES_ID, request)
    if request.feature not in ctx.load(FEATURES, FEATURES_ID).set:
        return Decision(Empty())
    return Decision(Empty(), FEATURES.append(FEATURES_ID, FeatureReset(feature=request.feature.value)))


def _insist_on_feature(feature: Feature) -> None:
    if feature is Feature.UNSPECIFIED:
        raise InvalidInput("", Violation("feature", "must be given"))


def _listed(ctx: Context) -> FeatureList:
    return FeatureList(
        features=tuple(_shown(feature, ctx) for feature in SWITCHES), version=ctx.version(FEATURES, FEATURES_ID)
    )


def _shown(feature: Feature, ctx: Context) -> FeatureView:
    enabled, source = standing(ctx, feature)
    return FeatureView(feature=feature, description=SWITCHES[feature].description, enabled=enabled, source=source)
