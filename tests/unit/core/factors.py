"""What the tests of second factors share: people with one, and what they prove it with."""

import base64
from datetime import timedelta

from hexkeep.core.factor import rfc6238
from hexkeep.core.factor.events import (
    OtpEmailAdded,
    OtpSmsAdded,
    PasskeyRegistered,
    RecoveryCodesGenerated,
    TotpRegistered,
    TotpVerified,
)
from hexkeep.core.factor.proofs import RECOVERY, bound
from hexkeep.core.factor.state import FACTORS
from hexkeep.core.kernel.aggregate import Append
from hexkeep.testing.answers import keyed_hash
from hexkeep.testing.decisions import NOW, World

SECRET = base64.b32encode(b"12345678901234567890").decode()
BEFORE = NOW - timedelta(days=1)
CODE = "BCDFGHJKLMNPQRST"


def totp(user_id: str = "ada", secret: str = SECRET) -> Append:
    """An authenticator app."""
    verified = TotpVerified(user_id=user_id, verified_at=BEFORE)
    return FACTORS.append(user_id, TotpRegistered(user_id=user_id, secret=secret), verified)


def recovery(user_id: str = "ada", *codes: str) -> Append:
    """Recovery codes, one unless others are named."""
    hashes = tuple(keyed_hash(RECOVERY, bound(user_id, code)) for code in codes or (CODE,))
    return FACTORS.append(user_id, RecoveryCodesGenerated(user_id=user_id, batch=1, hashes=hashes))


def by_mail(user_id: str = "ada") -> Append:
    """Codes by mail."""
    return FACTORS.append(user_id, OtpEmailAdded(user_id=user_id, added_at=BEFORE))


def by_text(user_id: str = "ada") -> Append:
    """Codes by text message."""
    return FACTORS.append(user_id, OtpSmsAdded(user_id=user_id, added_at=BEFORE))


def passkey(user_id: str = "ada", name: str = "key-1", *, alone: bool = True, count: int = 0) -> Append:
    """A passkey that the kit's authenticator has; ``alone`` or beside a password."""
    registered = PasskeyRegistered(
        user_id=user_id,
        passkey_id=f"our-{name}",
        credential_id=name,
        public_key=f"public {name}",
        sign_count=count,
        name="Blue key",
        passwordless=alone,
        registered_at=BEFORE,
    )
    return FACTORS.append(user_id, registered)


def shown(world: World, secret: str = SECRET, step: int = 0) -> str:
    """What an app shows at the world's time, or some steps from then."""
    key = rfc6238.key_of(secret)
    assert key
    return rfc6238.hotp(key, rfc6238.step_at(world.now) + step)
