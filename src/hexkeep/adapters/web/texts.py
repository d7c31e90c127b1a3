"""Every sentence that the pages say, by id, so that translations come to stand beside it."""

import re
from collections.abc import Mapping
from contextvars import ContextVar

ENGLISH: Mapping[str, str] = {
    "brand": "Hexkeep",
    "title": "{page} \N{EN DASH} Hexkeep",
    "title.problem": "Error: {problem} \N{EN DASH} {page} \N{EN DASH} Hexkeep",
    "footer.terms_link": "Terms of service",
    "footer.privacy_link": "Privacy",
    "footer.help_link": "Help",
    "footer.docs_link": "Documentation",
    "cancel": "Cancel and go back",
    "login.title": "Sign in",
    "login.for": "to continue to {client}",
    "login.user_name": "User name",
    "login.password": "Password",
    "login.submit": "Sign in",
    "login.incomplete": "Enter your user name and your password",
    "login.wrong": "The user name or the password is wrong",
    "login.too_many": "Too many attempts to sign in. Wait {minutes} minutes, then try again",
    "login.forgotten": "Forgotten your password?",
    "login.passkey": "Use a passkey instead",
    "passkey.failed": "That did not work. Try again, or use another way",
    "second.title": "Show that it is you",
    "second.lead": "Your account asks for one more proof.",
    "second.passkey": "Use a passkey",
    "second.code.totp": "Code from your authenticator app",
    "second.code.otp_email": "Code from the mail we have sent you",
    "second.code.otp_sms": "Code from the text message we have sent you",
    "second.code.recovery_code": "Recovery code",
    "second.use.totp": "Use your authenticator app",
    "second.use.otp_email": "Get a code by mail",
    "second.use.otp_sms": "Get a code as a text message",
    "second.use.recovery_code": "Use a recovery code",
    "second.submit": "Continue",
    "second.back": "Sign in as somebody else",
    "second.wrong": "This code is not right, too old, or was used before",
    "second.incomplete": "Enter the code",
    "set_up.title": "Set up a second proof",
    "set_up.lead": "Your organization asks for one more proof than the password. An authenticator app on your phone "
    "shows codes for that.",
    "set_up.begin": "Set up an authenticator app",
    "set_up.open": "Open your authenticator app on this device",
    "set_up.secret": "Or type this key there",
    "set_up.submit": "Finish",
    "forgotten.title": "Forgotten your password?",
    "forgotten.lead": "Enter your user name. A link to choose another password goes to your e-mail address.",
    "forgotten.user_name": "User name",
    "forgotten.submit": "Send the link",
    "forgotten.back": "Back to sign in",
    "forgotten.incomplete": "Enter your user name",
    "forgotten.sent.title": "Look into your mailbox",
    "forgotten.sent": "If there is an account with this user name and an e-mail address that is known to be its "
    "owner\N{RIGHT SINGLE QUOTATION MARK}s, a link is on its way there. It can be used for an hour.",
    "forgotten.sent.none": "Nothing came? Look among the unwanted mail, and check the user name.",
    "reset.title": "Choose another password",
    "reset.lead": "You will be signed out everywhere, and sign in with the new password.",
    "reset.submit": "Set the password",
    "reset.done.title": "Your password is set",
    "reset.done": "You can sign in with it now.",
    "invitation.title": "Welcome",
    "invitation.lead": "Choose a password for your account. Your e-mail address is confirmed by that.",
    "invitation.submit": "Set the password",
    "invitation.done.title": "Your account is ready",
    "invitation.done": "You can sign in now.",
    "chosen.incomplete": "Fill in both fields",
    "verify.title": "Confirm your e-mail address",
    "verify.lead": "Confirm that this address is yours with the code that was sent there.",
    "verify.code": "Code",
    "verify.submit": "Confirm",
    "verify.incomplete": "Enter the code from the message",
    "verify.done.title": "Your e-mail address is confirmed",
    "verify.done": "You can close this page.",
    "code.invalid": "This link or code is not valid, or not any more. Ask for another one",
    "code.too_many": "Too many tries. Wait {minutes} minutes, then try again",
    "link.broken.title": "This link is not complete",
    "link.broken": "Open it again from the message, or copy it from there as a whole.",
    "proceed.sign_in": "Sign in",
    "account.title": "Your account",
    "account.signed_in": "You are signed in.",
    "account.name": "Name",
    "account.user_name": "User name",
    "account.email": "E-mail address",
    "account.change_password": "Change password",
    "account.sign_out": "Sign out",
    "account.password_changed": "Your password is changed",
    "password.title": "Change your password",
    "password.required": "Choose a password of your own before you go on.",
    "password.present": "Present password",
    "password.new": "New password",
    "password.new.hint": "8 to 128 characters. A few words that only you would put together are a good choice.",
    "password.repeated": "New password, once more",
    "password.submit": "Change password",
    "password.back": "Back to your account",
    "password.incomplete": "Fill in all three fields",
    "password.differs": "The two new passwords are not the same",
    "password.mismatch": "The present password is not right",
    "password.refused": "The new password {reason}",
    "password.too_many": "Too many tries to change the password. Wait {minutes} minutes, then try again",
    "consent.title": "Allow access?",
    "consent.client": "{client} would like to:",
    "consent.person": "You are signed in as {user}.",
    "consent.other": "Use another account",
    "consent.submit": "Allow",
    "consent.deny": "Do not allow",
    "scope.openid": "Know who you are",
    "scope.profile": "See your name and your language",
    "scope.email": "See your e-mail address",
    "scope.offline_access": "Keep this access while you are away",
    "scope.urn:hexkeep:roles": "See your roles in its project",
    "scope.urn:hexkeep:organization": "See which organization you belong to",
    "scope.urn:hexkeep:api": "Manage Hexkeep on your behalf",
    "form_post.title": "Going back to the application",
    "form_post.lead": "This goes by itself in a moment.",
    "form_post.submit": "Continue",
    "device.title": "Connect a device",
    "device.lead": "Enter the code that your device shows.",
    "device.code": "Code",
    "device.code.hint": "Eight letters, such as BCDF-GHJK. Small or capital does not matter.",
    "device.submit": "Continue",
    "device.incomplete": "Enter the eight letters that your device shows",
    "device.unknown": "This code is not right, or it has expired. Look at your device, or have it show another one",
    "device.too_many": "Too many codes were tried. Wait {minutes} minutes, then try again",
    "device.confirm.title": "Connect this device?",
    "device.client": "{client} on your device would like to:",
    "device.compare": "Your device has to show exactly this code:",
    "device.warning": "Go on only if you have the device before you and started this yourself. If somebody sent you "
    "this code or a link with it, by mail, by message or on the telephone, you would let them into your account.",
    "device.allow": "The code is the same: connect",
    "device.deny": "Do not connect",
    "device.allowed.title": "Your device is connected",
    "device.allowed": "It goes on by itself in a moment.",
    "device.denied.title": "Your device is not connected",
    "device.denied": "It has no access to your account.",
    "device.close": "You can close this page.",
    "logout.title": "Sign out?",
    "logout.ask": "You will be signed out of Hexkeep in this browser, and of what you used with it.",
    "logout.client": "{client} asks to sign you out of Hexkeep in this browser.",
    "logout.submit": "Sign out",
    "logout.stay": "Stay signed in",
    "signing_out.title": "Signing you out",
    "signing_out.text": "The applications that you have used are signing you out as well. This takes a moment.",
    "signing_out.onward": "Continue",
    "signed_out.title": "You are signed out",
    "signed_out.text": "On a shared computer, close the browser as well.",
    "signed_out.again": "Sign in again",
    "error.code": "Code",
    "error.details": "Details",
    "error.request": "Request",
    "error.open": "Open {origin}",
    "error.loopback": "Browsers keep the cookies of this page on localhost, but not on a bare address.",
}
"""In English. ``{…}`` is filled in."""

