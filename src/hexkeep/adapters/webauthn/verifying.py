"""Responses of authenticators, verified."""

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from hexkeep.core.factor.asks import Asserted, Attested, VerifyAssertion, VerifyAttestation


def attested(ask: VerifyAttestation) -> Attested | None:
    """What a registration tells of. Its maker's attestation is not asked for, so nothing is made of it."""
    try:
        found = webauthn.verify_registration_response(
            credential=ask.response,
            expected_challenge=base64url_to_bytes(ask.challenge),
            expected_rp_id=ask.party.id,
            expected_origin=ask.party.origin,
            require_user_verification=ask.verified_user,
        )
    except Exception:  # noqa: BLE001 - made of what a stranger sent, by libraries that fail in many ways
        return None
    return Attested(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key), found.sign_count
    )


def asserted(ask: VerifyAssertion) -> Asserted | None:
    """What a sign-in tells. The count is taken as it is: the core knows what was counted before."""
    try:
        found = webauthn.verify_authentication_response(
            credential=ask.response,
            expected_challenge=base64url_to_bytes(ask.challenge),
            expected_rp_id=ask.party.id,
            expected_origin=ask.party.origin,
            credential_public_key=base64url_to_bytes(ask.public_key),
            credential_current_sign_count=0,
            require_user_verification=ask.verified_user,
        )
    except Exception:  # noqa: BLE001 - made of what a stranger sent, by libraries that fail in many ways
        return None
    return Asserted(found.new_sign_count, found.user_verified)
