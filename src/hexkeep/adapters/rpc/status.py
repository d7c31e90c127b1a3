"""Errors as ``google.rpc.Status``: the gRPC code of the one error tree, with details that programs can read.

Details are those of ``google/rpc/error_details.proto``: ``ErrorInfo`` has the stable code as its reason, ``BadRequest``
a violation per field, ``RetryInfo`` when to come again. Their descriptors are made here, in a pool of their own, so
that nothing clashes with a program that has them from elsewhere.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import any_pb2, duration_pb2, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from hexkeep.core.kernel.errors import HexkeepError, InvalidInput, ResourceExhausted, Unavailable, Violation

DOMAIN = "hexkeep"
TYPE_URL = "type.googleapis.com/"
VIOLATIONS = 3000
"""Bytes of the violations that are told. In gRPC details are metadata, of which clients and proxies take some 8 KiB.

Where it is more they refuse the whole answer."""
LONGEST = 200
"""Characters of a violation's field and of its description: both may hold names that the caller made up."""

CODES: Mapping[str, int] = {
    name: number
    for number, name in enumerate(
        (
            "OK",
            "CANCELLED",
            "UNKNOWN",
            "INVALID_ARGUMENT",
            "DEADLINE_EXCEEDED",
            "NOT_FOUND",
            "ALREADY_EXISTS",
            "PERMISSION_DENIED",
            "RESOURCE_EXHAUSTED",
            "FAILED_PRECONDITION",
            "ABORTED",
            "OUT_OF_RANGE",
            "UNIMPLEMENTED",
            "INTERNAL",
            "UNAVAILABLE",
            "DATA_LOSS",
            "UNAUTHENTICATED",
        )
    )
}
"""The numbers of the status names (``google/rpc/code.proto``)."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One detail: the full name of its message, and its bytes."""

    type_name: str
    value: bytes


def code_of(error: HexkeepError) -> int:
    """The number of the gRPC status."""
    return CODES[error.rpc]


def details_of(error: HexkeepError) -> tuple[Detail, ...]:
    """What a program may want to know of an error."""
    found = [_ERROR_INFO(reason=error.code, domain=DOMAIN, metadata=dict(error.details))]
    if isinstance(error, InvalidInput) and error.violations:
        found.append(_bad_request(error.violations))
    if isinstance(error, ResourceExhausted | Unavailable):
        found.append(_RETRY_INFO(retry_delay={"seconds": error.retry_after}))
    return tuple(Detail(one.DESCRIPTOR.full_name, one.SerializeToString()) for one in found)


def _bad_request(violations: Iterable[Violation]) -> Any:  # see message_class
    """The first violations, as many as there is room for."""
    told = _BAD_REQUEST()
    for one in violations:
        told.field_violations.add(field=one.field[:LONGEST], description=one.message[:LONGEST])
        if told.ByteSize() > VIOLATIONS:
            del told.field_violations[-1]
            break
    return told


def status_of(error: HexkeepError) -> bytes:
    """The serialized ``google.rpc.Status``, as ``grpc-status-details-bin`` carries it."""
    details = [{"type_url": TYPE_URL + one.type_name, "value": one.value} for one in details_of(error)]
    encoded: bytes = _STATUS(code=code_of(error), message=error.message, details=details).SerializeToString()
    return encoded


def _field(message: DescriptorProto, name: str, number: int, of: str = "", *, repeated: bool = False) -> None:
    """Add a text field, or one of the message type ``of``."""
    label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
    kind = FieldDescriptorProto.TYPE_MESSAGE if of else FieldDescriptorProto.TYPE_STRING
    message.field.add(name=name, number=number, label=label, type=kind, type_name=of or None)


def _details_file() -> FileDescriptorProto:
    file = FileDescriptorProto(
        name="google/rpc/error_details.proto",
        package="google.rpc",
        syntax="proto3",
        dependency=["google/protobuf/duration.proto"],
    )
    info = file.message_type.add(name="ErrorInfo")
    entry = info.nested_type.add(name="MetadataEntry")
    entry.options.map_entry = True
    _field(entry, "key", 1)
    _field(entry, "value", 2)
    _field(info, "reason", 1)
    _field(info, "domain", 2)
    _field(info, "metadata", 3, ".google.rpc.ErrorInfo.MetadataEntry", repeated=True)
    request = file.message_type.add(name="BadRequest")
    violation = request.nested_type.add(name="FieldViolation")
    _field(violation, "field", 1)
    _field(violation, "description", 2)
    _field(request, "field_violations", 1, ".google.rpc.BadRequest.FieldViolation", repeated=True)
    _field(file.message_type.add(name="RetryInfo"), "retry_delay", 1, ".google.protobuf.Duration")
    return file


def _status_file() -> FileDescriptorProto:
    file = FileDescriptorProto(
        name="google/rpc/status.proto",
        package="google.rpc",
        syntax="proto3",
        dependency=["google/protobuf/any.proto"],
    )
    status = file.message_type.add(name="Status")
    status.field.add(
        name="code", number=1, label=FieldDescriptorProto.LABEL_OPTIONAL, type=FieldDescriptorProto.TYPE_INT32
    )
    _field(status, "message", 2)
    _field(status, "details", 3, ".google.protobuf.Any", repeated=True)
    return file


POOL = DescriptorPool()
"""Where the messages of statuses are described."""
for _known in (any_pb2, duration_pb2):
    POOL.AddSerializedFile(_known.DESCRIPTOR.serialized_pb)
for _file in (_details_file(), _status_file()):
    POOL.AddSerializedFile(_file.SerializeToString())


def message_class(name: str) -> Any:  # the classes are made at run time, so no checker knows their fields
    """The class of a message of ``google.rpc``; raises ``KeyError`` for one that is not used here."""
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"google.rpc.{name}"))


_STATUS, _ERROR_INFO, _BAD_REQUEST, _RETRY_INFO = map(message_class, ("Status", "ErrorInfo", "BadRequest", "RetryInfo"))
