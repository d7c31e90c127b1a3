"""Making, activating, deactivating and removing keys."""

from pydantic import Field

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, NotFound, Violation
from hexkeep.core.kernel.fields import Id
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyDeactivated, SigningKeyRemoved
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

MAX_KEYS = 50
"""How many keys an instance may hold, so that its JWK set stays small."""
REQUIRED = Algorithm.ES256
"""The algorithm of access tokens: an instance without an active key for it could not sign anybody in."""


class CreateSigningKey(Message):
    """Asks for a new key pair."""

    algorithm: Algorithm = Field(description="What the key signs with, or others encrypt to it by", examples=["ES256"])


class CreateSigningKeyOutput(Message):
    """The new key."""

    key_id: str


class ActivateSigningKey(Message):
    """Names the key that shall sign."""

    key_id: Id


class DeactivateSigningKey(Message):
    """Names the key that shall sign no more."""

    key_id: Id


class DeleteSigningKey(Message):
    """Names the key to remove."""

    key_id: Id


def create_signing_key(request: CreateSigningKey, ctx: Context) -> Decision[CreateSigningKeyOutput]:
    """Make a key, which is published from now on. It is not used before it is activated, or a rotation needs one."""
    ctx.authorize()
    if request.algorithm is Algorithm.UNSPECIFIED:
        raise InvalidInput("", Violation("algorithm", "Choose an algorithm"))
    if len(_keys(ctx).keys) >= MAX_KEYS:
        raise FailedPrecondition(f"An instance holds at most {MAX_KEYS} signing keys: remove one first")
    pair = fresh_key(ctx, request.algorithm)
    made = created(pair, ctx.now)
    return Decision(CreateSigningKeyOutput(key_id=pair.key_id), SIGNING_KEYS.append(SIGNING_KEYS_ID, made))


def activate_signing_key(request: ActivateSigningKey, ctx: Context) -> Decision[Empty]:
    """Let a key sign from now on. The one that signed with its algorithm until now stays published."""
    ctx.authorize()
    keys = _keys(ctx)
    key = _existing(keys, request.key_id)
    if key.status is KeyStatus.ACTIVE:
        raise FailedPrecondition("The key is active already")
    previous = keys.active(key.algorithm)
    resting = () if previous is None else (SigningKeyDeactivated(key_id=previous.id, deactivated_at=ctx.now),)
    used = SigningKeyActivated(key_id=request.key_id, activated_at=ctx.now)
    return Decision(Empty(), SIGNING_KEYS.append(SIGNING_KEYS_ID, *resting, used))


def deactivate_signing_key(request: DeactivateSigningKey, ctx: Context) -> Decision[Empty]:
    """Let a key sign no more. The active ES256 key cannot be deactivated: activate another one in its place."""
    ctx.authorize()
    key = _existing(_keys(ctx), request.key_id)
    if key.status is not KeyStatus.ACTIVE:
        raise FailedPrecondition("The key is not active")
    if key.algorithm == REQUIRED:
        raise FailedPrecondition(f"An instance needs an active {REQUIRED} key: activate another one instead")
    resting = SigningKeyDeactivated(key_id=key.id, deactivated_at=ctx.now)
    return Decision(Empty(), SIGNING_KEYS.append(SIGNING_KEYS_ID, resting))


def delete_signing_key(request: DeleteSigningKey, ctx: Context) -> Decision[Empty]:
    """Remove a key that is not active. Nothing that it has signed can be verified any more."""
    ctx.authorize()
    key = _existing(_keys(ctx), request.key_id)
    if key.status is KeyStatus.ACTIVE:
        raise FailedPrecondition("The key is active: activate another one or deactivate it first")
    return Decision(Empty(), SIGNING_KEYS.append(SIGNING_KEYS_ID, SigningKeyRemoved(key_id=key.id)))


def _keys(ctx: Context) -> SigningKeys:
    return ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)


def _existing(keys: SigningKeys, key_id: str) -> SigningKey:
    key = keys.get(key_id)
    if key is None:
        raise NotFound
    return key
