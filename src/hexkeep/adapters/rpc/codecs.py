"""Messages as bytes, binary and ProtoJSON, and gzip. What cannot be read is refused in words of our own."""

import gzip
import logging
from typing import Any, TypeVar

from connectrpc.codec import Codec
from connectrpc.compression import Compression
from connectrpc.compression.gzip import GzipCompression
from connectrpc.errors import ConnectError
from google.protobuf.message import Message as Wire

from hexkeep.adapters.asgi.json_text import load
from hexkeep.adapters.rpc.failures import failure
from hexkeep.adapters.rpc.json_forms import JsonForms
from hexkeep.core.kernel.errors import Internal, InvalidInput

LOG = logging.getLogger(__name__)
W = TypeVar("W", bound=Wire)
Data = bytes | bytearray
LEVEL = 3
WORTHWHILE = 1000
"""Bytes below which an answer fits into one packet anyway."""


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

    Unknown fields are refused: whoever misspells one learns of it. So are fields given twice.
    """

    def __init__(self, forms: JsonForms, depth: int) -> None:
        self._forms = forms
        self._depth = depth

    def name(self) -> str:
        """As in ``application/json``."""
        return "json"

    def encode(self, message: Wire) -> bytes:
        """The text of a message."""
        try:
            return self._forms.write(message)
        except Exception as error:
            LOG.exception("%s has no JSON form", message.DESCRIPTOR.full_name)
            raise failure(Internal()) from error

    def decode(self, data: Data, message_class: type[W]) -> W:
        """The message in ``data``; raises the failure of ``InvalidInput``."""
        try:
            value = load(bytes(data), self._depth)
            return message_class.FromString(self._forms.read(value, message_class.DESCRIPTOR.full_name))
        except Exception as error:
            raise failure(InvalidInput(f"The message is not ProtoJSON of {message_class.DESCRIPTOR.name}")) from error


class Gzip(Compression):
    """gzip, which every client has."""

    def __init__(self) -> None:
        self._inner = GzipCompression()

    def name(self) -> str:
        """As in ``Content-Encoding``."""
        return "gzip"

    def compress(self, data: Data | memoryview) -> bytes:
        """Smaller, where that is worth the time."""
        return gzip.compress(data, compresslevel=LEVEL if len(data) > WORTHWHILE else 0, mtime=0)

    def decompress(self, data: Data | memoryview, read_max_bytes: int | None = None) -> bytes:
        """What was compressed, up to ``read_max_bytes``; raises the failure of ``InvalidInput``."""
        try:
            return self._inner.decompress(data, read_max_bytes)
        except ConnectError:
            raise  # it is too large, and says so
        except Exception as error:
            raise failure(InvalidInput("The message is not compressed with gzip")) from error
