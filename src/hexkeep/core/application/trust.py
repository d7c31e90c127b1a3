"""Who may set up an application that acts as an administrator might."""

from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import PermissionDenied


def insist_on_trust(ctx: Context, *, api_access: bool) -> None:
    """An application with API access acts with the rights of whoever signs in to it, an administrator's included.

    So only callers with instance-wide rights may create one, or say where it sends people and how it authenticates.
    """
    if api_access and not ctx.caller.may(ctx.request.permission):
        raise PermissionDenied("Only callers with instance-wide rights may set up applications with API access")
