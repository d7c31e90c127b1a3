"""What people do with their own account, beside its credentials and addresses."""

from pydantic import Field

from hexkeep.core.asset.state import without_avatar
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import LanguageTag, Line, Lines, Name, Password
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.unique import Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.user.access import myself_human
from hexkeep.core.user.changes import appended, profile_change
from hexkeep.core.user.commands import keep_an_owner
from hexkeep.core.user.credentials import confirm_person
from hexkeep.core.user.events import UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.core.user.status import Gender


class UpdateMyProfile(UpdateRequest):
    """What to change about the caller; what is left out stays as it is."""

    given_name: Name | None = None
    family_name: Line | None = None
    display_name: Name | None = None
    nickname: Line | None = None
    gender: Gender | None = None
    formatted_address: Lines | None = None
    street_address: Lines | None = None
    locality: Line | None = None
    region: Line | None = None
    postal_code: Line | None = None
    country: Line | None = None
    preferred_language: LanguageTag | None = None


class DeleteMyAccount(Conditional):
    """Confirms that the caller wants to be gone."""

    present_password: Password = Field(default="", description="Needed by whoever has a password.")


def update_my_profile(request: UpdateMyProfile, ctx: Context) -> Decision[Empty]:
    """Change the caller's own names, language and postal address."""
    user_id, user = myself_human(ctx)
    expect(ctx, USER, user_id, request)
    return appended(user_id, profile_change(user, request.changes()))


def delete_my_account(request: DeleteMyAccount, ctx: Context) -> Decision[Empty]:
    """Remove the caller's own account for good and free the user name.

    Takes the permission to, which people have by a role such as ORGANIZATION_SELF_MANAGER, and the present password.
    The last owner of the instance stays.
    """
    user_id, user = myself_human(ctx)
    ctx.authorize(organization=user.organization_id)
    expect(ctx, USER, user_id, request)
    confirm_person(user_id, user, request.present_password, ctx)
    keep_an_owner(user_id, ctx)
    ref = USER.ref(user_id)
    avatar = without_avatar(user_id, ctx)
    return Decision(Empty(), USER.append(user_id, UserRemoved()), Release(user.name_key, ref), *avatar)
