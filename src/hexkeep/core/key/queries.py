"""Looking at signing keys: at what everybody may know of them."""

from hexkeep.core.kernel.decision import Context, Decision
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, KeyStatus, SigningKey


class SigningKeyView(Message):
    """A signing key without its private part."""

    key_id: str
    algorithm: Algorithm
    status: KeyStatus


class ListSigningKeysOutput(Message):
    """Every key of the instance, the oldest first. There are few, so they come in one page."""

    keys: tuple[SigningKeyView, ...]


def list_signing_keys(_request: Empty, ctx: Context) -> Decision[ListSigningKeysOutput]:
    """List the instance's signing keys. Their private parts are never shown."""
    ctx.authorize()
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID).keys
    return Decision(ListSigningKeysOutput(keys=tuple(_view(key) for key in keys)))


def _view(key: SigningKey) -> SigningKeyView:
    return SigningKeyView(key_id=key.id, algorithm=Algorithm(key.algorithm), status=key.status)
