"""The operations of `user`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.user import SLICE
from hexkeep.core.user.commands import UserCreated
from hexkeep.core.user.credentials import MachineCredentials
from hexkeep.core.user.login_names import UserNameAvailability
from hexkeep.core.user.queries import UserPage, UserSort, UserView
from hexkeep.core.user.state import UserKind
from hexkeep.core.user.status import Gender, UserStatus

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncUserCalls:
    """The operations of `user`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_human_user(
        self,
        *,
        organization_id: str = "",
        user_name: str,
        given_name: str,
        family_name: str = "",
        display_name: str = "",
        email: str,
        email_verified: bool = False,
        preferred_language: str = "",
        nickname: str = "",
        gender: Gender = Gender.UNSPECIFIED,
        formatted_address: str = "",
        street_address: str = "",
        locality: str = "",
        region: str = "",
        postal_code: str = "",
        country: str = "",
        phone: str = "",
        phone_verified: bool = False,
        user_id: str = "",
        password: str = "",
        password_change_required: bool = False,
        idempotency_key: str = "",
    ) -> UserCreated:
        """Add a person to an organization.

        Needs `user.write`. The fields are those of `CreateHumanUser`.
        """
        fields: dict[str, object] = {
            "organization_id": organization_id,
            "user_name": user_name,
            "given_name": given_name,
            "family_name": family_name,
            "display_name": display_name,
            "email": email,
            "email_verified": email_verified,
            "preferred_language": preferred_language,
            "nickname": nickname,
            "gender": gender,
            "formatted_address": formatted_address,
            "street_address": street_address,
            "locality": locality,
            "region": region,
            "postal_code": postal_code,
            "country": country,
            "phone": phone,
            "phone_verified": phone_verified,
            "user_id": user_id,
            "password": password,
            "password_change_required": password_change_required,
        }
        return await self._calls.answer(_OPERATIONS["CreateHumanUser"], UserCreated, fields, idempotency_key)

    async def import_human_user(
        self,
        *,
        organization_id: str = "",
        user_name: str,
        given_name: str,
        family_name: str = "",
        display_name: str = "",
        email: str,
        email_verified: bool = False,
        preferred_language: str = "",
        nickname: str = "",
        gender: Gender = Gender.UNSPECIFIED,
        formatted_address: str = "",
        street_address: str = "",
        locality: str = "",
        region: str = "",
        postal_code: str = "",
        country: str = "",
        phone: str = "",
        phone_verified: bool = False,
        user_id: str = "",
        password_hash: str,
        password_change_required: bool = False,
        idempotency_key: str = "",
    ) -> UserCreated:
        """Add a person with a password hash that another system has made. The person signs in with the password there.

        The first sign-in puts a hash of ours in its place. A hash of an unknown form, or one that would take too long to
        verify, is refused.

        Needs `user.write`. The fields are those of `ImportHumanUser`.
        """
        fields: dict[str, object] = {
            "organization_id": organization_id,
            "user_name": user_name,
            "given_name": given_name,
            "family_name": family_name,
            "display_name": display_name,
            "email": email,
            "email_verified": email_verified,
            "preferred_language": preferred_language,
            "nickname": nickname,
            "gender": gender,
            "formatted_address": formatted_address,
            "street_address": street_address,
            "locality": locality,
            "region": region,
            "postal_code": postal_code,
            "country": country,
            "phone": phone,
            "phone_verified": phone_verified,
            "user_id": user_id,
            "password_hash": password_hash,
            "password_change_required": password_change_required,
        }
        return await self._calls.answer(_OPERATIONS["ImportHumanUser"], UserCreated, fields, idempotency_key)

    async def create_machine_user(
        self,
        *,
        organization_id: str = "",
        user_name: str,
        display_name: str = "",
        user_id: str = "",
        idempotency_key: str = "",
    ) -> UserCreated:
        """Add a machine user to an organization. It can act once it has a client secret.

        Needs `user.write`. The fields are those of `CreateMachineUser`.
        """
        fields: dict[str, object] = {
            "organization_id": organization_id,
            "user_name": user_name,
            "display_name": display_name,
            "user_id": user_id,
        }
        return await self._calls.answer(_OPERATIONS["CreateMachineUser"], UserCreated, fields, idempotency_key)

    async def get_user(self, *, user_id: str) -> UserView:
        """Read one user.

        Needs `user.read`. The fields are those of `GetUser`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["GetUser"], UserView, fields)

    def list_users(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        organization_id: str = "",
        kind: UserKind = UserKind.UNSPECIFIED,
        status: UserStatus = UserStatus.UNSPECIFIED,
        user_name: str = "",
        email: str = "",
        phone: str = "",
        search: str = "",
        sort: UserSort = UserSort.UNSPECIFIED,
    ) -> AsyncListing[UserPage, UserView]:
        """List those users that the caller may read.

        Needs `user.read`. The fields are those of `ListUsers`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "organization_id": organization_id,
            "kind": kind,
            "status": status,
            "user_name": user_name,
            "email": email,
            "phone": phone,
            "search": search,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListUsers"], UserPage, UserView, fields)

    async def update_human_user(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        user_id: str,
        given_name: str | None = None,
        family_name: str | None = None,
        display_name: str | None = None,
        preferred_language: str | None = None,
        email: str | None = None,
        email_verified: bool | None = None,
        nickname: str | None = None,
        gender: Gender | None = None,
        formatted_address: str | None = None,
        street_address: str | None = None,
        locality: str | None = None,
        region: str | None = None,
        postal_code: str | None = None,
        country: str | None = None,
        phone: str | None = None,
        phone_verified: bool | None = None,
    ) -> None:
        """Change a person's profile or e-mail address.

        One's own addresses are changed with the present password, so that a stolen session or token does not suffice to
        have a new one sent to oneself.

        Needs `user.write`. The fields are those of `UpdateHumanUser`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "user_id": user_id,
            "given_name": given_name,
            "family_name": family_name,
            "display_name": display_name,
            "preferred_language": preferred_language,
            "email": email,
            "email_verified": email_verified,
            "nickname": nickname,
            "gender": gender,
            "formatted_address": formatted_address,
            "street_address": street_address,
            "locality": locality,
            "region": region,
            "postal_code": postal_code,
            "country": country,
            "phone": phone,
            "phone_verified": phone_verified,
        }
        await self._calls.answer(_OPERATIONS["UpdateHumanUser"], Empty, fields)

    async def update_machine_user(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        user_id: str,
        display_name: str | None = None,
    ) -> None:
        """Change what a machine user is called.

        Needs `user.write`. The fields are those of `UpdateMachineUser`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "user_id": user_id,
            "display_name": display_name,
        }
        await self._calls.answer(_OPERATIONS["UpdateMachineUser"], Empty, fields)

    async def update_user_name(self, *, expected_version: int | None = None, user_id: str, user_name: str) -> None:
        """Change the name a user signs in with.

        Needs `user.write`. The fields are those of `UpdateUserName`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id, "user_name": user_name}
        await self._calls.answer(_OPERATIONS["UpdateUserName"], Empty, fields)

    async def deactivate_user(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Switch a user off: no sign-in, and tokens are good no more. The last owner of the instance stays.

        Needs `user.write`. The fields are those of `DeactivateUser`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeactivateUser"], Empty, fields)

    async def reactivate_user(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Switch a user on again.

        Needs `user.write`. The fields are those of `ReactivateUser`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["ReactivateUser"], Empty, fields)

    async def lock_user(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Keep a user out until somebody unlocks the user: no sign-in, and tokens are of no use meanwhile.

        The last owner of the instance stays.

        Needs `user.write`. The fields are those of `LockUser`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["LockUser"], Empty, fields)

    async def unlock_user(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Let a locked user in again, whatever the user was locked for. Sessions and tokens that are not over hold again.

        The caller must hold at least what the user holds.

        Needs `user.write`. The fields are those of `UnlockUser`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["UnlockUser"], Empty, fields)

    async def delete_user(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Remove a user for good and free the user name. The last owner of the instance stays.

        Authorizations and memberships of a removed user stay recorded and count for nothing, for whoever asks for them
        looks at the user first.

        Needs `user.write`. The fields are those of `DeleteUser`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteUser"], Empty, fields)

    async def erase_user(self, *, user_id: str) -> None:
        """Erase a user: everything that tells something about the person becomes unreadable, for good and in every backup.

        Works on removed users as well. The user is removed at once and the user name is free; the rest follows within
        minutes and is acknowledged by an event. What stays is that there was somebody with this id, and what that id did.
        It cannot be undone. The last owner of the instance stays.

        Needs `erasure.write`. The fields are those of `EraseUser`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["EraseUser"], Empty, fields)

    async def set_password(self, *, user_id: str, password: str, change_required: bool = True) -> None:
        """Set a person's password. All sessions and tokens of the person end.

        One's own password is changed with the present one, so that a stolen session or token does not suffice for it.

        Needs `user.write`. The fields are those of `SetPassword`.
        """
        fields: dict[str, object] = {"user_id": user_id, "password": password, "change_required": change_required}
        await self._calls.answer(_OPERATIONS["SetPassword"], Empty, fields)

    async def generate_client_secret(
        self,
        *,
        expected_version: int | None = None,
        user_id: str,
        idempotency_key: str = "",
    ) -> MachineCredentials:
        """Give a machine user a new client secret in place of the present one. It is shown this once.

        Needs `user.write`. The fields are those of `GenerateClientSecret`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        return await self._calls.answer(
            _OPERATIONS["GenerateClientSecret"], MachineCredentials, fields, idempotency_key
        )

    async def delete_client_secret(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Take a machine user's client secret away.

        Needs `user.write`. The fields are those of `DeleteClientSecret`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["DeleteClientSecret"], Empty, fields)

    async def get_my_user(self) -> UserView:
        """Read the caller's own account.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["GetMyUser"], UserView, fields)

    async def change_password(self, *, present_password: str, new_password: str) -> None:
        """Change the caller's own password. Takes the present one, which is counted against guessing.

        All sessions of the caller end with the old password, and all tokens that were issued in them, those for offline use
        included (RFC 9700 section 4.14.2). The session at hand can be proven anew with `CheckSession`, and so gets another
        token.

        Any caller may ask for it. The fields are those of `ChangePassword`.
        """
        fields: dict[str, object] = {"present_password": present_password, "new_password": new_password}
        await self._calls.answer(_OPERATIONS["ChangePassword"], Empty, fields)

    async def resend_email_code(self, *, user_id: str) -> None:
        """Send a person another code to verify the e-mail address with. Earlier ones are void.

        Needs `user.write`. The fields are those of `ResendEmailCode`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["ResendEmailCode"], Empty, fields)

    async def resend_phone_code(self, *, user_id: str) -> None:
        """Send a person another code to verify the phone number with. Earlier ones are void.

        Needs `user.write`. The fields are those of `ResendPhoneCode`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["ResendPhoneCode"], Empty, fields)

    async def send_password_reset(self, *, user_id: str) -> None:
        """Send a person a link to set another password with. The present one holds until then.

        Needs `user.write`. The fields are those of `SendPasswordReset`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["SendPasswordReset"], Empty, fields)

    async def create_invitation(self, *, expected_version: int | None = None, user_id: str) -> None:
        """Invite a person who has no password yet: a link to choose one goes to the person's e-mail address.

        The person is in the initial state until then and cannot sign in. The last owner of the instance stays active.

        Needs `user.write`. The fields are those of `CreateInvitation`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "user_id": user_id}
        await self._calls.answer(_OPERATIONS["CreateInvitation"], Empty, fields)

    async def resend_invitation(self, *, user_id: str) -> None:
        """Send the invitation again, with a new link. Earlier ones are void.

        Needs `user.write`. The fields are those of `ResendInvitation`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        await self._calls.answer(_OPERATIONS["ResendInvitation"], Empty, fields)

    async def get_user_by_login_name(self, *, login_name: str) -> UserView:
        """Read the user who signs in with a name, whatever its case.

        Needs `user.read`. The fields are those of `GetUserByLoginName`.
        """
        fields: dict[str, object] = {"login_name": login_name}
        return await self._calls.answer(_OPERATIONS["GetUserByLoginName"], UserView, fields)

    async def check_user_name(self, *, organization_id: str, user_name: str) -> UserNameAvailability:
        """Tell whether a user name is free, for who may add users to the organization. It may be taken a moment later.

        Needs `user.write`. The fields are those of `CheckUserName`.
        """
        fields: dict[str, object] = {"organization_id": organization_id, "user_name": user_name}
        return await self._calls.answer(_OPERATIONS["CheckUserName"], UserNameAvailability, fields)

    async def update_my_profile(
        self,
        *,
        expected_version: int | None = None,
        update_mask: str = "",
        given_name: str | None = None,
        family_name: str | None = None,
        display_name: str | None = None,
        nickname: str | None = None,
        gender: Gender | None = None,
        formatted_address: str | None = None,
        street_address: str | None = None,
        locality: str | None = None,
        region: str | None = None,
        postal_code: str | None = None,
        country: str | None = None,
        preferred_language: str | None = None,
    ) -> None:
        """Change the caller's own names, language and postal address.

        Any caller may ask for it. The fields are those of `UpdateMyProfile`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "update_mask": update_mask,
            "given_name": given_name,
            "family_name": family_name,
            "display_name": display_name,
            "nickname": nickname,
            "gender": gender,
            "formatted_address": formatted_address,
            "street_address": street_address,
            "locality": locality,
            "region": region,
            "postal_code": postal_code,
            "country": country,
            "preferred_language": preferred_language,
        }
        await self._calls.answer(_OPERATIONS["UpdateMyProfile"], Empty, fields)

    async def delete_my_account(self, *, expected_version: int | None = None, present_password: str = "") -> None:
        """Remove the caller's own account for good and free the user name.

        Takes the permission to, which people have by a role such as ORGANIZATION_SELF_MANAGER, and the present password.
        The last owner of the instance stays.

        Needs `account.delete`. The fields are those of `DeleteMyAccount`.
        """
        fields: dict[str, object] = {"expected_version": expected_version, "present_password": present_password}
        await self._calls.answer(_OPERATIONS["DeleteMyAccount"], Empty, fields)

    async def set_my_email(
        self,
        *,
        expected_version: int | None = None,
        email: str,
        present_password: str = "",
    ) -> None:
        """Change the caller's own e-mail address. It counts as not verified until the code that is sent there is brought.

        Takes the present password, or from who has none a fresh sign-in: who has the address can have the password
        reset. The address before is told of the change.

        Any caller may ask for it. The fields are those of `SetMyEmail`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "email": email,
            "present_password": present_password,
        }
        await self._calls.answer(_OPERATIONS["SetMyEmail"], Empty, fields)

    async def resend_my_email_code(self) -> None:
        """Send the caller another code to verify the e-mail address with. Earlier ones are void.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["ResendMyEmailCode"], Empty, fields)

    async def verify_my_email(self, *, code: str) -> None:
        """Verify the caller's own e-mail address with the code that was sent there.

        Any caller may ask for it. The fields are those of `VerifyMyEmail`.
        """
        fields: dict[str, object] = {"code": code}
        await self._calls.answer(_OPERATIONS["VerifyMyEmail"], Empty, fields)

    async def set_my_phone(
        self,
        *,
        expected_version: int | None = None,
        phone: str,
        present_password: str = "",
    ) -> None:
        """Change the caller's own phone number, or take it away. A new one is sent a code.

        Takes the present password, or from who has none a fresh sign-in.

        Any caller may ask for it. The fields are those of `SetMyPhone`.
        """
        fields: dict[str, object] = {
            "expected_version": expected_version,
            "phone": phone,
            "present_password": present_password,
        }
        await self._calls.answer(_OPERATIONS["SetMyPhone"], Empty, fields)

    async def resend_my_phone_code(self) -> None:
        """Send the caller another code to verify the phone number with. Earlier ones are void.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        await self._calls.answer(_OPERATIONS["ResendMyPhoneCode"], Empty, fields)

    async def verify_my_phone(self, *, code: str) -> None:
        """Verify the caller's own phone number with the code that was sent there.

        Any caller may ask for it. The fields are those of `VerifyMyPhone`.
        """
        fields: dict[str, object] = {"code": code}
        await self._calls.answer(_OPERATIONS["VerifyMyPhone"], Empty, fields)

    async def verify_email(self, *, user_id: str, code: str) -> None:
        """Verify a person's e-mail address with the code that was sent there; the code is the permission.

        Whether there is such a person is not told: a wrong code and a wrong person are answered alike.

        Nobody has to be signed in. The fields are those of `VerifyEmail`.
        """
        fields: dict[str, object] = {"user_id": user_id, "code": code}
        await self._calls.answer(_OPERATIONS["VerifyEmail"], Empty, fields)

    async def verify_invitation(self, *, user_id: str, code: str, password: str) -> None:
        """Accept an invitation: set the first password, and by that verify the address; the code is the permission.

        A wrong code and a wrong person are answered alike. A password that cannot be used leaves the code as it is.

        Nobody has to be signed in. The fields are those of `VerifyInvitation`.
        """
        fields: dict[str, object] = {"user_id": user_id, "code": code, "password": password}
        await self._calls.answer(_OPERATIONS["VerifyInvitation"], Empty, fields)

    async def reset_password(self, *, user_id: str, code: str, new_password: str) -> None:
        """Set another password with the code that was sent to the person's e-mail address; the code is the permission.

        All sessions and tokens of the person end. Who was locked after failed attempts is let in again. A wrong code and a
        wrong person are answered alike. A password that cannot be used leaves the code as it is.

        Nobody has to be signed in. The fields are those of `ResetPassword`.
        """
        fields: dict[str, object] = {"user_id": user_id, "code": code, "new_password": new_password}
        await self._calls.answer(_OPERATIONS["ResetPassword"], Empty, fields)

    async def request_password_reset(self, *, login_name: str) -> None:
        """Send a person who has forgotten the password a link to set another one with, to the verified e-mail address.

        The answer is the same, and the work alike, whether there is such a person or not.

        Nobody has to be signed in. The fields are those of `RequestPasswordReset`.
        """
        fields: dict[str, object] = {"login_name": login_name}
        await self._calls.answer(_OPERATIONS["RequestPasswordReset"], Empty, fields)
