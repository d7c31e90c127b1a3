"""The second factors of one person. The aggregate has the person's id: a sign-in looks at one place."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from hexkeep.core.factor.events import (
    OtpEmailAdded,
    OtpEmailRemoved,
    OtpSmsAdded,
    OtpSmsRemoved,
    PasskeyRegistered,
    PasskeyRemoved,
    PasskeyRenamed,
    PasskeyUsed,
    RecoveryCodesGenerated,
    RecoveryCodesRemoved,
    RecoveryCodeUsed,
    TotpRegistered,
    TotpRemoved,
    TotpVerified,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.event import Event, Log

if TYPE_CHECKING:
    from hexkeep.core.user.state import User  # whose slice needs this module in turn


class Factor(enum.StrEnum):
    """A way to prove who one is besides the password. Wire values are stable."""

    UNSPECIFIED = "unspecified"
    TOTP = "totp"
    """A code of an authenticator app (RFC 6238)."""
    OTP_EMAIL = "otp_email"
    """A code that was sent by mail."""
    OTP_SMS = "otp_sms"
    """A code that was sent by text message."""
    PASSKEY = "passkey"
    """A signature of an authenticator (W3C Web Authentication)."""
    RECOVERY_CODE = "recovery_code"
    """A code that the person has put aside; it stands in for a lost factor, and is none by itself."""


@dataclass(frozen=True, slots=True)
class Passkey:
    """An authenticator of the person."""

    passkey_id: str
    credential_id: str
    public_key: str
    sign_count: int
    name: str
    passwordless: bool
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Factors:
    """What the person has. Of a recovery code that was used the hash is empty."""

    totp_secret: str = field(default="", repr=False)
    totp_verified_at: datetime | None = None
    recovery_batch: int = 0
    recovery_hashes: tuple[str, ...] = field(default=(), repr=False)
    otp_email_at: datetime | None = None
    otp_sms_at: datetime | None = None
    passkeys: tuple[Passkey, ...] = ()
    first_at: datetime | None = None
    """Since when there has been one at every time."""

    @property
    def codes_left(self) -> int:
        """How many recovery codes can still be used."""
        return sum(map(bool, self.recovery_hashes))

    def passkey(self, passkey_id: str) -> Passkey | None:
        """One of the passkeys, by our id."""
        return next((one for one in self.passkeys if one.passkey_id == passkey_id), None)

    def credential(self, credential_id: str) -> Passkey | None:
        """One of the passkeys, by the authenticator's name for it."""
        return next((one for one in self.passkeys if credential_id and one.credential_id == credential_id), None)

    def added(self, user: "User") -> Iterator[tuple[Factor, datetime]]:
        """The factors that count now, and since when: one by mail or text message as long as the address is verified.

        Recovery codes are none of them: they stand in for one that was lost.
        """
        if self.totp_verified_at is not None:
            yield Factor.TOTP, self.totp_verified_at
        if self.otp_email_at is not None and user.email and user.email_verified:
            yield Factor.OTP_EMAIL, self.otp_email_at
        if self.otp_sms_at is not None and user.phone and user.phone_verified:
            yield Factor.OTP_SMS, self.otp_sms_at
        if self.passkeys:
            yield Factor.PASSKEY, min(one.registered_at for one in self.passkeys)

    def usable(self, user: "User") -> tuple[Factor, ...]:
        """What the person can prove with now: recovery codes too, where there is a factor they can stand in for."""
        own = tuple(factor for factor, _ in self.added(user))
        return (*own, Factor.RECOVERY_CODE) if own and self.codes_left else own

    def since(self, user: "User") -> datetime | None:
        """From when on the person has had some second factor; ``None`` for who has none."""
        return self.first_at if any(True for _ in self.added(user)) else None


def _evolve(state: Factors, event: Event) -> Factors:
    after = _changed(state, event)
    begun = [
        *(at for at in (after.totp_verified_at, after.otp_email_at, after.otp_sms_at) if at is not None),
        *(one.registered_at for one in after.passkeys),
    ]
    return replace(after, first_at=(state.first_at or min(begun)) if begun else None)


def _changed(state: Factors, event: Event) -> Factors:
    match event:
        case TotpRegistered() | TotpVerified() | TotpRemoved():
            return _with_app(state, event)
        case RecoveryCodesGenerated() | RecoveryCodeUsed() | RecoveryCodesRemoved():
            return _with_codes(state, event)
        case OtpEmailAdded() | OtpEmailRemoved():
            return replace(state, otp_email_at=event.added_at if isinstance(event, OtpEmailAdded) else None)
        case OtpSmsAdded() | OtpSmsRemoved():
            return replace(state, otp_sms_at=event.added_at if isinstance(event, OtpSmsAdded) else None)
        case _:
            return replace(state, passkeys=tuple(_passkeys(state.passkeys, event)))


def _with_app(state: Factors, event: TotpRegistered | TotpVerified | TotpRemoved) -> Factors:
    match event:
        case TotpRegistered(secret=secret):
            return replace(state, totp_secret=secret, totp_verified_at=None)
        case TotpVerified(verified_at=at):
            return replace(state, totp_verified_at=at)
        case TotpRemoved():
            return replace(state, totp_secret="", totp_verified_at=None)


def _with_codes(state: Factors, event: RecoveryCodesGenerated | RecoveryCodeUsed | RecoveryCodesRemoved) -> Factors:
    match event:
        case RecoveryCodesGenerated(batch=batch, hashes=hashes):
            return replace(state, recovery_batch=batch, recovery_hashes=hashes)
        case RecoveryCodeUsed(batch=batch, number=number):
            return _without(state, number) if batch == state.recovery_batch else state
        case RecoveryCodesRemoved():
            return replace(state, recovery_hashes=())


def _without(state: Factors, number: int) -> Factors:
    hashes = tuple("" if place == number else one for place, one in enumerate(state.recovery_hashes))
    return replace(state, recovery_hashes=hashes)


def _passkeys(passkeys: tuple[Passkey, ...], event: Event) -> Iterator[Passkey]:
    for one in passkeys:
        match event:
            case PasskeyRemoved(passkey_id=one.passkey_id):
                continue
            case PasskeyRenamed(passkey_id=one.passkey_id, name=name):
                yield replace(one, name=name)
            case PasskeyUsed(passkey_id=one.passkey_id, sign_count=count):
                yield replace(one, sign_count=max(one.sign_count, count))
            case _:
                yield one
    if isinstance(event, PasskeyRegistered):
        yield Passkey(**event.model_dump(exclude={"user_id"}))


FACTORS = Aggregate(
    name="factors",
    log=Log.DURABLE,
    initial=Factors(),
    events=(
        TotpRegistered,
        TotpVerified,
        TotpRemoved,
        RecoveryCodesGenerated,
        RecoveryCodeUsed,
        RecoveryCodesRemoved,
        OtpEmailAdded,
        OtpEmailRemoved,
        OtpSmsAdded,
        OtpSmsRemoved,
        PasskeyRegistered,
        PasskeyRenamed,
        PasskeyUsed,
        PasskeyRemoved,
    ),
    evolve=_evolve,
)
"""One per person, under the person's id."""
