"""The operations with which people make accounts for themselves."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import PUBLIC
from hexkeep.core.userregistration import commands

REGISTRATIONS = "/auth/v1/user-registrations"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "RegisterUser",
        ApiName.AUTH,
        commands.RegisterUser,
        commands.UserRegistration,
        PUBLIC,
        commands.register_user,
        Http(Method.POST, REGISTRATIONS, 202),
    ),
    Operation(
        "VerifyUserRegistration",
        ApiName.AUTH,
        commands.VerifyUserRegistration,
        Empty,
        PUBLIC,
        commands.verify_user_registration,
        Http(Method.POST, f"{REGISTRATIONS}/{{user_id}}/verify"),
    ),
)
"""All of them."""
