"""What people do with their own account, and how users are found by what they sign in with."""

import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.permission import ANONYMOUS, ROLES, Caller, CallerKind, Level, Membership, Scope
from hexkeep.core.kernel.unique import Release
from hexkeep.core.user.commands import CreateHumanUser, ImportHumanUser, UpdateHumanUser
from hexkeep.core.user.errors import PasswordMismatch
from hexkeep.core.user.events import UserProfileChanged, UserRemoved
from hexkeep.core.user.login_names import CheckUserName, GetUserByLoginName
from hexkeep.core.user.profile import DeleteMyAccount, UpdateMyProfile
from hexkeep.core.user.queries import GetUser
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.core.user.status import Gender
from tests.unit.core.codes import ALICE, PASSWORD, WORLD
from tests.unit.core.worlds import caller, member

SELF = Caller(
    CallerKind.USER,
    user_id="alice",
    memberships=(Membership(ROLES["ORGANIZATION_SELF_MANAGER"], Scope(Level.ORGANIZATION, "acme")),),
)
DELETE = DeleteMyAccount(present_password=PASSWORD)


def test_people_change_their_own_profile() -> None:
    """Names, nickname, gender and language; nothing is written when nothing changes."""
    outcome = WORLD.as_(ALICE).when(UpdateMyProfile(nickname="Al", gender=Gender.DIVERSE, preferred_language="de"))
    outcome.then(
        USER.append(
            "alice",
            UserProfileChanged(
                given_name="Given",
                family_name="Family",
                display_name="Given Family",
                preferred_language="de",
                nickname="Al",
                gender="diverse",
            ),
        )
    )
    view = outcome.world.when(GetUser(user_id="alice"), "GetUser").error
    assert isinstance(view, PermissionDenied)
    outcome.world.when(UpdateMyProfile(nickname="Al", gender=Gender.DIVERSE)).then()
    cleared = outcome.world.when(UpdateMyProfile(update_mask="gender,nickname"))
    assert cleared.changes
    outcome.world.when(UpdateMyProfile(nickname="B", expected_version=1)).refused(VersionConflict)


def test_people_say_where_they_live() -> None:
    """Part by part; a part changes without the others, and its reader sees it."""
    lives = UpdateMyProfile(street_address=" 1 Mill Lane\r\nBack door ", locality="Zu\u0308rich", postal_code="8001")
    world = WORLD.as_(ALICE).when(lives).world
    moved = world.when(UpdateMyProfile(street_address="2 Mill Lane", update_mask="street_address,postal_code")).world
    seen = [
        one.as_(caller("ORGANIZATION_VIEWER", "acme")).when(GetUser(user_id="alice")).result for one in (world, moved)
    ]
    assert [(one.street_address, one.postal_code, one.locality) for one in seen] == [
        ("1 Mill Lane\nBack door", "8001", "Z\u00fcrich"),
        ("2 Mill Lane", "", "Z\u00fcrich"),
    ]


@pytest.mark.parametrize("request_", [UpdateMyProfile, UpdateHumanUser, CreateHumanUser, ImportHumanUser])
@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("formatted_address", "a\tb"),
        ("street_address", "a\rb"),
        ("street_address", "a\u2028b"),
        ("street_address", "\u202eb"),
        ("formatted_address", "a\n" * 250 + "b"),
        ("locality", "a\nb"),
        ("region", "a\0"),
        ("postal_code", "8" * 201),
        ("country", "\x1b[1m"),
    ],
)
def test_address_is_plain_text_of_bounded_length(request_: type[Message], field: str, text: str) -> None:
    """Lines end in the street and in the whole alone; nothing else that cannot be seen is taken."""
    with pytest.raises(ValidationError) as refused:
        request_.model_validate({field: text})
    assert (field,) in {one["loc"] for one in refused.value.errors()}


def test_a_profile_is_shown_with_its_gender() -> None:
    """One that was never told is unspecified."""
    reader = caller("ORGANIZATION_VIEWER", "acme")
    assert WORLD.as_(reader).when(GetUser(user_id="alice")).result.gender is Gender.UNSPECIFIED
    told = WORLD.as_(ALICE).when(UpdateMyProfile(gender=Gender.FEMALE)).world
    assert told.as_(reader).when(GetUser(user_id="alice")).result.gender is Gender.FEMALE


def test_machines_and_strangers_have_no_profile_of_their_own() -> None:
    """Only a person who is signed in has one."""
    request = UpdateMyProfile(nickname="x")
    WORLD.as_(ANONYMOUS).when(request).refused(Unauthenticated)
    WORLD.as_(Caller(CallerKind.USER, user_id="robot")).when(request).refused(FailedPrecondition)


def test_who_may_deletes_the_own_account() -> None:
    """With the password; the user name is free."""
    removed = USER.append("alice", UserRemoved())
    WORLD.as_(SELF).when(DELETE).then(removed, Release(user_name_key("alice"), USER.ref("alice")))
    WORLD.as_(SELF).when(DeleteMyAccount()).refused(PasswordMismatch)


def test_deleting_the_own_account_has_to_be_allowed() -> None:
    """By a role in the user's own organization."""
    WORLD.as_(ALICE).when(DELETE).refused(PermissionDenied)
    elsewhere = Membership(ROLES["ORGANIZATION_SELF_MANAGER"], Scope(Level.ORGANIZATION, "other"))
    WORLD.as_(Caller(CallerKind.USER, user_id="alice", memberships=(elsewhere,))).when(DELETE).refused(PermissionDenied)


def test_the_last_owner_does_not_go() -> None:
    """Nobody would be left who could set things right."""
    WORLD.given(*member("alice", "INSTANCE_OWNER")).as_(SELF).when(DELETE).refused(FailedPrecondition)


def test_a_user_is_found_by_login_name() -> None:
    """Whatever its case, by readers of the organization; others cannot tell whether it exists."""
    request = GetUserByLoginName(login_name="ALICE")
    assert WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).result.user_id == "alice"
    WORLD.when(GetUserByLoginName(login_name="nobody")).refused(NotFound)
    WORLD.as_(caller("ORGANIZATION_VIEWER", "other")).when(request).refused(NotFound)
    for name in ("alice", "nobody"):
        WORLD.as_(ALICE).when(GetUserByLoginName(login_name=name)).refused(PermissionDenied)


def test_whether_a_user_name_is_free_is_told_to_who_may_give_it() -> None:
    """Nobody else can find out who exists by it."""
    taken = CheckUserName(organization_id="acme", user_name="Alice")
    free = CheckUserName(organization_id="acme", user_name="alicia")
    manager = WORLD.as_(caller("ORGANIZATION_USER_MANAGER", "acme"))
    assert [manager.when(one).result.available for one in (taken, free)] == [False, True]
    for one in (taken, free):
        WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(one).refused(PermissionDenied)
        WORLD.as_(caller("ORGANIZATION_USER_MANAGER", "other")).when(one).refused(PermissionDenied)
