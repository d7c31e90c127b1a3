"""Invitations: from a person without a password to one who signs in."""

from hexkeep.core.code.errors import InvalidCode
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
    VersionConflict,
)
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS, Caller, CallerKind
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.user.credentials import SetPassword
from hexkeep.core.user.events import UserActivated, UserEmailChanged, UserInvited, UserPasswordSet
from hexkeep.core.user.invitations import CreateInvitation, ResendInvitation, VerifyInvitation
from hexkeep.core.user.queries import GetUser
from hexkeep.core.user.reset import RequestPasswordReset
from hexkeep.core.user.state import USER
from hexkeep.core.user.status import UserStatus
from hexkeep.testing.answers import password_hash
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.codes import NEW_PASSWORD, WORLD, back, delivery, followed, issued
from tests.unit.core.worlds import caller, human, member

MANAGER = caller("ORGANIZATION_USER_MANAGER", "acme")
BOB = Caller(CallerKind.USER, user_id="bob")
ADDRESS = USER.append("bob", UserEmailChanged(email="bob@example.com", verified=False))
PLAIN = WORLD.given(*human("bob"), ADDRESS)
INVITE = CreateInvitation(user_id="bob")


def invited() -> tuple[str, World]:
    """The code of an invitation, and the world for whoever has it."""
    code = followed(PLAIN.as_(MANAGER).when(INVITE))
    return issued(code).code, back(code, ANONYMOUS)


def accept(code: str, password: str = NEW_PASSWORD, user_id: str = "bob") -> VerifyInvitation:
    """The request of who has the link."""
    return VerifyInvitation(user_id=user_id, code=code, password=password)


def test_an_invitation_makes_a_person_initial_and_sends_a_link() -> None:
    """The person cannot sign in until it is accepted."""
    outcome = PLAIN.as_(MANAGER).when(INVITE).then(USER.append("bob", UserInvited()))
    event = issued(followed(outcome))
    message = delivery(event)
    assert (message.channel, message.payload["message"]) == ("mail", "invite_user")
    assert event.link == f"{ISSUER}/ui/invitation?user=bob&login=bob&code={event.code}"
    world = back(followed(outcome), MANAGER)
    assert world.when(GetUser(user_id="bob")).result.status is UserStatus.INITIAL
    world.as_(BOB).when(Empty(), "GetMyUser").refused(Unauthenticated)
    assert world.as_(ANONYMOUS).when(RequestPasswordReset(login_name="bob")).changes == ()


def test_accepting_sets_the_password_and_verifies_the_address() -> None:
    """After that the person is as any other; the invitation is used up."""
    code, world = invited()
    outcome = world.when(accept(code)).then(
        USER.append(
            "bob",
            UserPasswordSet(hash=password_hash(NEW_PASSWORD), change_required=False, set_at=NOW),
            UserEmailChanged(email="bob@example.com", verified=True),
            UserActivated(),
        )
    )
    view = outcome.world.as_(BOB).when(Empty(), "GetMyUser").result
    assert (view.status, view.email_verified, view.has_password) == (UserStatus.ACTIVE, True, True)
    outcome.world.when(accept(code)).refused(InvalidCode)


def test_an_invitation_expires_and_can_be_sent_again() -> None:
    """The new link voids the old one."""
    code, world = invited()
    world.later(days=7).when(accept(code)).refused(InvalidCode)
    again = world.as_(MANAGER).when(ResendInvitation(user_id="bob"))
    again.world.as_(ANONYMOUS).when(accept(code)).refused(InvalidCode)
    assert again.world.as_(ANONYMOUS).when(accept(issued(again).code)).changes


def test_a_bad_password_leaves_the_invitation() -> None:
    """Whoever chooses badly chooses again."""
    code, world = invited()
    refused = world.when(accept(code, "password1"))
    refused.refused(InvalidInput)
    assert refused.world.when(accept(code)).changes


def test_an_invitation_is_one_persons_and_of_an_organization_that_is_open() -> None:
    """Wrong person, nobody, closed organization: one answer."""
    code, world = invited()
    closed = world.given(ORGANIZATION.append("acme", OrganizationDeactivated()))
    errors = [
        world.when(accept(code, user_id="alice")).refused(InvalidCode),
        world.when(accept(code, user_id="nobody")).refused(InvalidCode),
        world.when(accept("wrong")).refused(InvalidCode),
        closed.when(accept(code)).refused(InvalidCode),
        world.within("other").when(accept(code)).refused(InvalidCode),
    ]
    assert len({str((error.code, error.message, error.details)) for error in errors}) == 1


def test_a_password_from_a_manager_ends_the_wait() -> None:
    """The person is active, and the invitation is void."""
    code, world = invited()
    outcome = world.as_(MANAGER).when(SetPassword(user_id="bob", password=NEW_PASSWORD))
    chosen = UserPasswordSet(hash=password_hash(NEW_PASSWORD), change_required=True, set_at=NOW)
    outcome.then(USER.append("bob", chosen, UserActivated()))
    outcome.world.as_(ANONYMOUS).when(accept(code)).refused(InvalidCode)


def test_only_who_has_no_password_is_invited() -> None:
    """Nor a machine, nor who was invited already, nor the last owner, whom it would keep out."""
    PLAIN.when(CreateInvitation(user_id="alice")).refused(FailedPrecondition)
    PLAIN.when(CreateInvitation(user_id="robot")).refused(FailedPrecondition)
    PLAIN.when(ResendInvitation(user_id="bob")).refused(FailedPrecondition)
    invited()[1].as_(MANAGER).when(INVITE).refused(FailedPrecondition)
    PLAIN.given(*member("bob", "INSTANCE_OWNER")).when(INVITE).refused(FailedPrecondition)
    PLAIN.when(CreateInvitation(user_id="bob", expected_version=7)).refused(VersionConflict)


def test_inviting_takes_the_right_to_manage_the_person() -> None:
    """As everything that leads to a password does."""
    for request in (INVITE, ResendInvitation(user_id="bob")):
        PLAIN.as_(caller("ORGANIZATION_USER_MANAGER", "other")).when(request).refused(NotFound)
        PLAIN.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)
        owner = PLAIN.given(*member("bob", "ORGANIZATION_OWNER", "acme"))
        owner.as_(MANAGER).when(request).refused(PermissionDenied)
