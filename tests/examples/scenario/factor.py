"""Second factors and passkeys, those that Ada has and those that are taken from her."""

import time
from collections.abc import Mapping
from typing import Any

from hexkeep.core.factor import rfc6238
from tests.authenticator import Authenticator
from tests.examples.step import NOBODY, Made, call

AUTHENTICATOR = Authenticator("https://id.example.com", "id.example.com")


def shown(known: Mapping[str, Any]) -> str:
    """What an authenticator app shows now."""
    key = rfc6238.key_of(known["totp"])
    assert key
    return rfc6238.hotp(key, int(time.time()) // 30)


def registered(known: Mapping[str, Any]) -> str:
    """What a browser answers when it is asked to register."""
    return AUTHENTICATOR.register(known["options"])


STEPS = (
    call("RegisterMyTotp", by="ada", keep="totp=secret"),
    call("VerifyMyTotp", by="ada", code=Made(shown)),
    call("GenerateMyRecoveryCodes", by="ada"),
    call("AddMyOtpEmail", by="ada"),
    call("AddMyOtpSms", by="ada"),
    call("StartMyPasskeyRegistration", by="ada", keep="options"),
    call("FinishMyPasskeyRegistration", by="ada", credential=Made(registered), name="Blue key", keep="key1=passkey_id"),
    call("ListMyFactors", by="ada"),
    call("ListMyPasskeys", by="ada"),
    call("UpdateMyPasskey", by="ada", passkey_id="$key1", name="Green key"),
    call("StartPasskeySignIn", by=NOBODY),
    call("ListUserFactors", user_id="$ada"),
    call("ListUserPasskeys", user_id="$ada"),
    call("DeleteMyPasskey", by="ada", passkey_id="$key1"),
    call("RemoveMyOtpEmail", by="ada"),
    call("RemoveMyOtpSms", by="ada"),
    call("DeleteMyTotp", by="ada"),
    call("AddMyOtpEmail", by="ada"),
    call("AddMyOtpSms", by="ada"),
    call("RegisterMyTotp", by="ada", keep="totp=secret"),
    call("StartMyPasskeyRegistration", by="ada", keep="options"),
    call("FinishMyPasskeyRegistration", by="ada", credential=Made(registered), name="Red key", keep="key2=passkey_id"),
    call("DeleteUserPasskey", user_id="$ada", passkey_id="$key2"),
    call("DeleteUserRecoveryCodes", user_id="$ada"),
    call("DeleteUserOtpEmail", user_id="$ada"),
    call("DeleteUserOtpSms", user_id="$ada"),
    call("DeleteUserTotp", user_id="$ada"),
)
