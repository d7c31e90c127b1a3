"""The view of users."""

from collections.abc import Iterable

from hexkeep.core.kernel.event import Event, Log, Recorded
from hexkeep.core.kernel.rows import folded
from hexkeep.core.kernel.view import (
    Column,
    ColumnType,
    Delete,
    Patch,
    Projection,
    Put,
    Row,
    RowOperation,
    Table,
    Visibility,
    beginnings,
)
from hexkeep.core.user.events import (
    HumanUserAdded,
    MachineUserAdded,
    SubjectErased,
    UserActivated,
    UserClientSecretRemoved,
    UserClientSecretSet,
    UserDeactivated,
    UserEmailChanged,
    UserInvited,
    UserLocked,
    UserNameChanged,
    UserPasswordExpired,
    UserPasswordSet,
    UserPhoneChanged,
    UserProfileChanged,
    UserReactivated,
    UserRemoved,
    UserUnlocked,
)
from hexkeep.core.user.state import USER, UserKind
from hexkeep.core.user.status import UserStatus

USERS = Table(
    "users",
    columns=(
        Column("user_id"),
        Column("organization_id"),
        Column("kind"),
        Column("status"),
        Column("user_name", search=True),
        Column("given_name"),
        Column("family_name"),
        Column("display_name", search=True),
        Column("email", search=True),
        Column("email_key"),
        Column("email_verified", ColumnType.BOOLEAN),
        Column("phone"),
        Column("phone_verified", ColumnType.BOOLEAN),
        Column("preferred_language"),
        Column("nickname"),
        Column("gender"),
        Column("formatted_address"),
        Column("street_address"),
        Column("locality"),
        Column("region"),
        Column("postal_code"),
        Column("country"),
        Column("has_password", ColumnType.BOOLEAN),
        Column("password_change_required", ColumnType.BOOLEAN),
        Column("has_client_secret", ColumnType.BOOLEAN),
        Column("locked_until", ColumnType.TIME, nullable=True),
    ),
    key=("user_id",),
    indexes=(
        ("organization_id", "user_name"),
        ("user_name",),
        (beginnings("user_name"),),
        ("display_name",),
        ("email_key",),
        ("phone",),
    ),
    of=USER.name,
    visibility=Visibility(organization="organization_id", user="user_id"),
)


TEXTS = (
    *("given_name", "family_name", "email", "phone", "preferred_language", "nickname", "gender"),
    *("formatted_address", "street_address", "locality", "region", "postal_code", "country"),
)


def email_key(email: str) -> str:
    """An e-mail address as it is looked for: whatever its case."""
    return folded(email)


def project(recorded: Recorded[Event]) -> Iterable[RowOperation]:
    """The row operations of one event."""
    event = recorded.event
    match event:
        case HumanUserAdded() | MachineUserAdded():
            row = {**_blank(recorded.aggregate_id, event), **event.model_dump(exclude={"name_scope"})}
            yield Put(USERS, {**row, "email_key": email_key(str(row["email"]))})
        case UserRemoved() | SubjectErased():
            yield Delete(USERS, (recorded.aggregate_id,))
        case _:
            yield Patch(USERS, (recorded.aggregate_id,), _changes(event))


def _blank(user_id: str, event: HumanUserAdded | MachineUserAdded) -> Row:
    kind = UserKind.HUMAN if isinstance(event, HumanUserAdded) else UserKind.MACHINE
    texts = dict.fromkeys(TEXTS, "")
    flags = ("email_verified", "phone_verified", "has_password", "password_change_required", "has_client_secret")
    return {
        "user_id": user_id,
        "kind": kind.value,
        "status": UserStatus.ACTIVE.value,
        **texts,
        **dict.fromkeys(flags, False),
    }


def _changes(event: Event) -> Row:
    match event:
        case UserNameChanged() | UserProfileChanged():
            return event.model_dump()
        case UserEmailChanged(email=email, verified=verified):
            return {"email": email, "email_key": email_key(email), "email_verified": verified}
        case UserPasswordExpired():
            return {"password_change_required": True}
        case UserPasswordSet(change_required=required):
            return {"has_password": True, "password_change_required": required}
        case UserClientSecretSet() | UserClientSecretRemoved():
            return {"has_client_secret": isinstance(event, UserClientSecretSet)}
        case UserPhoneChanged(phone=phone, verified=verified):
            return {"phone": phone, "phone_verified": verified}
        case _:
            return _standing(event)


def _standing(event: Event) -> Row:
    """What an event says about whether the user may sign in."""
    match event:
        case UserDeactivated():
            return {"status": UserStatus.INACTIVE.value, "locked_until": None}
        case UserInvited():
            return {"status": UserStatus.INITIAL.value, "locked_until": None}
        case UserReactivated() | UserActivated() | UserUnlocked():
            return {"status": UserStatus.ACTIVE.value, "locked_until": None}
        case UserLocked(until=until):
            return {"status": UserStatus.LOCKED.value, "locked_until": until}
        case _:
            return {}


PROJECTION = Projection("users", 3, Log.DURABLE, (USERS,), USER.events, project)
