"""The error of a proof that does not hold."""

from hexkeep.core.kernel.errors import InvalidInput, Violation


class InvalidFactor(InvalidInput):
    """The code or the authenticator's response is wrong, too old, or was used before; which of these is not told."""

    code = "invalid_factor"
    title = "This does not prove the second factor"

    def __init__(self, field: str) -> None:
        super().__init__("", Violation(field, "is not right, too old, or was used before"))
