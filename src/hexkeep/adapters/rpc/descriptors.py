"""Protobuf descriptors of a schema, as servers and reflection need them."""

from collections.abc import Iterable, Mapping

from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    MethodOptions,
)

from hexkeep.adapters.rpc.numbers import Numbers
from hexkeep.adapters.rpc.schema import Declared, File, Named, Schema
from hexkeep.adapters.rpc.shapes import Cardinality, Field, Kind, enum_names

WELL_KNOWN = (timestamp_pb2, duration_pb2, field_mask_pb2)
TYPES = {
    Kind.STRING: FieldDescriptorProto.TYPE_STRING,
    Kind.INT64: FieldDescriptorProto.TYPE_INT64,
    Kind.BOOL: FieldDescriptorProto.TYPE_BOOL,
    Kind.DOUBLE: FieldDescriptorProto.TYPE_DOUBLE,
    Kind.BYTES: FieldDescriptorProto.TYPE_BYTES,
    Kind.ENUM: FieldDescriptorProto.TYPE_ENUM,
}
"""The types of what is no message."""


def well_known_files() -> tuple[FileDescriptorProto, ...]:
    """The files that every schema builds on."""
    return tuple(FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb) for module in WELL_KNOWN)


def ordered(schema: Schema) -> tuple[File, ...]:
    """The files with those they import before them; raises ``ValueError`` where they import each other."""
    done: dict[str, File] = {}

    def visit(file: File, within: tuple[str, ...]) -> None:
        if file.path in within:
            raise ValueError(f"{' imports '.join((*within, file.path))}: types of two slices hold each other")
        for path in sorted(file.imports & schema.files.keys()):
            visit(schema.files[path], (*within, file.path))
        done.setdefault(file.path, file)

    for file in schema.files.values():
        visit(file, ())
    return tuple(done.values())


def file_descriptor(file: File, schema: Schema, numbers: Numbers) -> FileDescriptorProto:
    """One file, with the numbers its fields have."""
    descriptor = FileDescriptorProto(
        name=file.path, package=file.package, syntax="proto3", dependency=sorted(file.imports)
    )
    for name, of in file.enums.items():
        descriptor.enum_type.append(_enum(name, of, numbers.of(file.full(name))))
    for message in file.messages.values():
        descriptor.message_type.append(_message(file, message, schema, numbers))
    if file.methods:
        service = descriptor.service.add(name=file.service)
        for declared in file.methods:
            _add_method(service.method.add(), file, declared)
    return descriptor


def _add_method(method: MethodDescriptorProto, file: File, declared: Declared) -> None:
    method.name = declared.operation.name
    method.input_type = f".{file.full(declared.request)}"
    method.output_type = f".{file.full(declared.response)}"
    if declared.operation.stream:
        method.server_streaming = True
    elif not declared.operation.writes:
        method.options.idempotency_level = MethodOptions.NO_SIDE_EFFECTS


def _enum(name: str, of: type, numbers: Mapping[str, int]) -> EnumDescriptorProto:
    descriptor = EnumDescriptorProto(name=name)
    present = tuple(enum_names(of).values())
    for value in present:
        descriptor.value.add(name=value, number=numbers[value])
    for gone, number in numbers.items():
        if gone not in present:
            descriptor.reserved_name.append(gone)
            descriptor.reserved_range.add(start=number, end=number)
    return descriptor


def _message(file: File, message: Named, schema: Schema, numbers: Numbers) -> DescriptorProto:
    descriptor = DescriptorProto(name=message.name)
    known = numbers.of(file.full(message.name))
    oneofs = list(dict.fromkeys(field.oneof for field in message.shape.fields if field.oneof))
    for name in oneofs:
        descriptor.oneof_decl.add(name=name)
    for field in message.shape.fields:
        one = descriptor.field.add(name=field.name, number=known[field.name], json_name=json_name(field.name))
        _set_type(one, field, schema)
        if field.cardinality is Cardinality.MAP:
            _make_map(one, descriptor, f".{file.full(message.name)}")
        if field.oneof:
            one.oneof_index = oneofs.index(field.oneof)
    for gone, number in numbers.gone(file.full(message.name), (field.name for field in message.shape.fields)).items():
        descriptor.reserved_name.append(gone)
        descriptor.reserved_range.add(start=number, end=number + 1)
    optional = [field for field in message.shape.fields if field.cardinality is Cardinality.OPTIONAL]
    for field in optional:
        one = next(one for one in descriptor.field if one.name == field.name)
        one.proto3_optional = True
        one.oneof_index = len(descriptor.oneof_decl)
        descriptor.oneof_decl.add(name=f"_{field.name}")
    return descriptor


def json_name(name: str) -> str:
    """``next_cursor`` as ``nextCursor``: what ProtoJSON calls a field beside its own name."""
    first, *others = name.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in others)


def _set_type(one: FieldDescriptorProto, field: Field, schema: Schema) -> None:
    plural = field.cardinality is Cardinality.REPEATED
    one.label = FieldDescriptorProto.LABEL_REPEATED if plural else FieldDescriptorProto.LABEL_OPTIONAL
    one.type = TYPES.get(field.kind, FieldDescriptorProto.TYPE_MESSAGE)
    if field.of is not None:
        one.type_name = f".{schema.full(field.of)}"
    elif field.kind not in TYPES:
        one.type_name = f".{field.kind.value}"


def _make_map(one: FieldDescriptorProto, message: DescriptorProto, full_name: str) -> None:
    """A map is a list of entries, whose type lies inside the message."""
    entry = message.nested_type.add(name="".join(part.capitalize() for part in one.name.split("_")) + "Entry")
    entry.options.map_entry = True
    entry.field.add(
        name="key", number=1, type=FieldDescriptorProto.TYPE_STRING, label=FieldDescriptorProto.LABEL_OPTIONAL
    )
    value = entry.field.add(name="value", number=2, type=one.type, label=FieldDescriptorProto.LABEL_OPTIONAL)
    if one.type_name:
        value.type_name = one.type_name
    one.ClearField("type_name")
    one.type, one.label = FieldDescriptorProto.TYPE_MESSAGE, FieldDescriptorProto.LABEL_REPEATED
    one.type_name = f"{full_name}.{entry.name}"


def all_descriptors(schema: Schema, numbers: Numbers) -> Iterable[FileDescriptorProto]:
    """Every file, in an order in which a pool takes them."""
    return (*well_known_files(), *(file_descriptor(file, schema, numbers) for file in ordered(schema)))
