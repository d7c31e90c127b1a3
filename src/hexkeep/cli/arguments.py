"""Input on the command line: ``key=value`` words and files become the fields of an operation's input."""

import json
import sys
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
from pydantic import BaseModel, JsonValue

STDIN = "-"


def read_fields(words: Iterable[str], file: str | None, model: type[BaseModel]) -> dict[str, JsonValue]:
    """The fields: those of the file, overridden by the words. Raises ``click.UsageError`` for what is neither."""
    fields = _from_file(file) if file else {}
    given: dict[str, JsonValue] = {}
    for word in words:
        _put(given, *_parsed(word), model)
    return {**fields, **given}


def _from_file(file: str) -> dict[str, JsonValue]:
    try:
        fields = json.loads(sys.stdin.read() if file == STDIN else Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"{file} cannot be read as JSON: {error}") from None
    if not isinstance(fields, dict):
        raise click.UsageError(f"{file} holds no JSON object")
    return fields


def _parsed(word: str) -> tuple[list[str], JsonValue]:
    """``a.b=text`` is text, ``a.b:=json`` is any JSON."""
    name, sign, value = word.partition("=")
    if not sign or not name.rstrip(":"):
        raise click.UsageError(f"{word!r} is not key=value or key:=json")
    if not name.endswith(":"):
        return name.split("."), value
    try:
        parsed: JsonValue = json.loads(value)
    except ValueError:
        raise click.UsageError(f"{name[:-1]}: {value!r} is not JSON") from None
    return name[:-1].split("."), parsed


def _put(fields: dict[str, JsonValue], path: list[str], value: JsonValue, model: type[BaseModel]) -> None:
    """Put a value into its place; text for a list is one more member of it."""
    *folders, name = path
    listed = isinstance(value, str) and _is_list(model, path)
    for folder in folders:
        inner = fields.setdefault(folder, {})
        if not isinstance(inner, dict):
            raise click.UsageError(f"{'.'.join(path)}: {folder} already has a value")
        fields = inner
    before = fields.get(name)
    if listed and isinstance(before, list):
        before.append(value)
    elif name in fields:
        raise click.UsageError(f"{'.'.join(path)} is given twice")
    else:
        fields[name] = [value] if listed else value


def _is_list(model: type[BaseModel], path: list[str]) -> bool:
    annotation: object = model
    for name in path:
        found = _model(annotation)
        if found is None or name not in found.model_fields:
            return False
        annotation = found.model_fields[name].annotation
    return any(typing.get_origin(member) is tuple for member in (annotation, *typing.get_args(annotation)))


def _model(annotation: object) -> type[BaseModel] | None:
    for member in (annotation, *typing.get_args(annotation)):
        if isinstance(member, type) and issubclass(member, BaseModel):
            return member
    return None


def describe(model: type[BaseModel], optional: Mapping[str, str] | None = None) -> list[tuple[str, str]]:
    """The fields of an input for a help page: name, then type, whether it is needed and what it means."""
    schema = model.model_json_schema(mode="validation")
    required = set(schema.get("required", ()))
    rows = []
    for name, field in schema.get("properties", {}).items():
        kind = _kind(field, schema.get("$defs", {}))
        need = "needed" if name in required else f"default {json.dumps(field['default'])}" if "default" in field else ""
        text = (optional or {}).get(name) or field.get("description", "")
        rows.append((name, "; ".join(part for part in (kind, need, text) if part)))
    return rows


def _kind(field: Mapping[str, typing.Any], definitions: Mapping[str, typing.Any]) -> str:
    """A type in a word or two."""
    if "$ref" in field:
        return _kind(definitions[field["$ref"].rpartition("/")[2]], definitions)
    if "enum" in field:
        return " | ".join(map(str, field["enum"]))
    if "anyOf" in field:
        return " | ".join(_kind(one, definitions) for one in field["anyOf"] if one.get("type") != "null")
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}), definitions)}"
    return {"date-time": "time", "duration": "duration"}.get(field.get("format", ""), str(field.get("type", "object")))


SAMPLES = {"integer": ":=1", "number": ":=1", "boolean": ":=true", "object": ":={…}"}
"""What stands for a value of a type in an example."""


def example(model: type[BaseModel]) -> list[str]:
    """The words of a call that gives what is needed and leaves the rest out."""
    schema = model.model_json_schema(mode="validation")
    fields, definitions = schema.get("properties", {}), schema.get("$defs", {})
    return [_word(name, fields[name], definitions) for name in schema.get("required", ())]


def _word(name: str, field: Mapping[str, typing.Any], definitions: Mapping[str, typing.Any]) -> str:
    kind = _kind(field, definitions)
    if " | " in kind:
        return f"{name}={kind.partition(' | ')[0]}"
    return name + SAMPLES.get(kind, "=…")
