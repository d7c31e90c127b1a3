"""The operations of `factor`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls
from hexkeep.core.factor import SLICE
from hexkeep.core.factor.passkeys import PasskeyId, PasskeyOptions
from hexkeep.core.factor.queries import FactorList, PasskeyList
from hexkeep.core.factor.recovery import RecoveryCodes
from hexkeep.core.factor.totp import NewTotp
from hexkeep.core.kernel.operation import Empty

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncFactorCalls:
    """The operations of `factor`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def register_my_totp(self) -> NewTotp:
        """Begin to set up an authenticator app (RFC 6238): get the secret that it is to know, shown this once.

        It counts once `VerifyMyTotp` has been called with a code that the app shows. A secret that was not verified is
        void. Who has an app deletes it first.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["RegisterMyTotp"], NewTotp, fields)

    async def verify_my_totp(self, *, code: str) -> None:
        """Finish setting up an authenticator app with a code that it shows. It is a second factor from now on.

        Any caller may ask for it. The fields are those of `VerifyMyTotp`.
        """
        fields: dict[str, object] = {"code": code}
        await self._calls.answer(_OPERATIONS["VerifyMyTotp"], Empty, fields)

    async def delete_my_totp(self) -> None:
        """Take the caller's own authenticator app away, or end setting one up.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["DeleteMyTotp"], Empty, fields)

    async def generate_my_recovery_codes(self) -> RecoveryCodes:
        """Get ten recovery codes, shown this once, in place of earlier ones. Each stands in for a lost factor once.

        Only who has a second factor has use for them.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GenerateMyRecoveryCodes"], RecoveryCodes, fields)

    async def add_my_otp_email(self) -> None:
        """Have codes sent to one's own verified e-mail address as a second factor.

        It counts as long as the address is verified: after a change from when the new one is.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["AddMyOtpEmail"], Empty, fields)

    async def remove_my_otp_email(self) -> None:
        """Have no more codes sent by mail as a second factor.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["RemoveMyOtpEmail"], Empty, fields)

    async def add_my_otp_sms(self) -> None:
        """Have codes sent to one's own verified phone number as a second factor.

        It counts as long as the number is verified: after a change from when the new one is.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["AddMyOtpSms"], Empty, fields)

    async def remove_my_otp_sms(self) -> None:
        """Have no more codes sent by text message as a second factor.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["RemoveMyOtpSms"], Empty, fields)

    async def list_my_factors(self) -> FactorList:
        """List the caller's own second factors.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListMyFactors"], FactorList, fields)

    async def start_my_passkey_registration(self, *, second_factor_only: bool = False) -> PasskeyOptions:
        """Begin to register a passkey or a security key: get what `navigator.credentials.create` is to be called with.

        Only who has signed in lately does that: raises ``ReauthenticationRequired``.

        Any caller may ask for it. The fields are those of `StartMyPasskeyRegistration`.
        """
        fields: dict[str, object] = {"second_factor_only": second_factor_only}
        return await self._calls.answer(_OPERATIONS["StartMyPasskeyRegistration"], PasskeyOptions, fields)

    async def finish_my_passkey_registration(self, *, credential: str, name: str) -> PasskeyId:
        """Register what the authenticator has made. It is a factor of the caller's from now on.

        A passkey that signs in alone has to verify who uses it. The challenge can be answered once, within five minutes.

        Any caller may ask for it. The fields are those of `FinishMyPasskeyRegistration`.
        """
        fields: dict[str, object] = {"credential": credential, "name": name}
        return await self._calls.answer(_OPERATIONS["FinishMyPasskeyRegistration"], PasskeyId, fields)

    async def list_my_passkeys(self) -> PasskeyList:
        """List the caller's own passkeys and security keys.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["ListMyPasskeys"], PasskeyList, fields)

    async def update_my_passkey(self, *, passkey_id: str, name: str) -> None:
        """Call one of the caller's own passkeys by another name.

        Any caller may ask for it. The fields are those of `UpdateMyPasskey`.
        """
        fields: dict[str, object] = {"passkey_id": passkey_id, "name": name}
        await self._calls.answer(_OPERATIONS["UpdateMyPasskey"], Empty, fields)

    async def delete_my_passkey(self, *, passkey_id: str) -> None:
        """Take one of the caller's own passkeys away.

        Only who has signed in lately does that: raises ``ReauthenticationRequired``.

        Any caller may ask for it. The fields are those of `DeleteMyPasskey`.
        """
        fields: dict[str, object] = {"passkey_id": passkey_id}
        await self._calls.answer(_OPERATIONS["DeleteMyPasskey"], Empty, fields)

    async def start_passkey_sign_in(self) -> PasskeyOptions:
        """Begin to sign in with a passkey alone: get what `navigator.credentials.get` is to be called with.

        Who it will be is for the authenticator to tell. Its answer goes to `CreateSession`.

        Nobody has to be signed in. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["StartPasskeySignIn"], PasskeyOptions, fields)

    async def list_user_factors(self, *, user_id: str) -> FactorList:
        """List a person's second factors.

        Needs `user.read`. The fields are those of `ListUserFactors`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["ListUserFactors"], FactorList, fields)

    async def list_user_passkeys(self, *, user_id: str) -> PasskeyList:
        """List a person's passkeys and security keys.

        Needs `user.read`. The fields are those of `ListUserPasskeys`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["ListUserPasskeys"], PasskeyList, fields)

    async def delete_user_totp(self, *, user_id: str) -> None:
        """Take away the app of a person who has lost it. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeleteUserTotp`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUserTotp"], Empty, fields)

    async def delete_user_recovery_codes(self, *, user_id: str) -> None:
        """Void a person's recovery codes. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeleteUserRecoveryCodes`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUserRecoveryCodes"], Empty, fields)

    async def delete_user_otp_email(self, *, user_id: str) -> None:
        """Take codes by mail away as a person's second factor. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeleteUserOtpEmail`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUserOtpEmail"], Empty, fields)

    async def delete_user_otp_sms(self, *, user_id: str) -> None:
        """Take codes by text message away as a person's factor. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeleteUserOtpSms`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUserOtpSms"], Empty, fields)

    async def delete_user_passkey(self, *, user_id: str, passkey_id: str) -> None:
        """Take a person's passkey away. The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `DeleteUserPasskey`.
        """
        fields: dict[str, object] = {"user_id": user_id, "passkey_id": passkey_id}
        await self._calls.answer(_OPERATIONS["DeleteUserPasskey"], Empty, fields)
