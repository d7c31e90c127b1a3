"""Models to protobuf messages and back, by plans that are made once per model.

What a message cannot say is handed to pydantic as something that it refuses, so that a caller learns of everything
that is wrong at once, in the same words as on every surface.
"""

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast

from google.protobuf import message_factory
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message as Wire
from pydantic import BaseModel

from hexkeep.adapters.rpc.numbers import Numbers
from hexkeep.adapters.rpc.schema import Schema
from hexkeep.adapters.rpc.shapes import (
    UNSPECIFIED,
    ZEROS,
    Cardinality,
    Field,
    Kind,
    Shape,
    enum_names,
    shape_of,
)

Values = dict[str, object]
Read = Callable[[Any], object]
"""A value as protobuf gives it, as pydantic takes it."""
Write = Callable[[Any], object]
"""A value as a model has it, as protobuf takes it."""

REFUSED = object()
"""Stands for what has no value: no field takes it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NANOS = 1_000_000_000


class Converter(Protocol):
    """Both ways for one model."""

    def read(self, message: Wire) -> Values:
        """The fields that a message has, by name."""

    def write(self, model: BaseModel) -> Wire:
        """The message of a model; raises ``ValueError`` or ``TypeError`` for a value with no place on the wire."""


class Converters:
    """The converters of a schema, over the message classes of ``pool``."""

    def __init__(self, schema: Schema, numbers: Numbers, pool: DescriptorPool) -> None:
        self._schema = schema
        self._numbers = numbers
        self._pool = pool
        self._shared: dict[type, _Converter] = {}

    def of(self, shape: Shape, full_name: str) -> Converter:
        """The converter for the message of that name."""
        return self._filled(_Converter(self.message_class(full_name)), shape)

    def message_class(self, full_name: str) -> type[Wire]:
        """The class of a message; raises ``KeyError`` for an unknown name."""
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(full_name))

    def _filled(self, converter: "_Converter", shape: Shape) -> "_Converter":
        for field in shape.fields:
            read, write = self._ways(field)
            converter.learn(field, _plural_read(field, read), _plural_write(field, write))
        converter.constants = dict(shape.constants)
        return converter

    def _ways(self, field: Field) -> tuple[Read, Write]:
        match field.kind:
            case Kind.MESSAGE:
                shared = self._of_model(cast("type[BaseModel]", field.of))
                return shared.read, shared.write
            case Kind.ENUM:
                return self._of_enum(cast("type", field.of))
            case Kind.TIMESTAMP:
                return _read_timestamp, _timestamp_writer(self.message_class(field.kind.value))
            case Kind.DURATION:
                return _read_duration, _duration_writer(self.message_class(field.kind.value))
            case Kind.FIELD_MASK:
                return _read_mask, _mask_writer(self.message_class(field.kind.value))
            case Kind.DOUBLE:
                return _read_double, _same
            case _:
                return _same, _same

    def _of_model(self, model: type[BaseModel]) -> "_Converter":
        """The one converter of a shared model, which may hold itself."""
        if model not in self._shared:
            converter = self._shared[model] = _Converter(self.message_class(self._schema.full(model)))
            self._filled(converter, shape_of(model))
        return self._shared[model]

    def _of_enum(self, of: type) -> tuple[Read, Write]:
        numbers = self._numbers.of(self._schema.full(of))
        by_value = {value: numbers[name] for value, name in enum_names(of).items()}
        by_number: dict[int, object] = {number: value for value, number in by_value.items()}
        if UNSPECIFIED not in {getattr(member, "value", None) for member in cast("Any", of)}:
            by_number[0] = None
        return (lambda number: by_number.get(number, number)), by_value.__getitem__


class _Converter:
    """One message's plan."""

    def __init__(self, message_class: type[Wire]) -> None:
        self._class = message_class
        self._readers: dict[str, tuple[str, Read]] = {}
        self._zeros: Values = {}
        self._writers: dict[str, tuple[str, Write]] = {}
        self._unions: dict[str, tuple[str, dict[str, tuple[str, Write]]]] = {}
        self.constants: dict[str, str] = {}

    def learn(self, field: Field, read: Read, write: Write) -> None:
        """Add a field."""
        if field.oneof:
            known = self._unions.setdefault(field.attribute, (field.discriminator, {}))
            known[1][field.tag] = (field.name, write)
            read = _tagged(read, field.discriminator, field.tag)
        else:
            self._writers[field.attribute] = (field.name, write)
        self._readers[field.name] = (field.attribute, read)
        if field.required and field.nullable:
            self._zeros[field.attribute] = None  # absent is the only way to say it
        elif field.required:
            for zero in _zero(field):
                self._zeros[field.attribute] = zero

    def read(self, message: Wire) -> Values:
        """The fields that are set, and the zeros of those that have to be given."""
        values = {**self.constants, **self._zeros}
        readers = self._readers
        for descriptor, value in message.ListFields():
            name, read = readers[descriptor.name]
            values[name] = read(value)
        return values

    def write(self, model: BaseModel) -> Wire:
        """All fields but those that are ``None``."""
        values, wire = model.__dict__, {}
        for attribute, (name, write) in self._writers.items():
            value = values[attribute]
            if value is not None:
                wire[name] = write(value)
        for attribute, (discriminator, members) in self._unions.items():
            value = values[attribute]
            if value is not None:
                name, write = members[getattr(value, discriminator)]
                wire[name] = write(value)
        return self._class(**wire)


