"""Messages as bytes, binary and ProtoJSON, and gzip. What cannot be read is refused in words of our own."""

import json
import logging
from typing import Any, TypeVar

from connectrpc.codec import Codec
from connectrpc.compression import Compression
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from google.protobuf import json_format
from google.protobuf.message import Message as Wire

from hexkeep.adapters.rpc.failures import failure
from hexkeep.core.kernel.errors import Internal, InvalidInput

LOG = logging.getLogger(__name__)
W = TypeVar("W", bound=Wire)
Data = bytes | bytearray


class BinaryCodec(Codec[Wire, Any]):
    """The protobuf wire format. Unknown fields are passed over, as protobuf has it."""

    def name(self) -> str:
        """As in ``application/proto``."""
        return "proto"

    def encode(self, message: Wire) -> bytes:
        """The bytes of a message."""
        return message.SerializeToString()

    def decode(self, data: Data, message_class: type[W]) -> W:
        """The message in ``data``; raises the failure of ``InvalidInput``."""
        try:
            return message_class.FromString(bytes(data))
        except Exception as error:
            raise failure(InvalidInput("The message is not in the protobuf wire format")) from error


class JsonCodec(Codec[Wire, Any]):
    """ProtoJSON, written with the names of the ``.proto`` files and with zeros; read with either name of a field.

    Unknown fields are refused: whoever misspells one learns of it.
    """

    def __init__(self, depth: int) -> None:
        self._depth = depth

    def name(self) -> str:
        """As in ``application/json``."""
        return "json"

    def encode(self, message: Wire) -> bytes:
        """The text of a message."""
        try:
            fields = json_format.MessageToDict(
                message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True
            )
        except Exception as error:
            LOG.exception("%s has no JSON form", message.DESCRIPTOR.full_name)
            raise failure(Internal()) from error
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, data: Data, message_class: type[W]) -> W:
        """The message in ``data``; raises the failure of ``InvalidInput``."""
        try:
            _insist_on_an_object(data)
            return json_format.Parse(bytes(data), message_class(), max_recursion_depth=self._depth)
        except (Exception, RecursionError) as error:
            raise failure(InvalidInput(f"The message is not ProtoJSON of {message_class.DESCRIPTOR.name}")) from error


def _insist_on_an_object(data: Data) -> None:
    """The library takes a list for a message without fields."""
    if data.lstrip()[:1] != b"{":
        raise ValueError("no JSON object")


class Gzip(Compression):
    """gzip, which every client has."""

    def __init__(self) -> None:
        self._inner = GzipCompression(level=3)

    def name(self) -> str:
        """As in ``Content-Encoding``."""
        return "gzip"

    def compress(self, data: Data | memoryview) -> bytes:
        """Smaller, where that is possible."""
        return self._inner.compress(data)

    def decompress(self, data: Data | memoryview, read_max_bytes: int | None = None) -> bytes:
        """What was compressed, up to ``read_max_bytes``; raises the failure of ``InvalidInput``."""
        try:
            return self._inner.decompress(data, read_max_bytes)
        except ConnectError:
            raise  # it is too large, and says so
        except Exception as error:
            raise failure(InvalidInput("The message is not compressed with gzip")) from error
