"""Features: the installation has defaults, an instance may say otherwise, and what is listed says who has."""

from typing import Any

import pytest

from hexkeep.core.feature import SLICE
from hexkeep.core.feature.events import FeatureReset, FeatureSet
from hexkeep.core.feature.state import FEATURES, SWITCHES, Feature
from hexkeep.core.kernel.errors import InvalidInput, PermissionDenied, VersionConflict
from hexkeep.testing.decisions import Kit, Outcome, World
from tests.unit.core.people import caller

KIT = Kit(SLICE)
OFF = FEATURES.append("features", FeatureSet(feature="html_mail", enabled=False))
ON = FEATURES.append("features", FeatureSet(feature="html_mail", enabled=True))


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world.when(KIT.operation(name).input(**fields), name)


def shown(world: World, name: str = "ListFeatures") -> tuple[bool, str]:
    """Whether mails are in HTML, and who has said so."""
    [one] = [one for one in call(world, name).result.features if one.feature is Feature.HTML_MAIL]
    assert one.description
    return one.enabled, str(one.source)


def test_instance_comes_before_the_system_and_that_before_what_is_built_in() -> None:
    """And back again, step by step."""
    world = KIT.given()
    assert shown(world) == (True, "built_in")
    system = world.within("system")
    call(system, "SetSystemFeature", feature="html_mail", enabled=False).then(OFF)
    world = world.given(OFF, instance="system")
    assert shown(world) == (False, "system")
    assert shown(world.within("system"), "ListSystemFeatures") == (False, "system")
    own = call(world, "SetFeature", feature="html_mail", enabled=True)
    own.then(ON)
    assert shown(own.world) == (True, "instance")
    assert shown(own.world.within("other")) == (False, "system")
    call(own.world, "SetFeature", feature="html_mail", enabled=True).then()
    back = call(own.world, "ResetFeature", feature="html_mail")
    back.then(FEATURES.append("features", FeatureReset(feature="html_mail")))
    assert shown(back.world) == (False, "system")
    call(back.world, "ResetFeature", feature="html_mail").then()
    reset = call(back.world.within("system"), "ResetSystemFeature", feature="html_mail")
    assert shown(reset.world.within("main")) == (True, "built_in")


def test_features_are_a_closed_set() -> None:
    """Each has a switch, and none but these can be set."""
    assert set(SWITCHES) == set(Feature) - {Feature.UNSPECIFIED}
    call(KIT.given(), "SetFeature", feature="unspecified", enabled=True).refused(InvalidInput)
    with pytest.raises(ValueError, match="feature"):
        KIT.operation("SetFeature").input(feature="time_travel", enabled=True)


def test_defaults_of_all_instances_are_the_systems_and_the_rest_the_administrators() -> None:
    """Whoever owns an instance sets nothing for others; who views it sets nothing."""
    root = KIT.given().as_(caller("root", "INSTANCE_OWNER"))
    call(root, "SetSystemFeature", feature="html_mail", enabled=False).refused(PermissionDenied)
    call(root, "ListSystemFeatures").refused(PermissionDenied)
    call(root, "ResetSystemFeature", feature="html_mail").refused(PermissionDenied)
    call(root, "SetFeature", feature="html_mail", enabled=False).then(OFF)
    viewer = KIT.given().as_(caller("viewer", "INSTANCE_VIEWER"))
    assert shown(viewer) == (True, "built_in")
    call(viewer, "SetFeature", feature="html_mail", enabled=False).refused(PermissionDenied)
    call(KIT.given(OFF), "SetFeature", feature="html_mail", enabled=True, expected_version=2).refused(VersionConflict)
