"""The operations of features."""

from hexkeep.core.feature import commands
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

OWN, SYSTEM = "/admin/v1/features", "/system/v1/features"
ONE, SYSTEM_ONE = f"{OWN}/{{feature}}", f"{SYSTEM}/{{feature}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListFeatures",
        ApiName.ADMIN,
        Empty,
        commands.FeatureList,
        "instance.read",
        commands.list_features,
        Http(Method.GET, OWN),
        writes=False,
    ),
    Operation(
        "SetFeature",
        ApiName.ADMIN,
        commands.SetFeature,
        Empty,
        "instance.write",
        commands.set_feature,
        Http(Method.PUT, ONE),
    ),
    Operation(
        "ResetFeature",
        ApiName.ADMIN,
        commands.ResetFeature,
        Empty,
        "instance.write",
        commands.reset_feature,
        Http(Method.DELETE, ONE),
    ),
    Operation(
        "ListSystemFeatures",
        ApiName.SYSTEM,
        Empty,
        commands.FeatureList,
        "system.feature.read",
        commands.list_system_features,
        Http(Method.GET, SYSTEM),
        writes=False,
    ),
    Operation(
        "SetSystemFeature",
        ApiName.SYSTEM,
        commands.SetSystemFeature,
        Empty,
        "system.feature.write",
        commands.set_system_feature,
        Http(Method.PUT, SYSTEM_ONE),
    ),
    Operation(
        "ResetSystemFeature",
        ApiName.SYSTEM,
        commands.ResetSystemFeature,
        Empty,
        "system.feature.write",
        commands.reset_system_feature,
        Http(Method.DELETE, SYSTEM_ONE),
    ),
)
"""All of them."""
