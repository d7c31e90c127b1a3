"""What was wrong with an input, told without the values it was found in."""

from pydantic import ValidationError

from hexkeep.core.kernel.errors import InvalidInput, Violation

MOST = 100
"""Violations that are told: an input of a megabyte can have a hundred thousand."""


def invalid(error: ValidationError) -> InvalidInput:
    """The error for a caller, with one violation per thing that pydantic found: where, and what was expected.

    Of very many the first.
    """
    found = error.errors(include_url=False, include_context=False, include_input=False)[:MOST]
    return InvalidInput("", *(Violation(".".join(map(str, one["loc"])), one["msg"]) for one in found))
