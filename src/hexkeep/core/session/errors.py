"""The errors of a sign-in that failed."""

from hexkeep.core.kernel.errors import Unauthenticated


class InvalidCredentials(Unauthenticated):
    """Who signs in and what proves it do not go together, whichever of the two is wrong."""

    code = "invalid_credentials"
    title = "The user name or the password is wrong"


class InvalidSecondFactor(Unauthenticated):
    """A code or the response of an authenticator is wrong, too old, or was used before; which is not told."""

    code = "invalid_second_factor"
    title = "This does not prove the second factor"


class UnknownUser(Unauthenticated):
    """There is no such user. Only told where the instance does not hide who is unknown."""

    code = "unknown_user"
    title = "There is no such user"


class UserKeptOut(Unauthenticated):
    """The user may not sign in now. Only told where the instance does not hide who is unknown."""

    code = "user_kept_out"
    title = "The user may not sign in at the moment"
