"""Schemas as ``.proto`` text, as people and code generators read it."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from inspect import cleandoc

from hexkeep.adapters.rpc.numbers import Numbers
from hexkeep.adapters.rpc.schema import Declared, File, Named, Schema
from hexkeep.adapters.rpc.shapes import Cardinality, Field, enum_names

WIDTH = 117
HEAD = "// Generated from the operations by `python -m hexkeep.adapters.rpc.proto`; do not edit.\n\n"


def text_of(file: File, schema: Schema, numbers: Numbers) -> str:
    """One file."""
    parts = [
        HEAD + f'syntax = "proto3";\n\npackage {file.package};\n',
        "\n".join(f'import "{path}";' for path in sorted(file.imports)) + "\n" if file.imports else "",
        _service(file) if file.methods else "",
        *(_enum(name, of, numbers.of(file.full(name))) for name, of in file.enums.items()),
        *(_message(file, message, schema, numbers) for message in file.messages.values()),
    ]
    return "\n".join(part for part in parts if part)


def _service(file: File) -> str:
    methods = [line for one in file.methods for line in _method(one)]
    about = f"The operations of the slice `{file.methods[0].slice}` in this API."
    return _block(f"service {file.service}", about, methods)


def _method(declared: Declared) -> Iterator[str]:
    operation = declared.operation
    stream = "stream " if operation.stream else ""
    yield from _comment(f"{operation.description}\n\nPermission: `{operation.permission}`.")
    head = f"rpc {operation.name}({declared.request}) returns ({stream}{declared.response})"
    if operation.writes or operation.stream:
        yield f"{head};"
    else:
        yield from (f"{head} {{", "  option idempotency_level = NO_SIDE_EFFECTS;", "}")


def _enum(name: str, of: type, numbers: Mapping[str, int]) -> str:
    present = tuple(enum_names(of).values())
    gone = {value: number for value, number in numbers.items() if value not in present}
    lines = [*_reserved(gone), *(f"{value} = {numbers[value]};" for value in present)]
    return _block(f"enum {name}", cleandoc(of.__doc__ or ""), lines)


def _message(file: File, message: Named, schema: Schema, numbers: Numbers) -> str:
    full = file.full(message.name)
    known, fields = numbers.of(full), message.shape.fields
    lines = list(_reserved(numbers.gone(full, (field.name for field in fields))))
    oneofs: set[str] = set()
    for field in fields:
        if not field.oneof:
            lines += _field(field, file, schema, known)
        elif field.oneof not in oneofs:
            oneofs.add(field.oneof)
            members = [one for one in fields if one.oneof == field.oneof]
            inner = [line for one in members for line in _field(one, file, schema, known, commented=False)]
            lines += [*_comment(field.doc), f"oneof {field.oneof} {{", *(f"  {line}" for line in inner), "}"]
    return _block(f"message {message.name}", message.shape.doc or message.doc, lines)


def _field(
    field: Field, file: File, schema: Schema, numbers: Mapping[str, int], *, commented: bool = True
) -> Iterator[str]:
    name = field.kind.value if field.of is None else schema.full(field.of).removeprefix(f"{file.package}.")
    match field.cardinality:
        case Cardinality.MAP:
            name = f"map<string, {name}>"
        case Cardinality.REPEATED:
            name = f"repeated {name}"
        case Cardinality.OPTIONAL:
            name = f"optional {name}"
    if commented:
        yield from _comment(field.doc)
    yield f"{name} {field.name} = {numbers[field.name]};"


def _reserved(gone: Mapping[str, int]) -> Iterator[str]:
    if gone:
        yield f"reserved {', '.join(str(number) for number in sorted(gone.values()))};"
        yield "reserved " + ", ".join(f'"{name}"' for name in sorted(gone)) + ";"


def _block(head: str, about: str, lines: Iterable[str]) -> str:
    inner = "".join(f"  {line}\n" for line in lines)
    comment = "".join(f"{line}\n" for line in _comment(about))
    return f"{comment}{head} {{\n{inner}}}\n" if inner else f"{comment}{head} {{}}\n"


def _comment(text: str) -> Iterator[str]:
    """Prose as comment lines; code in double backticks gets single ones, as everywhere outside Python."""
    for paragraph in re.sub("``", "`", text).strip().splitlines():
        yield from (f"// {line}" for line in textwrap.wrap(paragraph, WIDTH)) if paragraph else ("//",)