ERRORS: Mapping[str, tuple[str, str]] = {
    "oauth_invalid_redirect": (
        "This application cannot sign you in",
        "It is unknown here, or it wants you to return to an address that it did not register.",
    ),
    "oauth_invalid_request": (
        "This request cannot be understood",
        "Go back to the application and start again. If it happens once more, tell whoever runs the application.",
    ),
    "oauth_access_denied": (
        "You cannot use this application",
        "It is there for some people only, and your account is not among them. Ask whoever runs it.",
    ),
    "not_found": ("There is nothing here", "The address may be mistyped, or what it led to is gone."),
    "failed_precondition": (
        "This sign-in is over",
        "It was completed before, or it took too long. Go back to the application and start again.",
    ),
    "form_refused": (
        "This form was not accepted",
        "It did not come from an open page of ours, or your browser keeps none of our cookies. Open the page again.",
    ),
    "insecure_transport": (
        "A secure connection is needed",
        "Passwords are not sent unprotected. Open this page with https:// at the beginning of its address.",
    ),
    "resource_exhausted": ("Too many requests", "Wait a while, then try again."),
    "unavailable": ("Not available at the moment", "Try again in a moment."),
    "overloaded": ("Too busy at the moment", "Try again in a moment."),
    "storage_unavailable": ("Not available at the moment", "Try again in a moment."),
    "deadline_exceeded": ("This took too long", "Try again in a moment."),
    "internal": (
        "Something went wrong on our side",
        "Try again. If it happens once more, tell whoever runs this server, and name the request below.",
    ),
}
"""Title and text of error pages by code; errors without one show their own title and message."""


OWN: ContextVar[Mapping[str, str]] = ContextVar("own_texts")
"""What the instance or the organization of the request at hand says in place of these sentences, by ``page.<id>``."""
GAP = re.compile(r"{([a-z_]+)}")


def text(key: str, **values: str) -> str:
    """A sentence with its gaps filled in; raises ``KeyError`` for an unknown id.

    Only the gaps that are meant are filled: who writes a text can have nothing else put in.
    """
    sentence = OWN.get({}).get(f"page.{key}", ENGLISH[key])
    return GAP.sub(lambda gap: values.get(gap[1], gap[0]), sentence)


def scope_text(scope: str) -> str:
    """What granting a scope means to a person, or the scope itself when nobody has said it."""
    return ENGLISH.get(f"scope.{scope}", scope)
