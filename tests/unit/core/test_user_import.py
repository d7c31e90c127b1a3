"""People who come from another system, with the hashes of their passwords there."""

import pytest
from pydantic import ValidationError

from hexkeep.core.kernel.errors import AlreadyExists, InvalidInput, PermissionDenied
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.user.commands import ImportHumanUser
from hexkeep.core.user.credentials import ReplacePasswordHash
from hexkeep.core.user.events import UserPasswordRehashed, UserPasswordSet
from hexkeep.core.user.queries import GetUser
from hexkeep.core.user.state import USER, user_name_key
from hexkeep.testing.decisions import NOW
from tests.unit.core.worlds import KIT, caller, organization

WORLD = KIT.given(*organization())
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


def bob(**changes: object) -> ImportHumanUser:
    """A person from elsewhere."""
    fields = {"organization_id": "acme", "user_name": "bob", "given_name": "Bob", "email": "bob@example.com"}
    return ImportHumanUser.model_validate({**fields, "password_hash": BCRYPT, **changes})


def test_a_person_is_imported_with_a_hash() -> None:
    """As any person is added, and the hash is what the password is verified by."""
    outcome = WORLD.when(bob(email_verified=True, phone="+41441234567", country="Switzerland"))
    added, claim = outcome.changes
    assert claim == Claim(user_name_key("bob"), USER.ref("id-1"))
    state = USER.fold(added.events)  # type: ignore[union-attr]  # the first change appends
    assert (state.password_hash, state.email_verified, state.phone) == (BCRYPT, True, "+41441234567")
    assert added.events[1] == UserPasswordSet(hash=BCRYPT, change_required=False, set_at=NOW)  # type: ignore[union-attr]
    view = outcome.world.when(GetUser(user_id="id-1")).result
    assert view.has_password
    assert view.country == "Switzerland"
    assert BCRYPT not in view.model_dump_json()


def test_the_first_sign_in_replaces_the_hash() -> None:
    """By what follows it, as for any outdated hash."""
    world = WORLD.when(bob()).world
    request = ReplacePasswordHash(user_id="id-1", outdated=BCRYPT, hash="$argon2id$new")
    world.when(request).then(USER.append("id-1", UserPasswordRehashed(hash="$argon2id$new")))


@pytest.mark.parametrize(
    "text", ["plain text password", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"]
)
def test_what_cannot_be_verified_or_costs_too_much_is_refused(text: str) -> None:
    """The refusal does not repeat what was given: it may be a password."""
    error = WORLD.when(bob(password_hash=text)).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["password_hash"]
    assert text not in str((error.message, error.details, error.violations))


def test_importing_takes_the_right_to_add_people() -> None:
    """And an organization that is there, and a user name that is free."""
    assert WORLD.as_(caller("ORGANIZATION_USER_MANAGER", "acme")).when(bob()).changes
    WORLD.as_(caller("ORGANIZATION_VIEWER", "acme")).when(bob()).refused(PermissionDenied)
    WORLD.as_(caller("ORGANIZATION_OWNER", "other")).when(bob()).refused(PermissionDenied)
    WORLD.when(bob()).world.when(bob()).refused(AlreadyExists)
    with pytest.raises(ValidationError):
        bob(password_hash="")
