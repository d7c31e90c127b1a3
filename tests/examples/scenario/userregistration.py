"""A person who makes an account."""

from tests.examples.step import NOBODY, call

STEPS = (
    call("SetDefaultLoginPolicy", registration_allowed=True),
    call(
        "RegisterUser",
        by=NOBODY,
        keep="newcomer=user_id",
        mail="register_user",
        email="mary.somerville@example.com",
        given_name="Mary",
        family_name="Somerville",
        password="nine brave badgers",
        preferred_language="en",
    ),
    call("VerifyUserRegistration", by=NOBODY, user_id="$newcomer", code="$code", password="nine brave badgers"),
    call("ResetDefaultLoginPolicy"),
)
