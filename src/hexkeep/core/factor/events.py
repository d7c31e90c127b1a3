"""What happens to a person's second factors. All of it is the person's: sealed, and gone with the person."""

from datetime import datetime
from typing import Annotated

from hexkeep.core.kernel.event import Event, Hidden, Personal

Own = Annotated[str, Personal("user_id")]
"""Text about the person whose factor it is."""
SharedSecret = Annotated[str, Personal("user_id"), Hidden()]
"""A secret that the person's authenticator has as well: sealed under the person's key, and shown to nobody."""
CodeHashes = Annotated[tuple[str, ...], Hidden()]
"""The keyed hashes of codes that we made."""


class TotpRegistered(Event):
    """A person is to set up an authenticator app with this secret (Base32); one that was not verified is void."""

    type = "factor.totp.registered"

    user_id: str
    secret: SharedSecret


class TotpVerified(Event):
    """The person's app has shown a right code: it counts from now on."""

    type = "factor.totp.verified"

    user_id: str
    verified_at: datetime


class TotpRemoved(Event):
    """No app of the person counts any more, nor one that was being set up."""

    type = "factor.totp.removed"

    user_id: str


class RecoveryCodesGenerated(Event):
    """The person has these codes to get in without a device; earlier ones are void. ``batch`` numbers them."""

    type = "factor.recovery_codes.generated"

    user_id: str
    batch: int
    hashes: CodeHashes


class RecoveryCodeUsed(Event):
    """The code with that ``number`` of the batch, from 0, was used, and can be used no more."""

    type = "factor.recovery_code.used"

    user_id: str
    batch: int
    number: int


class RecoveryCodesRemoved(Event):
    """The person has no recovery codes any more."""

    type = "factor.recovery_codes.removed"

    user_id: str


class OtpEmailAdded(Event):
    """Codes by mail are a second factor of the person, as long as the address is verified."""

    type = "factor.otp_email.added"

    user_id: str
    added_at: datetime


class OtpEmailRemoved(Event):
    """Codes by mail are no factor of the person any more."""

    type = "factor.otp_email.removed"

    user_id: str


class OtpSmsAdded(Event):
    """Codes by text message are a second factor of the person, as long as the number is verified."""

    type = "factor.otp_sms.added"

    user_id: str
    added_at: datetime


class OtpSmsRemoved(Event):
    """Codes by text message are no factor of the person any more."""

    type = "factor.otp_sms.removed"

    user_id: str


class PasskeyRegistered(Event):
    """The person has an authenticator with a key pair for this place (W3C Web Authentication).

    ``public_key`` is the COSE key and ``credential_id`` its name, both in base64url. With ``passwordless`` it verifies
    who uses it, and so signs in alone; without it is a second factor beside a password.
    """

    type = "factor.passkey.registered"

    user_id: str
    passkey_id: str
    credential_id: Own
    public_key: Own
    sign_count: int
    name: Own
    passwordless: bool
    registered_at: datetime


class PasskeyRenamed(Event):
    """The person calls a passkey by another name."""

    type = "factor.passkey.renamed"

    user_id: str
    passkey_id: str
    name: Own


class PasskeyUsed(Event):
    """The authenticator has counted on: what it says next has to be more."""

    type = "factor.passkey.used"

    user_id: str
    passkey_id: str
    sign_count: int


class PasskeyRemoved(Event):
    """The passkey counts no more."""

    type = "factor.passkey.removed"

    user_id: str
    passkey_id: str
