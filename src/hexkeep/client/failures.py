"""Errors of a server as errors of the tree, by their stable codes."""

import json
from collections.abc import Mapping

from pydantic import JsonValue

from hexkeep.client.wire import Reply
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    Archived,
    Conflict,
    DeadlineExceeded,
    HexkeepError,
    Internal,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    TooLarge,
    Unauthenticated,
    Unavailable,
    VersionConflict,
    ViewBuilding,
    Violation,
    all_errors,
)

BY_STATUS: Mapping[int, type[HexkeepError]] = {
    401: Unauthenticated,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    410: Archived,
    412: Conflict,
    413: TooLarge,
    422: Conflict,
    429: ResourceExhausted,
    502: Unavailable,
    503: Unavailable,
    504: DeadlineExceeded,
}
"""What stands for a code that this program does not know: of a plugin, another version, or a proxy on the way."""
FIRST_INTERNAL = 500


def error_of(reply: Reply) -> HexkeepError:
    """The error that an answer tells of (RFC 9457)."""
    error = error_from(_problem(reply.body), reply.status)
    if (told := reply.headers.get("retry-after", "")).isdecimal():
        vars(error)["retry_after"] = int(told)
    if request := reply.headers.get("x-request-id"):
        error.add_note(f"request {request}")
    return error


def error_from(problem: Mapping[str, JsonValue], status: int) -> HexkeepError:
    """The error that a problem's members tell of; ``status`` decides where the code is not known."""
    code = str(problem.get("code", ""))
    kind = next((one for one in all_errors() if one.code == code), None) or _by_status(status)
    message = str(problem.get("detail") or problem.get("title") or "")
    details = problem.get("details")
    told = {name: str(value) for name, value in details.items()} if isinstance(details, dict) else {}
    error = kind.__new__(kind)
    HexkeepError.__init__(error, message, **told)  # each class has its own arguments; the facts are the same for all
    vars(error).update(_facts(error, problem, told))
    if code and code != kind.code:
        vars(error)["code"] = code
    return error


def _by_status(status: int) -> type[HexkeepError]:
    return BY_STATUS.get(status, Internal if status >= FIRST_INTERNAL else InvalidInput)


def _facts(error: HexkeepError, problem: Mapping[str, JsonValue], told: Mapping[str, str]) -> dict[str, object]:
    """What instances of the error's class have, beside message and details."""
    match error:
        case InvalidInput():
            return {"violations": _violations(problem)}
        case AlreadyExists():
            return {"kind": told.get("kind", "")}
        case VersionConflict():
            return {name: int(told.get(name, "0")) for name in ("expected", "actual")}
        case ViewBuilding():
            return {"projection": told.get("projection", "")}
        case ResourceExhausted():
            return {"retry_after": 1}
    return {}


def _violations(problem: Mapping[str, JsonValue]) -> tuple[Violation, ...]:
    listed = problem.get("violations")
    found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return tuple(Violation(str(one.get("field", "")), str(one.get("message", ""))) for one in found)


def _problem(body: bytes) -> Mapping[str, JsonValue]:
    try:
        parsed = json.loads(body) if body else {}
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
