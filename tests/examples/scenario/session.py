"""Sessions: Ada signs in here, and is who calls in what follows."""

from tests.examples.step import NOBODY, call

STEPS = (
    call("CreateSession", by=NOBODY, keep="ada_token=session_token", login_name="ada.lovelace", password="$password"),
    call(
        "CreateSession",
        by=NOBODY,
        keep="other_token=session_token other=session_id",
        user_id="$ada",
        password="$password",
    ),
    call("GetMySession", by="ada", session_id="$other"),
    call("ListMySessions", by="ada", status="active"),
    call(
        "CheckSession",
        by=NOBODY,
        session_id="$other",
        session_token="$other_token",
        password="$password",
        keep="other_token=session_token",
    ),
    call("RequestSessionChallenge", by=NOBODY, session_id="$other", session_token="$other_token"),
    call("EndMySession", by="ada", session_id="$other"),
    call("CreateSession", by=NOBODY, keep="third=session_id", user_id="$ada", password="$password"),
    call("EndAllMyOtherSessions", by="ada"),
    call(
        "CreateSession",
        by=NOBODY,
        keep="charles_token=session_token fourth=session_id",
        user_id="$charles",
        password="$password",
    ),
    call("ListMyConnections", by="ada"),
    call("ListUserConnections", user_id="$charles"),
    call("GetSession", session_id="$fourth"),
    call("ListSessions", user_id="$charles"),
    call("EndSession", session_id="$fourth"),
    call("CreateSession", by=NOBODY, keep="fifth=session_id", user_id="$charles", password="$password"),
    call("EndUserSessions", user_id="$charles"),
)
