"""The error of a code that proves nothing."""

from hexkeep.core.kernel.errors import InvalidInput, Violation


class InvalidCode(InvalidInput):
    """The code is wrong, used, too old, tried too often, or another's; which of these is not told."""

    code = "invalid_code"
    title = "This code is not valid, or not any more"

    def __init__(self) -> None:
        super().__init__("", Violation("code", "is not valid, or not any more; ask for another one"))
