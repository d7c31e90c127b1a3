"""Problem details as replies of REST."""

from hexkeep.adapters.asgi.problems import MEDIA_TYPE, headers, problem_body
from hexkeep.adapters.rest.reply import Reply
from hexkeep.core.kernel.errors import HexkeepError


def problem(error: HexkeepError, request_id: str, *extra: tuple[str, str], presented: bool = False) -> Reply:
    """The response for ``error``. ``presented`` tells whether the caller showed credentials (RFC 6750 section 3)."""
    fields = [*headers(error, presented=presented), *extra]
    return Reply(error.status, problem_body(error, request_id), MEDIA_TYPE, fields)
