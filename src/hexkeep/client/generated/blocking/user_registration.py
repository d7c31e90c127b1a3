"""The operations of `user_registration`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.blocking import Calls
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.userregistration import SLICE
from hexkeep.core.userregistration.commands import UserRegistration

_OPERATIONS = {one.name: one for one in SLICE.operations}


class UserRegistrationCalls:
    """The operations of `user_registration`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def register_user(
        self,
        *,
        organization_id: str = "",
        email: str,
        given_name: str,
        family_name: str = "",
        user_name: str = "",
        password: str,
        preferred_language: str = "",
    ) -> UserRegistration:
        """Ask for an account of one's own. A code goes to the e-mail address; with it and the password there is one.

        Refused where the login policy of the organization does not let people make accounts. Where there is an account of
        that user name already, the answer is the same, and the mail says so.

        Nobody has to be signed in. The fields are those of `RegisterUser`.
        """
        fields: dict[str, object] = {
            "organization_id": organization_id,
            "email": email,
            "given_name": given_name,
            "family_name": family_name,
            "user_name": user_name,
            "password": password,
            "preferred_language": preferred_language,
        }
        return self._calls.answer(_OPERATIONS["RegisterUser"], UserRegistration, fields)

    def verify_user_registration(self, *, user_id: str, code: str, password: str) -> None:
        """Make the account that was asked for, with the code that was sent to the address and the password chosen before.

        The code is the permission; the address is verified by it. A wrong code and a wish that never was are answered
        alike. A wrong password leaves the code as it is.

        Nobody has to be signed in. The fields are those of `VerifyUserRegistration`.
        """
        fields: dict[str, object] = {"user_id": user_id, "code": code, "password": password}
        self._calls.answer(_OPERATIONS["VerifyUserRegistration"], Empty, fields)
