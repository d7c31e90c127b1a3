"""The operations of `session`. Made by `python -m hexkeep.client.generate`; do not edit."""

from hexkeep.client.awaited import AsyncCalls, AsyncListing
from hexkeep.core.factor.state import Factor
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.session import SLICE
from hexkeep.core.session.commands import SessionChallenge, SessionOpened
from hexkeep.core.session.others import SessionsEnded
from hexkeep.core.session.queries import SessionPage, SessionSort, SessionStatus, SessionView

_OPERATIONS = {one.name: one for one in SLICE.operations}


class AsyncSessionCalls:
    """The operations of `session`."""

    def __init__(self, calls: AsyncCalls) -> None:
        self._calls = calls

    async def create_session(
        self,
        *,
        totp_code: str = "",
        recovery_code: str = "",
        passkey: str = "",
        login_name: str = "",
        user_id: str = "",
        password: str = "",
        organization_id: str = "",
    ) -> SessionOpened:
        """Sign a user in: begin a session and get its token.

        By password, or by a passkey that verifies who uses it; the challenge for that is from `StartPasskeySignIn`. A wrong
        user and a wrong password are answered alike. Without a proof the session proves nothing yet, and only callers who
        may write the user's sessions get one. Every proof that is given has to be right.

        Nobody has to be signed in. The fields are those of `CreateSession`.
        """
        fields: dict[str, object] = {
            "totp_code": totp_code,
            "recovery_code": recovery_code,
            "passkey": passkey,
            "login_name": login_name,
            "user_id": user_id,
            "password": password,
            "organization_id": organization_id,
        }
        return await self._calls.answer(_OPERATIONS["CreateSession"], SessionOpened, fields)

    async def check_session(
        self,
        *,
        totp_code: str = "",
        recovery_code: str = "",
        passkey: str = "",
        otp_email_code: str = "",
        otp_sms_code: str = "",
        session_id: str,
        session_token: str,
        password: str = "",
    ) -> SessionOpened:
        """Prove more of who holds a session: the password, a second factor, or both. It gets a new token; the old one ends.

        The challenges for passkeys and codes that are sent are from `RequestSessionChallenge`. A session that a change of
        the password has ended comes to life again by the new one.

        Nobody has to be signed in. The fields are those of `CheckSession`.
        """
        fields: dict[str, object] = {
            "totp_code": totp_code,
            "recovery_code": recovery_code,
            "passkey": passkey,
            "otp_email_code": otp_email_code,
            "otp_sms_code": otp_sms_code,
            "session_id": session_id,
            "session_token": session_token,
            "password": password,
        }
        return await self._calls.answer(_OPERATIONS["CheckSession"], SessionOpened, fields)

    async def request_session_challenge(
        self,
        *,
        session_id: str,
        session_token: str,
        factor: Factor = Factor.UNSPECIFIED,
    ) -> SessionChallenge:
        """Get what a session can be strengthened with, and a challenge for one of these factors.

        For a passkey it is what `navigator.credentials.get` is to be called with; for mail and text message a code is sent
        to the user's own verified address. Nothing else needs a challenge.

        Nobody has to be signed in. The fields are those of `RequestSessionChallenge`.
        """
        fields: dict[str, object] = {"session_id": session_id, "session_token": session_token, "factor": factor}
        return await self._calls.answer(_OPERATIONS["RequestSessionChallenge"], SessionChallenge, fields)

    async def end_my_session(self, *, session_id: str) -> None:
        """End one of the caller's own sessions: sign out. A session that is over already stays so.

        Any caller may ask for it. The fields are those of `EndMySession`.
        """
        fields: dict[str, object] = {"session_id": session_id}
        await self._calls.answer(_OPERATIONS["EndMySession"], Empty, fields)

    async def end_all_my_other_sessions(self) -> SessionsEnded:
        """End all sessions of the caller but the one that the call is made in: sign out everywhere else.

        At most 200 are ended by one call; the answer says whether there are more. Tokens that were issued in a session end
        with it. What acts without a session, such as a personal access token, goes on; who calls by one ends all sessions.

        Any caller may ask for it. The fields are those of `Empty`.
        """
        fields: dict[str, object] = {}
        return await self._calls.answer(_OPERATIONS["EndAllMyOtherSessions"], SessionsEnded, fields)

    async def get_my_session(self, *, session_id: str) -> SessionView:
        """Get one of the caller's own sessions.

        Any caller may ask for it. The fields are those of `GetMySession`.
        """
        fields: dict[str, object] = {"session_id": session_id}
        return await self._calls.answer(_OPERATIONS["GetMySession"], SessionView, fields)

    def list_my_sessions(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        status: SessionStatus = SessionStatus.UNSPECIFIED,
        sort: SessionSort = SessionSort.UNSPECIFIED,
    ) -> AsyncListing[SessionPage, SessionView]:
        """List the caller's own sessions.

        Any caller may ask for it. The fields are those of `ListMySessions`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListMySessions"], SessionPage, SessionView, fields)

    async def end_session(self, *, session_id: str) -> None:
        """End a user's session. A session that is over already stays so.

        The caller must hold at least what the user holds: nobody keeps those out who could set things right.

        Needs `session.write`. The fields are those of `EndSession`.
        """
        fields: dict[str, object] = {"session_id": session_id}
        await self._calls.answer(_OPERATIONS["EndSession"], Empty, fields)

    async def end_user_sessions(self, *, user_id: str) -> SessionsEnded:
        """End all sessions of a user: sign the user out everywhere.

        At most 200 are ended by one call; the answer says whether there are more. Applications that take part in them are
        told. The caller must hold at least what the user holds. What applications may do offline goes on.

        Needs `session.write`. The fields are those of `EndUserSessions`.
        """
        fields: dict[str, object] = {"user_id": user_id}
        return await self._calls.answer(_OPERATIONS["EndUserSessions"], SessionsEnded, fields)

    async def get_session(self, *, session_id: str) -> SessionView:
        """Get a session that the caller may read. There is none of a user who was erased.

        Needs `session.read`. The fields are those of `GetSession`.
        """
        fields: dict[str, object] = {"session_id": session_id}
        return await self._calls.answer(_OPERATIONS["GetSession"], SessionView, fields)

    def list_sessions(
        self,
        *,
        limit: int = 100,
        cursor: str = "",
        descending: bool = False,
        count: bool = False,
        user_id: str = "",
        status: SessionStatus = SessionStatus.UNSPECIFIED,
        sort: SessionSort = SessionSort.UNSPECIFIED,
    ) -> AsyncListing[SessionPage, SessionView]:
        """List those sessions that the caller may read.

        Needs `session.read`. The fields are those of `ListSessions`.
        """
        fields: dict[str, object] = {
            "limit": limit,
            "cursor": cursor,
            "descending": descending,
            "count": count,
            "user_id": user_id,
            "status": status,
            "sort": sort,
        }
        return self._calls.listing(_OPERATIONS["ListSessions"], SessionPage, SessionView, fields)
