"""ProtoJSON by way of the wire format: protobuf-py reads and writes JSON many times faster than google's runtime.

Google's runtime (upb) is in turn the faster one in binary, and the one that grpcio's services take, so the messages are
its own. Both agree on every byte of the wire format.
"""

from collections.abc import Iterable
from functools import cached_property

from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.message import Message as Wire
from protobuf import Message as Form
from protobuf import Registry, message_from_json_value

# Files that are described at run time have no public way into a registry; the extra `rpc` holds the library's version.
from protobuf._file_registry import add_file
from protobuf.wkt import Duration, FieldMask, Timestamp
from protobuf.wkt import FileDescriptorProto as Described
from pydantic import JsonValue


class JsonForms:
    """Both ways for the messages that ``files`` describe, each file behind those that it imports.

    The files are read when the first JSON comes: many a process sees none, and all would start later.
    """

    def __init__(self, files: Iterable[FileDescriptorProto]) -> None:
        self._files = tuple(files)
        self._forms: dict[str, type[Form]] = {}

    @cached_property
    def _registry(self) -> Registry:
        registry = Registry()
        for known in (Timestamp, Duration, FieldMask):
            registry.add(known.desc().file)
        for file in self._files:
            if registry.file(file.name) is None:
                add_file(registry, Described.from_binary(file.SerializeToString()), None)
        return registry

    def write(self, message: Wire) -> bytes:
        """The JSON text, with the names of the ``.proto`` files and with zeros of fields without presence."""
        form = self._form(message.DESCRIPTOR.full_name).from_binary(message.SerializeToString())
        return form.to_json(always_emit_implicit=True, use_proto_field_name=True).encode()

    def read(self, value: JsonValue, full_name: str) -> bytes:
        """The bytes of the message whose JSON form ``value`` is; raises ``ValueError`` or ``TypeError``."""
        return message_from_json_value(self._form(full_name), value).to_binary()

    def _form(self, full_name: str) -> type[Form]:
        """The class of a message; raises ``KeyError`` for one that is not described."""
        form = self._forms.get(full_name)
        if form is None:
            described = self._registry.message(full_name)
            if described is None:
                raise KeyError(full_name)
            form = self._forms[full_name] = described.type
        return form
