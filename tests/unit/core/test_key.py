import pytest

from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, PermissionDenied
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import INSTANCE, ROLES, Caller, CallerKind, Level, Membership, Scope
from hexkeep.core.key import SLICE
from hexkeep.core.key.commands import (
    MAX_KEYS,
    ActivateSigningKey,
    CreateSigningKey,
    DeactivateSigningKey,
    DeleteSigningKey,
)
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, KeyStatus, created
from hexkeep.testing.answers import signing_key
from hexkeep.testing.decisions import NOW, Kit, World

KIT = Kit(SLICE)
ES1, ES2, RS = signing_key("ES256", 1), signing_key("ES256", 2), signing_key("RS256", 3)


def world() -> World:
    """An instance with an active key for ES256 and RS256 and a second ES256 key that was never used."""
    events = (
        created(ES1),
        SigningKeyActivated(key_id="key-1"),
        created(ES2),
        created(RS),
        SigningKeyActivated(key_id="key-3"),
    )
    return KIT.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, *events))


def owner(role: str, scope: Scope) -> Caller:
    """A user who holds one role."""
    return Caller(CallerKind.USER, user_id="ada", memberships=(Membership(ROLES[role], scope),))


def test_created_key_is_recorded_and_not_used() -> None:
    """A new key does not sign before it is activated, but is published: by then everybody knows it."""
    outcome = KIT.given().when(CreateSigningKey(algorithm=Algorithm.ES256))
    outcome.then(SIGNING_KEYS.append(SIGNING_KEYS_ID, created(ES1, NOW)))
    keys = outcome.world.history("main").state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert outcome.result.key_id == "key-1"
    assert keys.active("ES256") is None
    assert keys.published() == (ES1.public,)


def test_algorithm_must_be_chosen() -> None:
    """An unspecified algorithm is refused."""
    KIT.given().when(CreateSigningKey(algorithm=Algorithm.UNSPECIFIED)).refused(InvalidInput)


def test_number_of_keys_is_bounded() -> None:
    """An instance holds no more keys than its JWK set should show."""
    events = (created(signing_key("ES256", number)) for number in range(MAX_KEYS))
    full = KIT.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, *events))
    full.when(CreateSigningKey(algorithm=Algorithm.ES256)).refused(FailedPrecondition)


def test_activation_moves_the_previous_key_aside() -> None:
    """There is exactly one active key per algorithm, and what its predecessor signed can still be verified."""
    outcome = world().when(ActivateSigningKey(key_id="key-2"))
    outcome.then(
        SIGNING_KEYS.append(
            SIGNING_KEYS_ID,
            SigningKeyDeactivated(key_id="key-1", deactivated_at=NOW),
            SigningKeyActivated(key_id="key-2", activated_at=NOW),
        )
    )
    keys = outcome.world.history("main").state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert [(key.id, key.status) for key in keys.keys if key.algorithm == "ES256"] == [
        ("key-1", KeyStatus.INACTIVE),
        ("key-2", KeyStatus.ACTIVE),
    ]
    assert [jwk["kid"] for jwk in keys.published()] == ["key-1", "key-2", "key-3"]


def test_active_key_cannot_be_activated_again() -> None:
    """Activating the active key is a mistake worth telling."""
    world().when(ActivateSigningKey(key_id="key-1")).refused(FailedPrecondition)


def test_active_es256_key_cannot_be_deactivated() -> None:
    """An instance can always sign access tokens."""
    world().when(DeactivateSigningKey(key_id="key-1")).refused(FailedPrecondition)


def test_other_algorithms_may_go_without_an_active_key() -> None:
    """RS256 can be given up."""
    world().when(DeactivateSigningKey(key_id="key-3")).then(
        SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyDeactivated(key_id="key-3", deactivated_at=NOW))
    )


def test_key_that_is_not_active_cannot_be_deactivated() -> None:
    """A key that was never used has nothing to rest from."""
    world().when(DeactivateSigningKey(key_id="key-2")).refused(FailedPrecondition)


def test_removed_key_is_gone() -> None:
    """A removed key is neither published nor found again."""
    rotated = world().when(ActivateSigningKey(key_id="key-2")).world
    outcome = rotated.when(DeleteSigningKey(key_id="key-1"))
    outcome.then(SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyRemoved(key_id="key-1")))
    keys = outcome.world.history("main").state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert [jwk["kid"] for jwk in keys.published()] == ["key-2", "key-3"]
    outcome.world.when(DeleteSigningKey(key_id="key-1")).refused(NotFound)


@pytest.mark.parametrize("key_id", ["key-1", "key-3"])
def test_active_key_cannot_be_removed(key_id: str) -> None:
    """Nothing that signs is taken away, whatever its algorithm."""
    world().when(DeleteSigningKey(key_id=key_id)).refused(FailedPrecondition)


@pytest.mark.parametrize(
    "request_", [ActivateSigningKey(key_id="x"), DeactivateSigningKey(key_id="x"), DeleteSigningKey(key_id="x")]
)
def test_unknown_key_is_not_found(request_: Message) -> None:
    """A key that is not there can be neither used nor given up."""
    world().when(request_).refused(NotFound)


def test_list_shows_status_and_no_private_part() -> None:
    """Administrators see which keys there are, never what they sign with."""
    listed = world().as_(owner("INSTANCE_VIEWER", INSTANCE)).when(Empty(), "ListSigningKeys").result
    assert [(key.key_id, key.algorithm, key.status) for key in listed.keys] == [
        ("key-1", Algorithm.ES256, KeyStatus.ACTIVE),
        ("key-2", Algorithm.ES256, KeyStatus.CREATED),
        ("key-3", Algorithm.RS256, KeyStatus.ACTIVE),
    ]
    assert "private" not in listed.model_dump_json()


def test_keys_are_the_instance_administrators_business() -> None:
    """A viewer changes nothing, and an organization's owner does not even look."""
    viewer = world().as_(owner("INSTANCE_VIEWER", INSTANCE))
    viewer.when(CreateSigningKey(algorithm=Algorithm.ES256)).refused(PermissionDenied)
    stranger = world().as_(owner("ORGANIZATION_OWNER", Scope(Level.ORGANIZATION, "acme")))
    stranger.when(Empty(), "ListSigningKeys").refused(PermissionDenied)


def test_private_part_does_not_show_when_printed() -> None:
    """A state that ends up in a log record or traceback gives no key away."""
    keys = world().history("main").state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert ES1.private not in repr(keys)
