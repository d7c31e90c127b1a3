"""The operations of texts. Who may see and set policies may see and set texts."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.text import commands

DEFAULT = "/admin/v1/texts/{language}"
OWN = "/management/v1/organizations/{organization_id}/texts/{language}"
READ, WRITE = "policy.read", "policy.write"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "GetDefaultCustomTexts",
        ApiName.ADMIN,
        commands.GetDefaultCustomTexts,
        commands.CustomTextsView,
        READ,
        commands.get_default_custom_texts,
        Http(Method.GET, DEFAULT),
        writes=False,
    ),
    Operation(
        "SetDefaultCustomTexts",
        ApiName.ADMIN,
        commands.SetDefaultCustomTexts,
        Empty,
        WRITE,
        commands.set_default_custom_texts,
        Http(Method.PUT, DEFAULT),
    ),
    Operation(
        "ResetDefaultCustomTexts",
        ApiName.ADMIN,
        commands.ResetDefaultCustomTexts,
        Empty,
        WRITE,
        commands.reset_default_custom_texts,
        Http(Method.DELETE, DEFAULT),
    ),
    Operation(
        "GetCustomTexts",
        ApiName.MANAGEMENT,
        commands.GetCustomTexts,
        commands.CustomTextsView,
        READ,
        commands.get_custom_texts,
        Http(Method.GET, OWN),
        writes=False,
    ),
    Operation(
        "SetCustomTexts",
        ApiName.MANAGEMENT,
        commands.SetCustomTexts,
        Empty,
        WRITE,
        commands.set_custom_texts,
        Http(Method.PUT, OWN),
    ),
    Operation(
        "ResetCustomTexts",
        ApiName.MANAGEMENT,
        commands.ResetCustomTexts,
        Empty,
        WRITE,
        commands.reset_custom_texts,
        Http(Method.DELETE, OWN),
    ),
)
"""All of them."""
