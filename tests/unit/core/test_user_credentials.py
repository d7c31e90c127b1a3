import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
)
from hexkeep.core.kernel.permission import ANONYMOUS, SYSTEM, Caller, CallerKind
from hexkeep.core.user.credentials import (
    TRIES,
    WINDOW,
    ChangePassword,
    DeleteClientSecret,
    GenerateClientSecret,
    MachineCredentials,
    ReplacePasswordHash,
    SetPassword,
)
from hexkeep.core.user.errors import PasswordMismatch
from hexkeep.core.user.events import UserClientSecretRemoved, UserClientSecretSet, UserPasswordRehashed, UserPasswordSet
from hexkeep.core.user.passwords import BUILT_IN, COMMON, MAX_LENGTH, accept_password
from hexkeep.core.user.state import USER
from hexkeep.testing.answers import keyed_hash, password_hash
from hexkeep.testing.decisions import NOW
from tests.unit.core.worlds import KIT, caller, human, machine, organization

MIN_LENGTH = BUILT_IN.min_length
OLD, NEW = "four happy otters", "seven sad seagulls"
WORLD = KIT.given(*organization(), *human(), *machine())
WITH_PASSWORD = WORLD.when(SetPassword(user_id="alice", password=OLD)).world
ALICE = Caller(CallerKind.USER, user_id="alice")


def violation(password: str) -> str:
    """What is wrong with a password for the user alice."""
    error = WORLD.when(SetPassword(user_id="alice", password=password)).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    return error.violations[0].message


def test_set_password_records_the_hash() -> None:
    """A manager's password is to be changed at the next sign-in unless said otherwise."""
    digest = password_hash(NEW)
    WORLD.when(SetPassword(user_id="alice", password=NEW)).then(
        USER.append("alice", UserPasswordSet(hash=digest, change_required=True, set_at=NOW))
    )
    WORLD.when(SetPassword(user_id="alice", password=NEW, change_required=False)).then(
        USER.append("alice", UserPasswordSet(hash=digest, change_required=False, set_at=NOW))
    )


def test_password_is_hashed_in_normal_form() -> None:
    """Two ways to type the same characters are one password (NIST SP 800-63B-4 §3.1.1.2)."""
    decomposed = unicodedata.normalize("NFD", "zwölf große Äpfel")
    composed = UserPasswordSet(hash=password_hash("zwölf große Äpfel"), change_required=True, set_at=NOW)
    WORLD.when(SetPassword(user_id="alice", password=decomposed)).then(USER.append("alice", composed))


@pytest.mark.parametrize("length", [0, 1, MIN_LENGTH - 1, MAX_LENGTH + 1, 1000])
def test_password_length_is_bounded(length: int) -> None:
    """8 to 128 code points; longer ones are refused, never cut."""
    assert "8 to 128" in violation("ä" * length)


def test_password_length_counts_code_points() -> None:
    """Eight and 128 are enough and not too many, however many bytes they are."""
    for length in (MIN_LENGTH, MAX_LENGTH):
        assert WORLD.when(SetPassword(user_id="alice", password="😀" * length)).changes


@pytest.mark.parametrize("password", ["password", "PassWord1", "12345678", "qwertyuiop", "TRUSTNO1"])
def test_common_passwords_are_refused(password: str) -> None:
    """The commonest passwords are blocked whatever their case."""
    assert "commonest" in violation(password)


@pytest.mark.parametrize("password", ["alice1234", "xxALICExx", "alice@example.com", "familyfamily", "my given name"])
def test_passwords_with_the_users_name_are_refused(password: str) -> None:
    """User name, own names and e-mail address are the first things an attacker tries."""
    assert "name" in violation(password)


def test_refusal_does_not_repeat_the_password() -> None:
    """A refused password is in no message, for messages get logged."""
    error = WORLD.when(SetPassword(user_id="alice", password="alice-s3cr3t")).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert "s3cr3t" not in f"{error!r} {error.violations} {error.details}"


@given(st.text(max_size=200))
def test_accept_password_is_total(password: str) -> None:
    """Whatever is typed is accepted in normal form or refused as invalid; nothing else ever happens."""
    try:
        accepted = accept_password(password, "alice")
    except InvalidInput:
        return
    assert accepted == unicodedata.normalize("NFC", password)
    assert MIN_LENGTH <= len(accepted) <= MAX_LENGTH


def test_blocklist_can_all_be_met() -> None:
    """The blocklist holds no entry that another rule makes useless."""
    assert {entry for entry in COMMON if len(entry) < MIN_LENGTH or entry != entry.casefold()} == set()


def test_change_password_takes_the_present_one() -> None:
    """With the right present password the new one holds, and need not be changed again."""
    WITH_PASSWORD.as_(ALICE).when(ChangePassword(present_password=OLD, new_password=NEW)).then(
        USER.append(
            "alice",
            UserPasswordSet(
                hash=password_hash(NEW), change_required=False, set_at=NOW, told="alice@example.com", replaces=True
            ),
        )
    )


