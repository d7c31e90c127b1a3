"""Every error of the tree is the same code on every surface, with details for programs."""

from typing import Any

import pytest

from hexkeep.adapters.rpc.status import CODES, TYPE_URL, code_of, details_of, message_class, status_of
from hexkeep.core.kernel.errors import (
    HexkeepError,
    InvalidInput,
    Overloaded,
    ResourceExhausted,
    VersionConflict,
    Violation,
    all_errors,
)


def read(error: HexkeepError) -> tuple[Any, dict[str, Any]]:
    """The status of an error, and its details by name, read as a client does."""
    status: Any = message_class("Status").FromString(status_of(error))
    details = {}
    for one in status.details:
        name = one.type_url.removeprefix(TYPE_URL + "google.rpc.")
        details[name] = message_class(name).FromString(one.value)
    return status, details


@pytest.mark.parametrize("error", list(all_errors()), ids=lambda error: error.code)
def test_every_error_names_a_grpc_status(error: type[HexkeepError]) -> None:
    """None of them is OK."""
    assert CODES[error.rpc] > 0


def test_a_status_has_code_message_and_reason() -> None:
    """The reason is the stable code, the metadata what is safe to know."""
    status, details = read(VersionConflict(expected=3, actual=4))
    assert (status.code, status.message) == (10, VersionConflict.title)
    info = details["ErrorInfo"]
    assert (info.reason, info.domain, dict(info.metadata)) == (
        "version_conflict",
        "hexkeep",
        {"expected": "3", "actual": "4"},
    )
    assert list(details) == ["ErrorInfo"]


def test_violations_name_their_fields() -> None:
    """One each, as REST has them."""
    _, details = read(InvalidInput("", Violation("name", "is too long"), Violation("age", "is odd")))
    found = [(one.field, one.description) for one in details["BadRequest"].field_violations]
    assert found == [("name", "is too long"), ("age", "is odd")]


@pytest.mark.parametrize(("error", "seconds"), [(ResourceExhausted(retry_after=7), 7), (Overloaded(), 1)])
def test_what_passes_says_when_to_come_again(error: HexkeepError, seconds: int) -> None:
    """As the header ``Retry-After`` does."""
    _, details = read(error)
    assert details["RetryInfo"].retry_delay.seconds == seconds
    assert code_of(error) in (8, 14)
    assert [one.type_name for one in details_of(error)] == ["google.rpc.ErrorInfo", "google.rpc.RetryInfo"]
