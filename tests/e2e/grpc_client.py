"""A gRPC client that knows nothing of Hexkeep: grpcio, and what server reflection tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import grpc
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

WAITING = 30.0
"""Seconds for an answer on a machine that is busy with other things."""
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answered:
    """A message as JSON has it, and the metadata around it."""

    fields: dict[str, Any]
    initial: Mapping[str, str]
    trailing: Mapping[str, str | bytes]


class Grpc:
    """A channel to ``target``, over TLS where clients ``trust`` a certificate; ``authority`` is what it asks for."""

    def __init__(self, target: str, *, trust: bytes = b"", authority: str = "", options: Pairs = ()) -> None:
        chosen = [*options, *([("grpc.default_authority", authority)] if authority else [])]
        if trust:
            self.channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(trust), chosen)
        else:
            self.channel = grpc.insecure_channel(target, chosen)
        self.reflected = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = DescriptorPool(self.reflected)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.channel.close()

    def call(self, method: str, fields: Mapping[str, Any] | None = None, **options: Any) -> Answered:
        """The answer to ``package.Service/Method``; raises ``grpc.RpcError``."""
        stub, request = self._stub(method, fields, stream=False)
        message, call = stub.with_call(request, **{"timeout": WAITING, **options})
        return Answered(_fields(message), dict(call.initial_metadata()), dict(call.trailing_metadata() or ()))

    def send(self, path: str, message: bytes) -> bytes:
        """The answer to bytes, whatever they are; raises ``grpc.RpcError``."""
        make: Any = self.channel.unary_unary
        answer: bytes = make(path)(message, timeout=WAITING)
        return answer

    def stream(self, method: str, fields: Mapping[str, Any] | None = None, **options: Any) -> Any:
        """A call whose answers come one by one."""
        stub, request = self._stub(method, fields, stream=True)
        return stub(request, **{"timeout": WAITING, **options})

    def _stub(self, method: str, fields: Mapping[str, Any] | None, *, stream: bool) -> tuple[Any, Any]:
        service, name = method.split("/")
        descriptor = self.pool.FindServiceByName(service).FindMethodByName(name)
        sent, answered = (
            message_factory.GetMessageClass(one) for one in (descriptor.input_type, descriptor.output_type)
        )
        make = self.channel.unary_stream if stream else self.channel.unary_unary
        stub = make(f"/{method}", request_serializer=sent.SerializeToString, response_deserializer=answered.FromString)
        return stub, json_format.ParseDict(dict(fields or {}), sent())


def bearer(token: str) -> tuple[str, str]:
    """The metadata that says who calls."""
    return ("authorization", f"Bearer {token}")


def _fields(message: Any) -> dict[str, Any]:
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
