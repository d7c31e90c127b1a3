"""Operation inputs out of what came over HTTP."""

from typing import TypeVar

from pydantic import ValidationError

from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.operation import Message

M = TypeVar("M", bound=Message)


def message(kind: type[M], /, **fields: object) -> M:
    """An input of ``fields``; raises ``InvalidInput`` that names the fields at fault, not what was in them."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        names = (str(one["loc"][0]) if one["loc"] else "" for one in found)
        raise InvalidInput("", *(Violation(name, "is too long or malformed") for name in names)) from None
