"""Looking for users by what they sign in with."""

from pydantic import Field

from hexkeep.core.kernel.access import visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Name
from hexkeep.core.kernel.operation import Message
from hexkeep.core.user import naming
from hexkeep.core.user.commands import UserName
from hexkeep.core.user.projection import USERS
from hexkeep.core.user.queries import UserView
from hexkeep.core.user.state import user_name_key

NOBODY = "nobody"
"""An id that no user has: an unknown name is looked for like a known one, and so answered alike."""


class GetUserByLoginName(Message):
    """What the user signs in with."""

    login_name: Name = Field(examples=["alice"])


class CheckUserName(Message):
    """A user name that somebody thinks of giving, and where."""

    organization_id: Id
    user_name: UserName = Field(examples=["alice"])


class UserNameAvailability(Message):
    """Whether a user name is free."""

    available: bool


def get_user_by_login_name(request: GetUserByLoginName, ctx: Context) -> Decision[UserView]:
    """Read the user who signs in with a name, whatever its case."""
    owner = naming.named(ctx, request.login_name).owner
    return Decision(UserView.of(visible_row(ctx, USERS, owner.id if owner else NOBODY)))


def check_user_name(request: CheckUserName, ctx: Context) -> Decision[UserNameAvailability]:
    """Tell whether a user name is free, for who may add users to the organization. It may be taken a moment later."""
    ctx.authorize(organization=request.organization_id)
    key = user_name_key(request.user_name, naming.scope_of_names(ctx, request.organization_id))
    return Decision(UserNameAvailability(available=ctx.owner(key) is None))
