"""Looking at signing keys: at what everybody may know of them."""

from datetime import datetime

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.key.events import KeyRotation
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, KeyStatus, SigningKey


class SigningKeyView(Message):
    """A key without its private part. Times that are not known or not yet come are left out."""

    key_id: str
    algorithm: Algorithm
    status: KeyStatus
    created_at: datetime | None = None
    activated_at: datetime | None = None
    deactivated_at: datetime | None = None


class ListSigningKeysOutput(Message):
    """Every key of the instance, the oldest first, and how they are rotated. They are few enough for one page."""

    keys: tuple[SigningKeyView, ...]
    rotation: KeyRotation


def list_signing_keys(_request: Empty, ctx: Context) -> Decision[ListSigningKeysOutput]:
    """List the instance's keys and how they are rotated. Their private parts are never shown."""
    ctx.authorize()
    found = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    return Decision(ListSigningKeysOutput(keys=tuple(_view(key) for key in found.keys), rotation=found.rotation))


def _view(key: SigningKey) -> SigningKeyView:
    return SigningKeyView(
        key_id=key.id,
        algorithm=Algorithm(key.algorithm),
        status=key.status,
        created_at=key.created_at,
        activated_at=key.activated_at,
        deactivated_at=key.deactivated_at,
    )
