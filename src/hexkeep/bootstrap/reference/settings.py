"""The page of all settings."""

import typing
from collections.abc import Iterator
from datetime import timedelta
from enum import Enum

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hexkeep.bootstrap.adapters import BUILT_IN, defaults
from hexkeep.bootstrap.durations import format_duration
from hexkeep.bootstrap.loading import variable
from hexkeep.bootstrap.reference.table import table
from hexkeep.bootstrap.reference.type_names import type_name
from hexkeep.bootstrap.registry import AdapterRegistry
from hexkeep.bootstrap.settings import DataSettings, RoleSettings, RolesSettings, Settings

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the descriptions of the settings models instead. -->

# Settings

Every setting has a default that works. Values come from, the first one that has a word:

1. arguments: options of `hexkeep serve`, or what an embedding program passes;
2. environment variables: `HEXKEEP_`, the section, `__`, the name: `HEXKEEP_SERVER__PORT=9000`; lists are separated by
   commas or written as JSON;
3. the file `hexkeep.toml` in the present folder, or the one named by `HEXKEEP_CONFIG` or `hexkeep --config`;
4. the default.

What is not in these tables is an error, in the file as in the environment, and `hexkeep config check` tells all errors
at once. Durations are written `30s`, `15m`, `12h` or `90d`. Two more variables are no settings: `HEXKEEP_CONFIG` above,
and `HEXKEEP_TOKEN`, the access token of `hexkeep call`.
"""

HEAD = ("Setting", "Environment variable", "Type", "Default", "Meaning")


def settings_page() -> str:
    """Every section of the settings, then every built-in adapter's own table."""
    sections = [
        _section(path, model)
        for name, field in Settings.model_fields.items()
        for path, model in _sections((name,), _model(field))
    ]
    registry = AdapterRegistry()
    tables = [
        _section((entry.port, entry.name), registry.model(entry.port, entry.name))
        for entry in BUILT_IN
        if registry.model(entry.port, entry.name).model_fields
    ]
    return INTRODUCTION + "".join(sections) + "".join(tables)


def _model(field: FieldInfo) -> type[BaseModel]:
    model = field.annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError("every member of the settings is a section")
    return model


def _sections(path: tuple[str, ...], model: type[BaseModel]) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """A section, and behind it the table of each of its maps."""
    if issubclass(model, RolesSettings):
        yield (*path, "<name>"), RoleSettings
        return
    yield path, model
    for name, field in model.model_fields.items():
        value = typing.get_args(field.annotation)[-1:] if typing.get_origin(field.annotation) is dict else ()
        yield from (((*path, name, "<name>"), one) for one in value if issubclass(one, BaseModel))


def _section(path: tuple[str, ...], model: type[BaseModel]) -> str:
    meaning = " ".join((model.__doc__ or "").split())
    return f"\n## `[{'.'.join(path)}]`\n\n{meaning}\n\n{table(HEAD, _rows(path, model))}"


def _rows(path: tuple[str, ...], model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    known = defaults(path[0], path[-1], DataSettings().folder)
    for name, field in model.model_fields.items():
        own = (*path, name)
        value = known.get(name, field.get_default(call_default_factory=True, validated_data={}))
        text = "" if "<name>" in path else f"`{variable(own)}`"
        yield f"`{name}`", text, type_name(field.annotation), _default(value), field.description or ""


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "needed"
    if value is None or value in ("", (), {}):
        return ""
    if isinstance(value, timedelta):
        return f"`{format_duration(value)}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.value if isinstance(value, Enum) else value}`"
