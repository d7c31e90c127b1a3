"""The one error tree. Every failure that may reach a caller is one of these, with a code that never changes.

::

    HexkeepError
    ├── InvalidInput            invalid_input          the request itself is wrong, whoever sends it
    ├── Unauthenticated         unauthenticated        no caller, or credentials that do not hold
    ├── PermissionDenied        permission_denied      a known caller who may not
    ├── NotFound                not_found              absent, or not visible to this caller
    ├── Archived                archived               behind the activity log's horizon
    ├── Conflict
    │   ├── AlreadyExists       already_exists         a unique key is taken
    │   ├── VersionConflict     version_conflict       somebody else was first
    │   ├── FailedPrecondition  failed_precondition    the resource is not in a state that allows this
    │   ├── IdempotencyMismatch idempotency_mismatch   an idempotency key came back with another request
    │   └── PositionSuperseded  position_superseded    a position token from before a restore
    ├── ResourceExhausted       resource_exhausted     too many, try again later
    ├── TooLarge                too_large              a body, page or field above its bound
    ├── Unavailable
    │   ├── Overloaded          overloaded             a bounded queue is full
    │   ├── StorageUnavailable  storage_unavailable    the database does not answer
    │   ├── ViewBuilding        view_building          the tables that a list reads are being filled
    │   └── DeadlineExceeded    deadline_exceeded      the answer would have come too late
    └── Internal                internal               our fault; the cause is in the log, never in the answer

Protocol errors (OAuth 2, OIDC) extend these in ``hexkeep.core.oidc.errors`` and carry their RFC's own wire code.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with an input: ``field`` is a dotted path into it, ``message`` says what was expected."""

    field: str
    message: str


class HexkeepError(Exception):
    """Root of the tree.

    ``code`` is stable and machine readable; ``status`` is the HTTP status, ``rpc`` the gRPC status name. ``message``
    is safe to show to a caller. ``details`` holds further facts that are safe to show as well.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    rpc: ClassVar[str] = "UNKNOWN"
    title: ClassVar[str] = "The request failed"

    def __init__(self, message: str = "", **details: str) -> None:
        self.message = message or self.title
        self.details: Mapping[str, str] = details
        super().__init__(self.message)


class InvalidInput(HexkeepError):
    """The input does not fit its operation; ``violations`` names each field at fault."""

    code = "invalid_input"
    status = 400
    rpc = "INVALID_ARGUMENT"
    title = "The input is not valid"

    def __init__(self, message: str = "", *violations: Violation, **details: str) -> None:
        super().__init__(message, **details)
        self.violations = violations


class Unauthenticated(HexkeepError):
    """Nobody is signed in, or what was presented does not hold."""

    code = "unauthenticated"
    status = 401
    rpc = "UNAUTHENTICATED"
    title = "Authentication is required"


class PermissionDenied(HexkeepError):
    """The caller is known and may not do this."""

    code = "permission_denied"
    status = 403
    rpc = "PERMISSION_DENIED"
    title = "The caller may not do this"


class SecondFactorRequired(PermissionDenied):
    """The policy asks for a second factor and the user has none: it has to be set up before anything else."""

    code = "second_factor_required"
    title = "A second factor has to be set up first"


class ReauthenticationRequired(PermissionDenied):
    """The caller has to have signed in lately, in a session of its own, and has not."""

    code = "reauthentication_required"
    title = "Sign in again first"


class NotFound(HexkeepError):
    """No such resource, or none that this caller may see; the two are not told apart."""

    code = "not_found"
    status = 404
    rpc = "NOT_FOUND"
    title = "There is no such resource"


class Archived(HexkeepError):
    """The history asked for lies behind the activity log's horizon and was dropped by retention."""

    code = "archived"
    status = 410
    rpc = "NOT_FOUND"
    title = "This part of the history is no longer kept"


class Conflict(HexkeepError):
    """The request is well formed, but the present state does not allow it."""

    code = "conflict"
    status = 409
    rpc = "ABORTED"
    title = "The request conflicts with the present state"


class AlreadyExists(Conflict):
    """A unique key is taken. ``kind`` names the key (``user_name``, ``domain`` …), never its value."""

    code = "already_exists"
    rpc = "ALREADY_EXISTS"
    title = "This already exists"

    def __init__(self, kind: str) -> None:
        super().__init__(f"This {kind.replace('_', ' ')} is already taken", kind=kind)
        self.kind = kind


class VersionConflict(Conflict):
    """An aggregate stands at version ``actual`` where the caller expected ``expected``."""

    code = "version_conflict"
    title = "The resource was changed by somebody else"

    def __init__(self, expected: int, actual: int) -> None:
        super().__init__("", expected=str(expected), actual=str(actual))
        self.expected = expected
        self.actual = actual


class FailedPrecondition(Conflict):
    """The resource is in a state that does not allow this change."""

    code = "failed_precondition"
    rpc = "FAILED_PRECONDITION"
    title = "The resource is not in a state that allows this"


class IdempotencyMismatch(Conflict):
    """An idempotency key was used before with a different request."""

    code = "idempotency_mismatch"
    status = 422
    rpc = "FAILED_PRECONDITION"
    title = "This idempotency key belongs to another request"


class PositionSuperseded(Conflict):
    """A position token of an older epoch: the log was restored since, so nothing can be said about it."""

    code = "position_superseded"
    status = 412
    rpc = "FAILED_PRECONDITION"
    title = "This position belongs to a log that was restored since"


class ResourceExhausted(HexkeepError):
    """A rate or quota is used up; ``retry_after`` says in seconds when to come back."""

    code = "resource_exhausted"
    status = 429
    rpc = "RESOURCE_EXHAUSTED"
    title = "Too many requests"

    def __init__(self, message: str = "", *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooLarge(HexkeepError):
    """A body, a header, a page or a field exceeds its bound."""

    code = "too_large"
    status = 413
    rpc = "RESOURCE_EXHAUSTED"
    title = "The request is too large"


class Unavailable(HexkeepError):
    """The service cannot answer now; the same request may succeed later."""

    code = "unavailable"
    status = 503
    rpc = "UNAVAILABLE"
    title = "The service is not available at the moment"
    retry_after = 1


class Overloaded(Unavailable):
    """A bounded queue is full. Nothing was done."""

    code = "overloaded"
    title = "The service is overloaded"


class StorageUnavailable(Unavailable):
    """The database cannot be reached or does not accept the work. What was asked may or may not be applied."""

    code = "storage_unavailable"
    title = "The storage is not available at the moment"


class ViewBuilding(Unavailable):
    """A list asks for tables that are still being filled from the log; ``projection`` names who fills them.

    Never answered with a part of the rows. What is read by id is answered meanwhile.
    """

    code = "view_building"
    title = "What this list reads is being built"
    retry_after = 5

    def __init__(self, projection: str) -> None:
        super().__init__("", projection=projection)
        self.projection = projection


class DeadlineExceeded(Unavailable):
    """The deadline passed before the answer was certain."""

    code = "deadline_exceeded"
    status = 504
    rpc = "DEADLINE_EXCEEDED"
    title = "The answer did not come in time"


class Internal(HexkeepError):
    """A defect on our side. The cause is logged under the correlation id and never shown."""

    code = "internal"
    status = 500
    rpc = "INTERNAL"
    title = "Something went wrong on our side"


def all_errors(root: type[HexkeepError] = HexkeepError) -> Iterator[type[HexkeepError]]:
    """Every error class that is loaded, the root first, each once, children in order of definition."""
    yield root
    for child in root.__subclasses__():
        yield from all_errors(child)
