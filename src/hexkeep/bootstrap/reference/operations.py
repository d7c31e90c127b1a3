"""The page of all operations."""

from collections.abc import Sequence

from hexkeep.bootstrap.reference.table import table
from hexkeep.core.kernel.operation import AnyOperation, ApiName
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.slices import SLICES

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the docstrings of the handlers instead. -->

# Operations

Every use of Hexkeep is an operation. Each is offered over REST at the path given here, by `hexkeep call`, and to
embedding programs; those without a path serve protocols and processes alone. A running server shows the fields of each
at `/docs` and as OpenAPI 3.1 at `/openapi.json`. How calls and answers look on the wire: [REST](rest.md). The page of
each slice tells all about its operations: fields, events, errors.

The permission is held at the instance, the organization or the project concerned; `authenticated` is enough for
callers who act for themselves, `public` asks nobody. A key marks operations that accept an `Idempotency-Key`, a stream
those that go on as long as there is something new.
"""


def operations_page(slices: Sequence[Slice] = SLICES) -> str:
    """The operations of ``slices``, slice by slice."""
    return INTRODUCTION + "".join(_section(one) for one in slices if one.operations)


def _section(one: Slice) -> str:
    head = ("Operation", "REST", "Permission", "What it does")
    told = any(operation.api is not ApiName.PROTOCOL for operation in one.operations)
    title = f"[{one.name}](api/{one.name}.md)" if told else one.name
    return f"\n## {title}\n\n{table(head, map(_row, one.operations))}"


def _row(operation: AnyOperation) -> tuple[str, ...]:
    rest = f"`{operation.http.method.value} {operation.http.path}`" if operation.http else ""
    key = " (key)" if operation.idempotent else " (stream)" if operation.stream else ""
    return (
        f"`{operation.name}`{key}",
        rest,
        f"`{operation.permission or 'public'}`",
        operation.summary.replace("``", "`"),
    )