def test_change_password_refuses_a_wrong_present_one() -> None:
    """A wrong present password has a code of its own and writes nothing; no password at all fits never."""
    request = ChangePassword(present_password="wrong", new_password=NEW)
    assert WITH_PASSWORD.as_(ALICE).when(request).refused(PasswordMismatch).code == "password_mismatch"
    WORLD.as_(ALICE).when(ChangePassword(present_password="", new_password=NEW)).refused(PasswordMismatch)


def test_change_password_insists_on_another_one() -> None:
    """The same password again would make a forced change worthless, and the rules for new ones hold."""
    for new in (OLD, "short", "alice12345"):
        WITH_PASSWORD.as_(ALICE).when(ChangePassword(present_password=OLD, new_password=new)).refused(InvalidInput)


def test_change_password_is_not_for_guessing() -> None:
    """After ten tries the right password does not help either, until the window is over."""
    world = WITH_PASSWORD.as_(ALICE)
    for _ in range(TRIES):
        outcome = world.when(ChangePassword(present_password="wrong", new_password=NEW))
        outcome.refused(PasswordMismatch)
        world = outcome.world
    right = ChangePassword(present_password=OLD, new_password=NEW)
    world.when(right).refused(ResourceExhausted)
    assert world.later(seconds=WINDOW.total_seconds()).when(right).changes


def test_change_password_is_the_users_own() -> None:
    """The system has no password to change."""
    WITH_PASSWORD.as_(SYSTEM).when(ChangePassword(present_password=OLD, new_password=NEW)).refused(Unauthenticated)


def test_replace_password_hash_is_for_the_engine_and_the_same_password_only() -> None:
    """A hash takes the place of the one it was made for, and of no other; nobody else may ask for it."""
    present = password_hash(OLD)
    request = ReplacePasswordHash(user_id="alice", outdated=present, hash="$kit$new")
    WITH_PASSWORD.when(request).then(USER.append("alice", UserPasswordRehashed(hash="$kit$new")))
    WITH_PASSWORD.when(SetPassword(user_id="alice", password=NEW)).world.when(request).then()
    WORLD.when(ReplacePasswordHash(user_id="alice", outdated="", hash="$kit$new")).then()
    WITH_PASSWORD.when(ReplacePasswordHash(user_id="nobody", outdated=present, hash="$kit$new")).then()
    for who in (caller("INSTANCE_OWNER"), ALICE):
        WITH_PASSWORD.as_(who).when(request).refused(PermissionDenied)
    WITH_PASSWORD.as_(ANONYMOUS).when(request).refused(Unauthenticated)


def test_nobody_sets_their_own_password_without_the_present_one() -> None:
    """A stolen administrator's session does not suffice to take the account over for good."""
    alice = caller("INSTANCE_OWNER", user_id="alice")
    WITH_PASSWORD.as_(alice).when(SetPassword(user_id="alice", password=NEW)).refused(FailedPrecondition)
    assert WITH_PASSWORD.as_(alice).when(ChangePassword(present_password=OLD, new_password=NEW)).changes


def test_a_new_password_ends_what_earlier_ones_opened() -> None:
    """Every password has a number, whoever sets it; another hash of the same password has the same."""
    changed = WITH_PASSWORD.as_(ALICE).when(ChangePassword(present_password=OLD, new_password=NEW)).world
    alice = changed.history("main").state(USER, "alice")
    assert alice.proven_by(2)
    assert not alice.proven_by(1)
    rehashed = ReplacePasswordHash(user_id="alice", outdated=password_hash(NEW), hash="$kit$new")
    assert changed.as_(SYSTEM).when(rehashed).world.history("main").state(USER, "alice").proven_by(2)
    again = changed.as_(SYSTEM).when(SetPassword(user_id="alice", password=OLD)).world
    assert not again.history("main").state(USER, "alice").proven_by(1)


def test_generate_client_secret_shows_it_once() -> None:
    """The secret is in the answer and only its keyed hash in the event."""
    outcome = WORLD.when(GenerateClientSecret(user_id="robot"))
    digest = keyed_hash("client_secret", "secret-1")
    outcome.then(USER.append("robot", UserClientSecretSet(hash=digest)))
    assert outcome.result == MachineCredentials(client_id="robot", client_secret="secret-1")
    assert "secret-1" not in repr(outcome.result)
    assert KIT.operation("GenerateClientSecret").secrets == {"client_secret"}


def test_generate_client_secret_replaces_the_present_one() -> None:
    """Of two secrets the later one holds."""
    world = WORLD.when(GenerateClientSecret(user_id="robot")).world.when(GenerateClientSecret(user_id="robot")).world
    assert world.history("main").state(USER, "robot").client_secret_hash == keyed_hash("client_secret", "secret-2")


def test_delete_client_secret_leaves_none() -> None:
    """After removal there is no secret; removing none is no change."""
    world = WORLD.when(GenerateClientSecret(user_id="robot")).world
    outcome = world.when(DeleteClientSecret(user_id="robot"))
    outcome.then(USER.append("robot", UserClientSecretRemoved()))
    assert not outcome.world.history("main").state(USER, "robot").client_secret_hash
    outcome.world.when(DeleteClientSecret(user_id="robot")).then()
