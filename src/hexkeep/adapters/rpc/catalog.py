"""What every RPC server serves: services, methods, message classes, and both ways between messages and models."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message as Wire
from pydantic import ValidationError

from hexkeep.adapters.rpc.converters import Converter, Converters
from hexkeep.adapters.rpc.descriptors import all_descriptors
from hexkeep.adapters.rpc.numbers import Numbers
from hexkeep.adapters.rpc.schema import Declared, File, Schema
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.operation import AnyOperation, I, Message, O, Operation
from hexkeep.core.kernel.validation import invalid
from hexkeep.ports.api import Api

EXPECTED_VERSION = "expected_version"


@dataclass(frozen=True, slots=True)
class Bound(Generic[I, O]):
    """An operation as a method. ``full_name`` is ``hexkeep.management.v1.UserService.GetUser``."""

    operation: Operation[I, O]
    full_name: str
    input_class: type[Wire]
    output_class: type[Wire]
    _input: Converter
    _output: Converter

    @property
    def path(self) -> str:
        """The path of its calls: ``/hexkeep.management.v1.UserService/GetUser``."""
        service, _, method = self.full_name.rpartition(".")
        return f"/{service}/{method}"

    @property
    def streams(self) -> bool:
        """Whether it answers with a stream of messages."""
        return self.operation.stream

    @property
    def guarded(self) -> bool:
        """Whether the caller may insist on a version."""
        return EXPECTED_VERSION in self.operation.input.model_fields

    def to_input(self, message: Wire, expected_version: int | None = None) -> I:
        """The operation's input; raises ``InvalidInput`` with every violation.

        ``expected_version`` is what an ``If-Match`` header insists on, for operations that take one.
        """
        fields = self._input.read(message)
        if (
            expected_version is not None
            and self.guarded
            and fields.setdefault(EXPECTED_VERSION, expected_version) != expected_version
        ):
            raise InvalidInput("The header If-Match and the field expected_version differ")
        try:
            return self.operation.input.model_validate(fields)
        except ValidationError as error:
            raise invalid(error) from None

    def to_message(self, output: Message) -> Wire:
        """The message of an output; raises ``ValueError`` or ``TypeError`` for what has no place on the wire."""
        return self._output.write(output)

    def to_request(self, input_: Message) -> Wire:
        """The message of an input, for callers; what is ``None`` is not sent. Raises as ``to_message`` does."""
        return self._input.write(input_)

    def from_response(self, message: Wire) -> O:
        """The output that a message holds, for callers; raises ``ValidationError`` for one that is none."""
        return self.operation.output.model_validate(self._output.read(message))


AnyBound = Bound[Message, Message]


class Catalog:
    """The operations of an API but those of protocols. Built once, at start.

    Raises ``ValueError`` where names or types do not make protobuf files.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self._schema = Schema(declared)
        numbers = Numbers(self._schema)
        self._files = tuple(all_descriptors(self._schema, numbers))
        self.pool = DescriptorPool()
        for file in self._files:
            self.pool.AddSerializedFile(file.SerializeToString())
        self._converters = Converters(self._schema, numbers, self.pool)
        self.services: Mapping[str, Mapping[str, AnyBound]] = {
            file.full(file.service): {one.operation.name: self._bound(file, one) for one in file.methods}
            for file in self._schema.files.values()
            if file.methods
        }
        """By the service's full name, then by the method's name."""

    @classmethod
    def of(cls, api: Api) -> "Catalog":
        """The catalog of everything that ``api`` offers."""
        return cls(declared(api.operations(), api))

    def file_descriptors(self) -> tuple[FileDescriptorProto, ...]:
        """All files, each behind those that it imports; the well-known ones among them."""
        return self._files

    def methods(self) -> tuple[AnyBound, ...]:
        """All methods of all services."""
        return tuple(bound for service in self.services.values() for bound in service.values())

    def _bound(self, file: File, one: Declared) -> AnyBound:
        request, response = file.full(one.request), file.full(one.response)
        return Bound(
            one.operation,
            f"{file.full(file.service)}.{one.operation.name}",
            self._converters.message_class(request),
            self._converters.message_class(response),
            self._converters.of(file.messages[one.request].shape, request),
            self._converters.of(file.messages[one.response].shape, response),
        )


def declared(operations: Iterable[AnyOperation], api: Api) -> tuple[Declared, ...]:
    """Operations with the slices that ``api`` knows of them."""
    return tuple(Declared(api.slice_of(operation), operation) for operation in operations)
