"""What can be done to a user, except to its credentials."""

from typing import Annotated, TypeVar

from pydantic import Field, StringConstraints

from hexkeep.core.asset.state import without_avatar
from hexkeep.core.kernel.decision import Change, Context, Decision
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, PermissionDenied, Violation
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.fields import ChosenId, Email, Id, LanguageTag, Line, Lines, Name, OptionalId, Password, Phone
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.update import Conditional, UpdateRequest, expect
from hexkeep.core.membership import owners
from hexkeep.core.membership.state import MEMBERSHIPS
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting.state import settings_of
from hexkeep.core.user import naming
from hexkeep.core.user.access import managed, managed_human, managed_machine
from hexkeep.core.user.changes import appended, email_change, phone_change, profile_change, stored_gender
from hexkeep.core.user.choosing import chosen_password
from hexkeep.core.user.events import (
    HumanUserAdded,
    MachineUserAdded,
    UserDeactivated,
    UserNameChanged,
    UserPasswordSet,
    UserReactivated,
    UserRemoved,
)
from hexkeep.core.user.foreign import accept_hash
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.core.user.status import Gender, UserStatus

UserName = Annotated[Name, StringConstraints(pattern=r"^\S+$")]
"""What a user signs in with: one word, unique in the instance whatever its case."""


class NewPerson(Message):
    """What there is to say about a new person, beside the password."""

    organization_id: OptionalId = Field(default="", description="The instance's default one if left out.")
    user_name: UserName = Field(examples=["alice"])
    given_name: Name = Field(examples=["Alice"])
    family_name: Line = Field(default="", examples=["Adams"])
    display_name: Line = Field(default="", description="Given and family name if left out.")
    email: Email = Field(examples=["alice@example.com"])
    email_verified: bool = Field(default=False, description="Whether it is known to be the person's.")
    preferred_language: LanguageTag = Field(default="", examples=["en"])
    nickname: Line = ""
    gender: Gender = Gender.UNSPECIFIED
    formatted_address: Lines = Field(default="", description="The whole postal address, as it stands on an envelope.")
    street_address: Lines = Field(default="", description="Street and number, or a box.", examples=["1 Mill Lane"])
    locality: Line = Field(default="", description="City or village.", examples=["Zurich"])
    region: Line = Field(default="", description="State, province or canton.")
    postal_code: Line = Field(default="", examples=["8001"])
    country: Line = Field(default="", examples=["Switzerland"])
    phone: Phone = Field(default="", description="In international form (E.164).", examples=["+41441234567"])
    phone_verified: bool = Field(default=False, description="Whether it is known to be the person's.")
    user_id: ChosenId = Field(default="", description="Its id; only callers with instance-wide rights may choose it.")


class CreateHumanUser(NewPerson):
    """A new person."""

    password: Password = Field(default="", repr=False, description="8 to 128 characters. Without one no sign-in.")
    password_change_required: bool = Field(default=False, description="Whether to ask for another at the next sign-in.")


class ImportHumanUser(NewPerson):
    """A person who comes from another system, with the hash of the password there."""

    password_hash: str = Field(
        min_length=1,
        max_length=1000,
        repr=False,
        description="As the other system kept it: argon2, bcrypt, scrypt, PBKDF2 or md5crypt, in the usual text forms.",
        examples=["$2b$12$GhvMmNVjRW29ulnudl.LbuAnUtN/LRfe1JsBm1Xu6LE3059z5Tr8m"],
    )
    password_change_required: bool = Field(default=False, description="Whether to ask for another at the next sign-in.")


class CreateMachineUser(Message):
    """A new machine user: a program that acts in its own name."""

    organization_id: OptionalId = Field(default="", description="The instance's default one if left out.")
    user_name: UserName = Field(examples=["importer"])
    display_name: Line = Field(default="", description="The user name if left out.")
    user_id: ChosenId = Field(default="", description="Its id; only callers with instance-wide rights may choose it.")


N = TypeVar("N", NewPerson, CreateHumanUser, ImportHumanUser, CreateMachineUser)