def _zero(field: Field) -> tuple[object, ...]:
    """What an absent field that has to be given means, if it means anything."""
    match field.cardinality:
        case Cardinality.REPEATED:
            return ((),)
        case Cardinality.MAP:
            return ({},)
        case _ if field.kind is Kind.ENUM:
            named = [member.value for member in cast("Any", field.of) if member.value == UNSPECIFIED]
            return tuple(named)
        case _:
            return (ZEROS[field.kind],) if field.kind in ZEROS else ()


def _plural_read(field: Field, read: Read) -> Read:
    match field.cardinality:
        case Cardinality.REPEATED:
            return tuple if read is _same else lambda values: tuple([read(value) for value in values])
        case Cardinality.MAP:
            return dict if read is _same else lambda values: {key: read(value) for key, value in values.items()}
        case _:
            return read


def _plural_write(field: Field, write: Write) -> Write:
    if write is _same:
        return _same
    match field.cardinality:
        case Cardinality.REPEATED:
            return lambda values: [write(value) for value in values]
        case Cardinality.MAP:
            return lambda values: {key: write(value) for key, value in values.items()}
        case _:
            return write


def _tagged(read: Read, discriminator: str, tag: str) -> Read:
    def tagged(value: object) -> object:
        return {**cast("Mapping[str, object]", read(value)), discriminator: tag}

    return tagged


def _same(value: object) -> object:
    return value


def _read_double(value: float) -> object:
    return value if math.isfinite(value) else REFUSED


def _read_timestamp(value: Any) -> object:
    try:
        return EPOCH + _delta(value)
    except (OverflowError, ValueError):
        return REFUSED


def _read_duration(value: Any) -> object:
    try:
        return _delta(value)
    except (OverflowError, ValueError):
        return REFUSED


def _delta(value: Any) -> timedelta:
    if not -NANOS < value.nanos < NANOS:
        raise ValueError("not less than a second")
    return timedelta(seconds=value.seconds, microseconds=int(value.nanos / 1000))


def _read_mask(value: Any) -> object:
    return ",".join(value.paths)


def _timestamp_writer(message_class: Any) -> Write:
    def write(value: datetime) -> object:
        since = (value if value.tzinfo else value.replace(tzinfo=UTC)) - EPOCH
        return message_class(seconds=since.days * 86400 + since.seconds, nanos=since.microseconds * 1000)

    return write


def _duration_writer(message_class: Any) -> Write:
    def write(value: timedelta) -> object:
        length = abs(value)
        sign = 1 if value >= timedelta(0) else -1
        seconds, nanos = length.days * 86400 + length.seconds, length.microseconds * 1000
        return message_class(seconds=sign * seconds, nanos=sign * nanos)

    return write


def _mask_writer(message_class: Any) -> Write:
    def write(value: str) -> object:
        return message_class(paths=[path for path in value.split(",") if path])

    return write
