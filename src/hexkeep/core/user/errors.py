"""Errors of users beyond the kernel's."""

from hexkeep.core.kernel.errors import InvalidInput


class PasswordMismatch(InvalidInput):
    """The present password, asked for before something sensitive, is another one."""

    code = "password_mismatch"
    title = "The present password is not right"
