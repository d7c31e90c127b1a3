"""The operations on what codes are like."""

from hexkeep.core.code import settings
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation

CODES = "/admin/v1/settings/codes"
ONE = f"{CODES}/{{purpose}}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "ListCodeSettings",
        ApiName.ADMIN,
        Empty,
        settings.CodeSettingsList,
        "instance.read",
        settings.list_code_settings,
        Http(Method.GET, CODES),
        writes=False,
    ),
    Operation(
        "SetCodeSettings",
        ApiName.ADMIN,
        settings.SetCodeSettings,
        Empty,
        "instance.write",
        settings.set_code_settings,
        Http(Method.PUT, ONE),
    ),
    Operation(
        "ResetCodeSettings",
        ApiName.ADMIN,
        settings.ResetCodeSettings,
        Empty,
        "instance.write",
        settings.reset_code_settings,
        Http(Method.DELETE, ONE),
    ),
)
"""All of them."""
