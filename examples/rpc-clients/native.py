"""Lists projects over native gRPC, with what the server tells of itself: no generated code is needed."""

import sys

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

SERVICE = "hexkeep.management.v1.ProjectService"


def projects(channel: grpc.Channel, token: str) -> list[str]:
    """The names of the projects that the caller may read, page by page."""
    service = DescriptorPool(ProtoReflectionDescriptorDatabase(channel)).FindServiceByName(SERVICE)
    method = service.FindMethodByName("ListProjects")
    request_class, answer_class = GetMessageClass(method.input_type), GetMessageClass(method.output_type)
    call = channel.unary_unary(
        f"/{SERVICE}/{method.name}",
        request_serializer=request_class.SerializeToString,
        response_deserializer=answer_class.FromString,
    )
    metadata = [("authorization", f"Bearer {token}")]
    names, cursor = [], ""
    while True:
        page = call(request_class(limit=100, cursor=cursor), metadata=metadata, timeout=10)
        names += [project.name for project in page.projects]
        cursor = page.next_cursor
        if not cursor:
            return names


if __name__ == "__main__":
    target, authority, bearer = sys.argv[1:]
    with grpc.insecure_channel(target, [("grpc.default_authority", authority)]) as opened:
        print("\n".join(projects(opened, bearer)))