class UserCreated(Message):
    """The user there is now."""

    user_id: str


class UpdateHumanUser(UpdateRequest):
    """What to change about a person; what is left out stays as it is."""

    user_id: Id
    given_name: Name | None = None
    family_name: Line | None = None
    display_name: Name | None = None
    preferred_language: LanguageTag | None = None
    email: Email | None = Field(default=None, description="Another address counts as not verified unless said so.")
    email_verified: bool | None = None
    nickname: Line | None = None
    gender: Gender | None = None
    formatted_address: Lines | None = None
    street_address: Lines | None = None
    locality: Line | None = None
    region: Line | None = None
    postal_code: Line | None = None
    country: Line | None = None
    phone: Phone | None = Field(default=None, description="Another number counts as not verified unless said so.")
    phone_verified: bool | None = None


class UpdateMachineUser(UpdateRequest):
    """What to change about a machine; what is left out stays as it is."""

    user_id: Id
    display_name: Name | None = None


class UpdateUserName(Conditional):
    """Another user name."""

    user_id: Id
    user_name: UserName = Field(examples=["alice"])


class DeactivateUser(Conditional):
    """The user to switch off."""

    user_id: Id


class ReactivateUser(Conditional):
    """The user to switch on again."""

    user_id: Id


class DeleteUser(Conditional):
    """The user to remove."""

    user_id: Id


def create_human_user(request: CreateHumanUser, ctx: Context) -> Decision[UserCreated]:
    """Add a person to an organization."""
    request = _placed(request, ctx)
    user_id = _new_user(request, ctx)
    added = _person_added(request, ctx)
    events: list[Event] = [added]
    if request.password:
        person, forced = USER.fold(events), request.password_change_required
        events.append(chosen_password(ctx, person, request.password, change_required=forced))
    return _created(user_id, added, *events[1:])


def import_human_user(request: ImportHumanUser, ctx: Context) -> Decision[UserCreated]:
    """Add a person with a password hash that another system has made. The person signs in with the password there.

    The first sign-in puts a hash of ours in its place. A hash of an unknown form, or one that would take too long to
    verify, is refused.
    """
    request = _placed(request, ctx)
    user_id = _new_user(request, ctx)
    digest, forced = accept_hash(request.password_hash), request.password_change_required
    password = UserPasswordSet(hash=digest, change_required=forced, set_at=ctx.now)
    return _created(user_id, _person_added(request, ctx), password)


def _person_added(request: NewPerson, ctx: Context) -> HumanUserAdded:
    fields = request.model_dump(include={*HumanUserAdded.model_fields})
    fields["name_scope"] = naming.scope_of_names(ctx, request.organization_id)
    fields["gender"] = stored_gender(request.gender)
    fields["display_name"] = request.display_name or f"{request.given_name} {request.family_name}".strip()
    return HumanUserAdded(**fields)


def create_machine_user(request: CreateMachineUser, ctx: Context) -> Decision[UserCreated]:
    """Add a machine user to an organization. It can act once it has a client secret."""
    request = _placed(request, ctx)
    user_id = _new_user(request, ctx)
    added = MachineUserAdded(
        organization_id=request.organization_id,
        user_name=request.user_name,
        display_name=request.display_name or request.user_name,
        name_scope=naming.scope_of_names(ctx, request.organization_id),
    )
    return _created(user_id, added)


def _placed(request: N, ctx: Context) -> N:
    """The same wish with an organization: where none is named, the instance's default one."""
    if request.organization_id:
        return request
    organization_id = settings_of(ctx).default_organization_id
    if not organization_id:
        raise InvalidInput("", Violation("organization_id", "must be given: the instance has no default organization"))
    return request.model_copy(update={"organization_id": organization_id})


