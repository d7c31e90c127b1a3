"""Who leaves comes last."""

from tests.examples.step import NOBODY, call

STEPS = (
    call("CreateSession", by=NOBODY, keep="grace_token=session_token", user_id="$grace", password="$password"),
    call(
        "CreateMembership",
        user_id="$grace",
        level="organization",
        scope_id="$acme",
        roles=["ORGANIZATION_SELF_MANAGER"],
    ),
    call("DeleteMyAccount", by="grace", present_password="$password"),
)
