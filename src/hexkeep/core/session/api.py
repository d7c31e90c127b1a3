"""The operations on sessions."""

from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Http, Method, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC
from hexkeep.core.session import commands, erasure, idp, idp_again, others, queries

MINE = "/auth/v1/sessions"
MANAGED = "/management/v1/sessions"
ONE = "/{session_id}"

OPERATIONS: tuple[AnyOperation, ...] = (
    Operation(
        "CreateSession",
        ApiName.AUTH,
        commands.CreateSession,
        commands.SessionOpened,
        PUBLIC,
        commands.create_session,
        Http(Method.POST, MINE, 201),
        secrets=frozenset({"session_token"}),
    ),
    Operation(
        "CheckSession",
        ApiName.AUTH,
        commands.CheckSession,
        commands.SessionOpened,
        PUBLIC,  # the session's token is the permission
        commands.check_session,
        Http(Method.PATCH, MINE + ONE),
        secrets=frozenset({"session_token"}),
    ),
    Operation(
        "RequestSessionChallenge",
        ApiName.AUTH,
        commands.RequestSessionChallenge,
        commands.SessionChallenge,
        PUBLIC,  # the session's token is the permission
        commands.request_session_challenge,
        Http(Method.POST, MINE + ONE + "/challenge"),
    ),
    Operation(
        "EndMySession",
        ApiName.AUTH,
        commands.EndMySession,
        Empty,
        AUTHENTICATED,
        commands.end_my_session,
        Http(Method.DELETE, MINE + ONE),
        enrols=True,
    ),
    Operation(
        "EndAllMyOtherSessions",
        ApiName.AUTH,
        Empty,
        others.SessionsEnded,
        AUTHENTICATED,
        others.end_all_my_other_sessions,
        Http(Method.POST, "/auth/v1/me/sessions/end-others"),
    ),
    Operation(
        "GetMySession",
        ApiName.AUTH,
        queries.GetMySession,
        queries.SessionView,
        AUTHENTICATED,
        queries.get_my_session,
        Http(Method.GET, MINE + ONE),
        writes=False,
    ),
    Operation(
        "ListMySessions",
        ApiName.AUTH,
        queries.ListMySessions,
        queries.SessionPage,
        AUTHENTICATED,
        queries.list_my_sessions,
        Http(Method.GET, MINE),
        writes=False,
    ),
    Operation(
        "EndSession",
        ApiName.MANAGEMENT,
        commands.EndSession,
        Empty,
        "session.write",
        commands.end_session,
        Http(Method.DELETE, MANAGED + ONE),
    ),
    Operation(
        "EndUserSessions",
        ApiName.MANAGEMENT,
        others.EndUserSessions,
        others.SessionsEnded,
        "session.write",
        others.end_user_sessions,
        Http(Method.POST, "/management/v1/users/{user_id}/sessions/end"),
    ),
    Operation(
        "GetSession",
        ApiName.MANAGEMENT,
        queries.GetSession,
        queries.SessionView,
        "session.read",
        queries.get_session,
        Http(Method.GET, MANAGED + ONE),
        writes=False,
    ),
    Operation(
        "ListSessions",
        ApiName.MANAGEMENT,
        queries.ListSessions,
        queries.SessionPage,
        "session.read",
        queries.list_sessions,
        Http(Method.GET, MANAGED),
        writes=False,
    ),
    Operation(
        "RecordEnrolledFactor",
        ApiName.PROTOCOL,
        commands.RecordEnrolledFactor,
        Empty,
        "session.write",
        commands.record_enrolled_factor,
    ),
    Operation(
        "ConfirmMyIdpSession",
        ApiName.PROTOCOL,
        Empty,
        idp_again.IdpSessionConfirmed,
        AUTHENTICATED,
        idp_again.confirm_my_idp_session,
    ),
    Operation(
        "CreateIdpSession",
        ApiName.PROTOCOL,
        idp.CreateIdpSession,
        commands.SessionOpened,
        PUBLIC,  # the proof is the permission
        idp.create_idp_session,
        secrets=frozenset({"session_token"}),
    ),
    Operation(
        "EraseActivity",
        ApiName.PROTOCOL,
        erasure.EraseActivity,
        Empty,
        "erasure.write",
        erasure.erase_activity,
    ),
)
"""All of them. ``CreateSession`` takes no idempotency key: its callers are nobody yet, and share no outcomes.

``EraseActivity`` is for the engine, in the course of an erasure.
"""
