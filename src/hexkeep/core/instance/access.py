"""Who may act on instances from outside: the system, never a user of any instance."""

from hexkeep.core.instance.state import INSTANCE, Instance
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import NotFound, PermissionDenied
from hexkeep.core.kernel.permission import CallerKind


def insist_on_system(ctx: Context) -> None:
    """Raise ``PermissionDenied`` for everybody but the system, whatever roles (``*`` included) a user may hold."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()


def existing(ctx: Context, instance_id: str) -> Instance:
    """The instance of that id, for the system alone; raises ``NotFound`` when there is none."""
    insist_on_system(ctx)
    state = ctx.load(INSTANCE, instance_id)
    if not state.exists:
        raise NotFound
    return state
