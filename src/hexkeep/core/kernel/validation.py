"""What was wrong with an input, told without the values it was found in."""

from pydantic import ValidationError

from hexkeep.core.kernel.errors import InvalidInput, Violation


def invalid(error: ValidationError) -> InvalidInput:
    """The error for a caller, with one violation per thing that pydantic found: where, and what was expected."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return InvalidInput("", *(Violation(".".join(map(str, one["loc"])), one["msg"]) for one in found))
