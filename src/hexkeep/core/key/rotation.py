"""Rotation: keys make way for others, with an overlap on both sides.

A key is made and published; some time later it takes over from the one before it, which stays published until nothing
holds any more that it has signed; then it is removed. All of that by a schedule, or at once by command.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, PermissionDenied
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.permission import CallerKind
from hexkeep.core.kernel.update import Conditional, expect
from hexkeep.core.key.events import (
    KeyRotation,
    KeyRotationSet,
    SigningKeyActivated,
    SigningKeyDeactivated,
    SigningKeyRemoved,
)
from hexkeep.core.key.state import (
    SIGNING_KEYS,
    SIGNING_KEYS_ID,
    Algorithm,
    KeyStatus,
    SigningKey,
    SigningKeys,
    created,
    fresh_key,
)

LOOKED_AT_EVERY = timedelta(hours=1)
"""How often the schedule is looked at: it is one of days."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class RotateSigningKeys(Message):
    """Asks for other keys in place of those that are in use."""

    algorithm: Algorithm = Field(
        default=Algorithm.UNSPECIFIED,
        description="Of which algorithm; unspecified: of all that are in use but rsa-sha256, which is for SAML: "
        "service providers have to be told of its keys before.",
    )


class RotateSigningKeysOutput(Message):
    """The keys that are used from now on."""

    key_ids: tuple[str, ...]


class SetKeyRotation(Conditional, KeyRotation):
    """How keys are to be rotated, in place of how they are now."""


class AgeSigningKeys(Message):
    """Asks for what the schedule has due by now."""


def rotate_signing_keys(request: RotateSigningKeys, ctx: Context) -> Decision[RotateSigningKeysOutput]:
    """Use other keys from now on: those that were made ahead, else new ones. The former ones stay published a while.

    What they have signed holds until it expires. Where a key may have become known, delete it as well: nothing that it
    has signed holds then.
    """
    ctx.authorize()
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    wanted = [key for key in _active(keys) if _is_meant(key, request.algorithm)]
    if not wanted:
        raise FailedPrecondition("No key of this algorithm is in use")
    events: list[Event] = []
    for key in wanted:
        ahead = _ahead(keys, key.algorithm)
        if ahead is None:
            events += _replaced(ctx, key)
        else:
            events += _succession(key, ahead.id, ctx.now)
    used = tuple(event.key_id for event in events if isinstance(event, SigningKeyActivated))
    return Decision(RotateSigningKeysOutput(key_ids=used), SIGNING_KEYS.append(SIGNING_KEYS_ID, *events))


def set_key_rotation(request: SetKeyRotation, ctx: Context) -> Decision[Empty]:
    """Set how keys make way for others by themselves, or that they do not. What is due by that is done within hours."""
    ctx.authorize()
    expect(ctx, SIGNING_KEYS, SIGNING_KEYS_ID, request)
    wanted = KeyRotation(**request.model_dump(exclude={"expected_version"}))
    if wanted == ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).rotation:
        return Decision(Empty())
    return Decision(Empty(), SIGNING_KEYS.append(SIGNING_KEYS_ID, KeyRotationSet(**wanted.model_dump())))


def age_signing_keys(_: AgeSigningKeys, ctx: Context) -> Decision[Empty]:
    """Do what the schedule has due: make keys ahead, let them take over, remove those that rested long enough."""
    if ctx.caller.kind is not CallerKind.SYSTEM:
        raise PermissionDenied
    ctx.authorize()
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    if not keys.rotation.automatic:
        return Decision(Empty())
    events = [*_removals(keys, ctx.now)]
    for key in _active(keys):
        # Service providers know our certificates by heart: nothing may change without somebody telling them.
        events += () if key.certified else _due(ctx, keys, key)
    return Decision(Empty(), *((SIGNING_KEYS.append(SIGNING_KEYS_ID, *events),) if events else ()))


def _is_meant(key: SigningKey, algorithm: Algorithm) -> bool:
    return algorithm == key.algorithm if key.certified else algorithm in {Algorithm.UNSPECIFIED, key.algorithm}


def _due(ctx: Context, keys: SigningKeys, key: SigningKey) -> tuple[Event, ...]:
    """What is due for a key in use. Nothing that signs is used before it was published for as long as is said."""
    rotation, ahead = keys.rotation, _ahead(keys, key.algorithm)
    over = ctx.now - (key.activated_at or _LONG_AGO) >= rotation.every
    if ahead is not None:
        known = ctx.now - (ahead.created_at or _LONG_AGO) >= rotation.published_ahead
        return _succession(key, ahead.id, ctx.now) if over and known else ()
    if key.encrypts:
        # Who encrypts takes the key that is published now, so there is nothing to publish ahead.
        return _replaced(ctx, key) if over else ()
    soon = ctx.now - (key.activated_at or _LONG_AGO) >= rotation.every - rotation.published_ahead
    return (created(fresh_key(ctx, Algorithm(key.algorithm)), ctx.now),) if soon else ()


def _replaced(ctx: Context, key: SigningKey) -> tuple[Event, ...]:
    """A key makes way for one that is made at this moment."""
    made = created(fresh_key(ctx, Algorithm(key.algorithm)), ctx.now)
    return (made, *_succession(key, made.key_id, ctx.now))


def _removals(keys: SigningKeys, now: datetime) -> Iterator[Event]:
    """Those of SAML's stay until somebody removes them: so the former one can be taken again."""
    for key in keys.keys:
        rested = key.status is KeyStatus.INACTIVE and now - (key.deactivated_at or _LONG_AGO) >= keys.rotation.kept
        if rested and not key.certified:
            yield SigningKeyRemoved(key_id=key.id)


def _succession(former: SigningKey, key_id: str, now: datetime) -> tuple[Event, ...]:
    """One key takes over from another."""
    resting = SigningKeyDeactivated(key_id=former.id, deactivated_at=now)
    return resting, SigningKeyActivated(key_id=key_id, activated_at=now)


def _active(keys: SigningKeys) -> list[SigningKey]:
    return [key for key in keys.keys if key.status is KeyStatus.ACTIVE]


def _ahead(keys: SigningKeys, algorithm: str) -> SigningKey | None:
    """The oldest key that was made and is not yet used."""
    waiting = (key for key in keys.keys if key.algorithm == algorithm and key.status is KeyStatus.CREATED)
    return next(waiting, None)
