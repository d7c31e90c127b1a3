"""What can be read of users."""

import enum
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import Field

from hexkeep.core.kernel.access import listed, visible_row
from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.fields import Id, Line
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.paging import Page, PageRequest, RowMessage, page_of
from hexkeep.core.kernel.view import And, Condition, Contains, Or, Row, StartsWith, eq
from hexkeep.core.user.access import myself
from hexkeep.core.user.projection import USERS, email_key
from hexkeep.core.user.state import UserKind
from hexkeep.core.user.status import Gender, UserStatus

SEARCHED = ("user_name", "display_name", "email")


class UserView(RowMessage):
    """A user as its readers see it."""

    user_id: str
    organization_id: str
    kind: UserKind
    status: UserStatus
    user_name: str
    given_name: str
    family_name: str
    display_name: str
    email: str
    email_verified: bool
    phone: str
    phone_verified: bool
    preferred_language: str
    nickname: str
    gender: Gender
    formatted_address: str
    street_address: str
    locality: str
    region: str
    postal_code: str
    country: str
    has_password: bool
    password_change_required: bool
    has_client_secret: bool
    locked_until: datetime | None
    version: int
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: Row) -> Self:
        """What ``row`` says; a gender that nobody has told is none."""
        return super().of({**row, "gender": row["gender"] or Gender.UNSPECIFIED.value})


class GetUser(Message):
    """The user to read."""

    user_id: Id


class UserSort(enum.StrEnum):
    """What users can be sorted by; unspecified is by id, and so by age."""

    UNSPECIFIED = "unspecified"
    USER_NAME = "user_name"
    DISPLAY_NAME = "display_name"
    CREATED_AT = "created_at"


class ListUsers(PageRequest):
    """Which users to list."""

    organization_id: Line = Field(default="", description="Only those of this organization.")
    kind: UserKind = Field(default=UserKind.UNSPECIFIED, description="Only those of this kind.")
    status: UserStatus = Field(default=UserStatus.UNSPECIFIED, description="Only those with this status.")
    user_name: Line = Field(default="", description="Only those whose user name starts with this, whatever its case.")
    email: Line = Field(default="", description="Only those with exactly this e-mail address, whatever its case.")
    phone: Line = Field(default="", description="Only those with exactly this phone number.")
    search: Line = Field(default="", description="Only those whose user name, display name or e-mail contains this.")
    sort: UserSort = UserSort.UNSPECIFIED


class UserPage(Page):
    """Some users."""

    users: tuple[UserView, ...]


def get_user(request: GetUser, ctx: Context) -> Decision[UserView]:
    """Read one user."""
    return Decision(UserView.of(visible_row(ctx, USERS, request.user_id)))


def get_my_user(_: Empty, ctx: Context) -> Decision[UserView]:
    """Read the caller's own account."""
    return Decision(UserView.of(visible_row(ctx, USERS, myself(ctx)[0])))


def list_users(request: ListUsers, ctx: Context) -> Decision[UserPage]:
    """List those users that the caller may read."""
    select = page_of(USERS, request, And(tuple(_filters(request))), sort=request.sort)
    found = listed(ctx, request, select)
    return Decision(
        UserPage(users=tuple(UserView.of(row) for row in found.rows), next_cursor=found.next_cursor, total=found.total)
    )


def _filters(request: ListUsers) -> Iterator[Condition]:
    if request.organization_id:
        yield eq("organization_id", request.organization_id)
    if request.kind is not UserKind.UNSPECIFIED:
        yield eq("kind", request.kind.value)
    if request.status is not UserStatus.UNSPECIFIED:
        yield eq("status", request.status.value)
    if request.user_name:
        yield StartsWith("user_name", request.user_name)
    if request.email:
        yield eq("email_key", email_key(request.email))
    if request.phone:
        yield eq("phone", request.phone)
    if request.search:
        yield Or(tuple(Contains(column, request.search) for column in SEARCHED))