def _new_user(request: NewPerson | CreateMachineUser, ctx: Context) -> str:
    """The new user's id, once the caller may add a user to that organization."""
    ctx.authorize(organization=request.organization_id)
    ctx.load(ORGANIZATION, request.organization_id).status.insist(Status.ACTIVE, "organization")
    naming.insist_on_form(ctx, request.organization_id, request.user_name)
    if not request.user_id:
        return ctx.new_id()
    if not ctx.caller.may(ctx.request.permission):
        raise PermissionDenied("Only callers with instance-wide rights may choose an id")
    if ctx.load(USER, request.user_id).status is not UserStatus.UNSPECIFIED:
        raise AlreadyExists("user_id")
    return request.user_id


def _created(user_id: str, added: HumanUserAdded | MachineUserAdded, *events: Event) -> Decision[UserCreated]:
    claim = Claim(user_name_key(added.user_name, added.name_scope), USER.ref(user_id))
    return Decision(UserCreated(user_id=user_id), USER.append(user_id, added, *events), claim)


def update_human_user(request: UpdateHumanUser, ctx: Context) -> Decision[Empty]:
    """Change a person's profile or e-mail address.

    One's own addresses are changed with the present password, so that a stolen session or token does not suffice to
    have a new one sent to oneself.
    """
    user = managed_human(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    wanted = request.changes()
    addresses = (*email_change(user, wanted), *phone_change(user, wanted))
    if addresses and request.user_id == ctx.caller.user_id:
        raise FailedPrecondition("Change your own addresses with the present password")
    return appended(request.user_id, (*profile_change(user, wanted), *addresses))


def update_machine_user(request: UpdateMachineUser, ctx: Context) -> Decision[Empty]:
    """Change what a machine user is called."""
    user = managed_machine(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    return appended(request.user_id, profile_change(user, request.changes()))


def update_user_name(request: UpdateUserName, ctx: Context) -> Decision[Empty]:
    """Change the name a user signs in with."""
    user = managed(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    if request.user_name == user.user_name:
        return Decision(Empty())
    naming.insist_on_form(ctx, user.organization_id, request.user_name)
    new, ref = user_name_key(request.user_name, user.name_scope), USER.ref(request.user_id)
    old = user.name_key
    moved: tuple[Change, ...] = (Release(old, ref), Claim(new, ref)) if old.normalised() != new.normalised() else ()
    return Decision(Empty(), USER.append(request.user_id, UserNameChanged(user_name=request.user_name)), *moved)


def deactivate_user(request: DeactivateUser, ctx: Context) -> Decision[Empty]:
    """Switch a user off: no sign-in, and tokens are good no more. The last owner of the instance stays."""
    managed(request.user_id, ctx).status.insist(UserStatus.ACTIVE, UserStatus.INITIAL, UserStatus.LOCKED)
    expect(ctx, USER, request.user_id, request)
    keep_an_owner(request.user_id, ctx)
    return Decision(Empty(), USER.append(request.user_id, UserDeactivated()))


def reactivate_user(request: ReactivateUser, ctx: Context) -> Decision[Empty]:
    """Switch a user on again."""
    managed(request.user_id, ctx).status.insist(UserStatus.INACTIVE)
    expect(ctx, USER, request.user_id, request)
    return Decision(Empty(), USER.append(request.user_id, UserReactivated()))


def delete_user(request: DeleteUser, ctx: Context) -> Decision[Empty]:
    """Remove a user for good and free the user name. The last owner of the instance stays.

    Authorizations and memberships of a removed user stay recorded and count for nothing, for whoever asks for them
    looks at the user first.
    """
    user = managed(request.user_id, ctx)
    expect(ctx, USER, request.user_id, request)
    keep_an_owner(request.user_id, ctx)
    ref = USER.ref(request.user_id)
    avatar = without_avatar(request.user_id, ctx)
    removed = USER.append(request.user_id, UserRemoved())
    return Decision(Empty(), removed, Release(user.name_key, ref), *avatar)


def keep_an_owner(user_id: str, ctx: Context) -> None:
    """Raise ``FailedPrecondition`` rather than take the instance's last owner away."""
    if owners.is_owner(ctx.load(MEMBERSHIPS, user_id)):
        owners.keep_one(ctx, lambda owner_id, _: owner_id == user_id)
