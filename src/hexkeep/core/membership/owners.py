"""The owners of an instance, of whom one has to be left: without any, nobody inside could ever give out rights again.

Other slices import the module, not its names: it looks at users and organizations, whose operations need it.
"""

from collections.abc import Callable

from hexkeep.core.kernel.ask import RowsOf
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.kernel.permission import Level
from hexkeep.core.kernel.view import And, Has, Select, eq
from hexkeep.core.membership.projection import MEMBERSHIPS as ROWS
from hexkeep.core.membership.state import MEMBERSHIPS, Memberships
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.state import USER, User

OWNER = "INSTANCE_OWNER"
CONSIDERED = 100
"""How many owners are looked at. An instance with more has no need of this rule."""


def is_owner(memberships: Memberships) -> bool:
    """Whether somebody with these memberships owns the instance."""
    held = memberships.at(Level.INSTANCE, "")
    return held is not None and OWNER in held.roles


def all_of(ctx: Context) -> tuple[tuple[str, User], ...]:
    """Every owner, by id, whether able to sign in or not; as new as the log."""
    select = Select(ROWS, And((eq("level", Level.INSTANCE.value), Has("roles", OWNER))), limit=CONSIDERED)
    ids = (str(row["user_id"]) for row in ctx.ask(RowsOf(select, unscoped=True, current=True)))
    return tuple((user_id, ctx.load(USER, user_id)) for user_id in ids)


def keep_one(ctx: Context, lost: Callable[[str, User], bool]) -> None:
    """Raise ``FailedPrecondition`` when no owner who can sign in is left without those that are ``lost``.

    The one who is left is guarded, so that two last owners cannot take each other away at the same moment.
    """
    for user_id, user in all_of(ctx):
        if not lost(user_id, user) and _stands(ctx, user_id):
            return
    raise FailedPrecondition("The instance needs another owner first")


def _stands(ctx: Context, user_id: str) -> bool:
    user = ctx.load(USER, user_id, guarded=True)
    if not user.active or not ctx.load(ORGANIZATION, user.organization_id, guarded=True).active:
        return False
    return is_owner(ctx.load(MEMBERSHIPS, user_id, guarded=True))
