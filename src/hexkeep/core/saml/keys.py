"""The keys that an instance signs messages of SAML with, made when the first is needed (ADR 27)."""

from collections.abc import Iterator

from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Context
from hexkeep.core.kernel.errors import FailedPrecondition
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, Algorithm, KeyStatus, SigningKey, SigningKeys, in_use
from hexkeep.core.saml.asks import Signer

ALGORITHM = Algorithm.RSA_SHA256


def keys_with_signer(ctx: Context) -> tuple[SigningKeys, tuple[Append, ...]]:
    """All keys of the instance with one for SAML, and what is written where there has never been one.

    Where somebody has put all of them out of use there is none, and none is made behind their back.
    """
    keys = ctx.load(SIGNING_KEYS, SIGNING_KEYS_ID)
    if any(key.algorithm == ALGORITHM for key in keys.keys):
        return keys, ()
    made = SIGNING_KEYS.append(SIGNING_KEYS_ID, *in_use(ctx, ALGORITHM))
    return SIGNING_KEYS.fold(made.events, keys), (made,)


def signer(keys: SigningKeys) -> Signer:
    """Who signs now; raises ``FailedPrecondition`` where nobody does."""
    active = keys.active(ALGORITHM)
    if active is None:
        raise FailedPrecondition(f"The instance has no active key for {ALGORITHM}")
    return Signer(active.private, _certificate(active))


def signers(keys: SigningKeys) -> tuple[Signer, ...]:
    """All keys that others may have encrypted to, the one that signs first; raises ``FailedPrecondition``."""
    first = signer(keys)
    others = (Signer(key.private, _certificate(key)) for key in keys.keys if key.algorithm == ALGORITHM)
    return tuple(dict.fromkeys((first, *others)))


def certificates(keys: SigningKeys) -> Iterator[str]:
    """The certificates of all keys that sign, have signed or will sign, the present one first."""
    held = [key for key in keys.keys if key.algorithm == ALGORITHM]
    yield from map(_certificate, sorted(held, key=lambda key: key.status is not KeyStatus.ACTIVE))


def _certificate(key: SigningKey) -> str:
    chain = key.public.get("x5c")
    return str(chain[0]) if isinstance(chain, list | tuple) and chain else ""
