"""What people do about themselves."""

from tests.examples.step import NOBODY, call

STEPS = (
    call("GetMyUser", by="ada"),
    call("UpdateMyProfile", by="ada", nickname="", update_mask="nickname"),
    call("ChangePassword", by="ada", present_password="$password", new_password="eight loud lanterns"),
    call(
        "CreateSession",
        by=NOBODY,
        keep="ada_token=session_token",
        login_name="ada.lovelace",
        password="eight loud lanterns",
    ),
    call(
        "SetMyEmail",
        by="ada",
        mail="verify_email",
        email="lovelace@example.com",
        present_password="eight loud lanterns",
    ),
    call("ResendMyEmailCode", by="ada", mail="verify_email"),
    call("VerifyMyEmail", by="ada", code="$code"),
    call("SetMyPhone", by="ada", mail="verify_phone", phone="+41446681801", present_password="eight loud lanterns"),
    call("ResendMyPhoneCode", by="ada", mail="verify_phone"),
    call("VerifyMyPhone", by="ada", code="$code"),
    call("ListMyEvents", by="ada", limit=2),
    call("ListMyMemberships", by="ada"),
)
