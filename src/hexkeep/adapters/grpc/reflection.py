"""Server reflection (``grpc.reflection.v1`` and ``v1alpha``): tools learn from the server what it offers.

Both versions have the same messages under two names, so one implementation serves both; what there is to tell is that
of the ``grpcio-reflection`` distribution.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from hexkeep.adapters.grpc.call import Exchange, Facts, Handle
from hexkeep.adapters.rpc.status import POOL

V1, V1_ALPHA = "grpc.reflection.v1", "grpc.reflection.v1alpha"
NAME = "ServerReflection"
SILENCE = 60.0
"""Seconds without a question after which the answers end."""
ERROR_FILES = ("google/rpc/status.proto", "google/rpc/error_details.proto")
"""What the details of errors are made of."""
SERVICES = (f"{V1}.{NAME}", f"{V1_ALPHA}.{NAME}")


class Reflection:
    """Tells of ``services``, whose types are in ``files``, and of what every server of ours has."""

    def __init__(self, services: Iterable[str], files: Iterable[FileDescriptorProto]) -> None:
        self._servicer = reflection.ReflectionServicer((*services, *SERVICES), _pool(files))

    @property
    def methods(self) -> dict[str, Handle]:
        """The services' methods by path."""
        return {f"/{service}/ServerReflectionInfo": self._serve for service in SERVICES}

    async def _serve(self, call: Exchange, facts: Facts) -> None:
        """Answer question after question, until none comes for a while: nobody holds a call open by silence."""
        while (message := await _next(call)) is not None:
            try:
                request = reflection_pb2.ServerReflectionRequest.FromString(message)
            except DecodeError:
                await call.end(grpc.StatusCode.INVALID_ARGUMENT.value[0], "This is not the message of this method")
                return
            for response in self._servicer.ServerReflectionInfo(iter((request,)), None):  # type: ignore[arg-type]  # the context is not looked at
                await call.send(response.SerializeToString())
        await call.end(grpc.StatusCode.OK.value[0])


async def _next(call: Exchange) -> bytes | None:
    try:
        async with asyncio.timeout(SILENCE):
            return await call.receive()
    except TimeoutError:
        return None


def _pool(files: Iterable[FileDescriptorProto]) -> DescriptorPool:
    pool = DescriptorPool()
    seen: set[str] = set()
    known = (any_pb2.DESCRIPTOR, duration_pb2.DESCRIPTOR, *map(POOL.FindFileByName, ERROR_FILES), health_pb2.DESCRIPTOR)
    own = [*map(_copied, known), *_both_versions()]
    for file in (*files, *own):
        if file.name not in seen:
            seen.add(file.name)
            pool.AddSerializedFile(file.SerializeToString())
    return pool


def _both_versions() -> tuple[FileDescriptorProto, FileDescriptorProto]:
    """The file of version 1 is that of its predecessor under another name."""
    former = _copied(reflection_pb2.DESCRIPTOR)
    present = FileDescriptorProto.FromString(former.SerializeToString())
    present.name = former.name.replace("v1alpha", "v1")
    present.package = V1
    for message in present.message_type:
        for field in (one for one in message.field if one.type_name):
            field.type_name = field.type_name.replace(V1_ALPHA, V1)
    for method in present.service[0].method:
        method.input_type, method.output_type = (
            name.replace(V1_ALPHA, V1) for name in (method.input_type, method.output_type)
        )
    return former, present


def _copied(file: Any) -> FileDescriptorProto:
    proto = FileDescriptorProto()
    file.CopyToProto(proto)
    return proto
