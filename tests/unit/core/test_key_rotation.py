"""The life of keys: made, published, in use, resting, gone; by schedule and by command."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.commands import CreateOidcApplication, UpdateOidcApplication
from hexkeep.core.application.state import ApplicationType
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.core.key.commands import ActivateSigningKey, CreateSigningKey
from hexkeep.core.key.events import KEPT, KeyRotationSet, SigningKeyActivated
from hexkeep.core.key.rotation import AgeSigningKeys, RotateSigningKeys, SetKeyRotation
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, KeyStatus, SigningKeys, created
from hexkeep.core.policy.events import LifetimePolicy
from hexkeep.core.token.messages import JsonWebKeySet
from hexkeep.testing.decisions import NOW, World
from hexkeep.testing.jose import encryption_key, signing_key
from tests.unit.core.oidc_world import KIT, world
from tests.unit.core.worlds import caller

DAY = timedelta(days=1)


def keys_of(after: World) -> SigningKeys:
    """The keys of the instance."""
    keys: SigningKeys = after.history("main").state(SIGNING_KEYS, SIGNING_KEYS_ID)
    return keys


def lives(after: World) -> dict[str, KeyStatus]:
    """Where each key is in its life."""
    return {key.id: key.status for key in keys_of(after).keys}


def published(after: World) -> set[str]:
    """The names in the JWK set."""
    result: JsonWebKeySet = after.when(Empty(), "GetJwks").result
    return {key.kid for key in result.keys}


def with_key(algorithm: str = "ES256") -> World:
    """An instance with one key, in use since the world began."""
    pair = (encryption_key if algorithm in {"RSA-OAEP-256", "ECDH-ES"} else signing_key)(algorithm, 1)
    events = (created(pair, NOW), SigningKeyActivated(key_id="key-1", activated_at=NOW))
    here = KIT.given(SIGNING_KEYS.append(SIGNING_KEYS_ID, *events)).as_(SYSTEM)
    here.answerer.keys = 1
    return here


def aged(before: World) -> World:
    """The world after the schedule was looked at."""
    return before.when(AgeSigningKeys()).world


def test_the_whole_life_of_a_key() -> None:
    """Looked at every day for half a year: there always is a key that signs, known before and kept afterwards."""
    now, seen = with_key(), list[tuple[int, dict[str, KeyStatus]]]()
    for day in range(1, 186):
        now = aged(now.later(days=1))
        if not seen or seen[-1][1] != lives(now):
            seen.append((day, lives(now)))
        assert published(now) == set(lives(now))
        assert keys_of(now).active("ES256") is not None
    created_, active, resting = KeyStatus.CREATED, KeyStatus.ACTIVE, KeyStatus.INACTIVE
    assert seen == [
        (1, {"key-1": active}),
        (83, {"key-1": active, "key-2": created_}),
        (90, {"key-1": resting, "key-2": active}),
        (97, {"key-2": active}),
        (173, {"key-2": active, "key-3": created_}),
        (180, {"key-2": resting, "key-3": active}),
    ]


def test_a_schedule_that_was_not_looked_at_skips_no_step() -> None:
    """A node that was off for a year publishes a key first, and lets it sign when that was long enough."""
    late = aged(with_key().later(days=365))
    assert lives(late) == {"key-1": KeyStatus.ACTIVE, "key-2": KeyStatus.CREATED}
    assert lives(aged(late.later(days=6))) == lives(late)
    assert lives(aged(late.later(days=7)))["key-2"] is KeyStatus.ACTIVE


def test_looking_twice_does_nothing_twice() -> None:
    """The engine may call it twice in a row, on two nodes."""
    once = aged(with_key().later(days=84))
    once.when(AgeSigningKeys()).then()


def test_a_key_is_kept_longer_than_any_token_holds() -> None:
    """Whatever the policies say: what it signed last holds until it expires."""
    bounds = LifetimePolicy.model_fields
    longest = max(
        one.le
        for name in ("access_token_lifetime", "id_token_lifetime")
        for one in bounds[name].metadata
        if hasattr(one, "le")
    )
    assert longest < KEPT


def test_encryption_keys_change_at_once_and_the_former_one_still_decrypts() -> None:
    """One key is offered at a time; what is on its way is read by the former one for a week."""
    rotated = aged(with_key("ECDH-ES").later(days=90))
    assert lives(rotated) == {"key-1": KeyStatus.INACTIVE, "key-2": KeyStatus.ACTIVE}
    assert published(rotated) == {"key-2"}
    assert len(keys_of(rotated).decrypting()) == 2
    assert lives(aged(rotated.later(days=7))) == {"key-2": KeyStatus.ACTIVE}


def test_the_schedule_is_a_setting() -> None:
    """Other times, or none at all."""
    wanted: dict[str, Any] = {"every": 10 * DAY, "published_ahead": 2 * DAY, "kept": 3 * DAY}
    owner = with_key().as_(caller("INSTANCE_OWNER"))
    outcome = owner.when(SetKeyRotation(**wanted))
    outcome.then(SIGNING_KEYS.append(SIGNING_KEYS_ID, KeyRotationSet(**wanted)))
    outcome.world.when(SetKeyRotation(**wanted)).then()
    listed = outcome.world.when(Empty(), "ListSigningKeys").result
    assert listed.rotation.every == 10 * DAY
    sooner = outcome.world.as_(SYSTEM)
    assert lives(aged(sooner.later(days=8)))["key-2"] is KeyStatus.CREATED
    off = outcome.world.when(SetKeyRotation(automatic=False)).world.as_(SYSTEM)
    off.later(days=400).when(AgeSigningKeys()).then()


@pytest.mark.parametrize(
    "wrong",
    [{"published_ahead": timedelta(minutes=5)}, {"kept": DAY}, {"every": 3 * DAY}, {"every": timedelta(hours=1)}],
)
def test_settings_that_would_break_tokens_are_refused(wrong: dict[str, Any]) -> None:
    """A key that is met unknown, or gone before what it signed."""
    with pytest.raises(ValidationError):
        SetKeyRotation(**wrong)


def test_rotation_by_command_is_at_once() -> None:
    """All keys that are in use make way, or those of one algorithm; what they signed still holds."""
    owner = world().as_(caller("INSTANCE_OWNER"))
    owner.answerer.keys = 2
    rotated = owner.when(RotateSigningKeys())
    assert len(rotated.result.key_ids) == 2
    assert sorted(lives(rotated.world).values()) == ["active", "active", "inactive", "inactive"]
    assert len(published(rotated.world)) == 4
    one = owner.when(RotateSigningKeys(algorithm=Algorithm.RS256))
    assert [keys_of(one.world).get(key_id).algorithm for key_id in one.result.key_ids] == ["RS256"]  # type: ignore[union-attr]  # it is there
    owner.when(RotateSigningKeys(algorithm=Algorithm.ES384)).refused(FailedPrecondition)


def test_rotation_by_command_uses_the_key_that_was_published_ahead() -> None:
    """The one that others may already know."""
    ahead = aged(with_key().later(days=84)).as_(caller("INSTANCE_OWNER"))
    assert ahead.when(RotateSigningKeys()).result.key_ids == ("key-2",)


def test_who_rotates() -> None:
    """The schedule is the system's, the command the administrators'."""
    viewer = with_key().as_(caller("INSTANCE_VIEWER"))
    viewer.when(RotateSigningKeys()).refused(PermissionDenied)
    viewer.when(SetKeyRotation()).refused(PermissionDenied)
    with_key().as_(caller("INSTANCE_OWNER")).when(AgeSigningKeys()).refused(PermissionDenied)


def test_keys_are_made_when_a_client_registers_their_algorithm() -> None:
    """In the same unit, once: the next client finds them."""
    owner = world().as_(caller("INSTANCE_OWNER"))
    owner.answerer.keys = 2
    metadata = ClientMetadata.model_validate(
        {
            "id_token_signed_response_alg": "PS256",
            "userinfo_signed_response_alg": "EdDSA",
            "authorization_signed_response_alg": "ES256",
            "access_token_signed_response_alg": "RS512",
            "request_object_encryption_alg": "ECDH-ES+A128KW",
            "jwks_uri": "https://shop.example.com/jwks",
        }
    )
    request = CreateOidcApplication(
        project_id="shop",
        name="Other",
        application_type=ApplicationType.WEB,
        redirect_uris=("https://shop.example.com/cb",),
        client_metadata=metadata,
    )
    outcome = owner.when(request)
    made = [key.algorithm for key in keys_of(outcome.world).keys if key.created_at]
    assert made == ["PS256", "EdDSA", "RS512", "ECDH-ES"]
    assert all(keys_of(outcome.world).active(algorithm) for algorithm in made)
    again = outcome.world.when(request.model_copy(update={"name": "Another"}))
    assert keys_of(again.world) == keys_of(outcome.world)
    changed = ClientMetadata.model_validate({"id_token_signed_response_alg": "ES384"})
    updated = outcome.world.when(UpdateOidcApplication(client_id=outcome.result.client_id, client_metadata=changed))
    assert keys_of(updated.world).active("ES384") is not None


def test_schedule_leaves_keys_of_saml_alone() -> None:
    """Service providers know them by heart: none is made, used or removed but by somebody's command."""
    before = with_key("rsa-sha256")
    ahead = before.when(CreateSigningKey(algorithm=Algorithm.RSA_SHA256))
    resting = ahead.world.when(ActivateSigningKey(key_id=ahead.result.key_id)).world
    later = aged(resting.later(days=4000))
    assert lives(later) == {"key-1": KeyStatus.INACTIVE, ahead.result.key_id: KeyStatus.ACTIVE}
    again = later.when(ActivateSigningKey(key_id="key-1")).world
    assert lives(again) == {"key-1": KeyStatus.ACTIVE, ahead.result.key_id: KeyStatus.INACTIVE}
