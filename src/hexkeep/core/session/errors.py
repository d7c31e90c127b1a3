"""The error of a sign-in that failed."""

from hexkeep.core.kernel.errors import Unauthenticated


class InvalidCredentials(Unauthenticated):
    """Who signs in and what proves it do not go together, whichever of the two is wrong."""

    code = "invalid_credentials"
    title = "The user name or the password is wrong"
