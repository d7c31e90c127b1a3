"""Where settings come from: arguments before environment before file before defaults. Nothing unknown passes."""

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from hexkeep.bootstrap.adapters import PORTS
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.settings import AdapterChoice, Settings

PREFIX = "HEXKEEP_"
NESTED = "__"
DEFAULT_FILE = Path("hexkeep.toml")
OTHER_VARIABLES = frozenset({"HEXKEEP_CONFIG", "HEXKEEP_TOKEN"})
"""Variables that are no settings: where the file is, and the bearer token of ``hexkeep call``."""
TEST_VARIABLES = "HEXKEEP_TEST_"
"""Prefix of variables that belong to the test suites of adapters and plugins."""

Tree = Mapping[str, object]
Path_ = tuple[str, ...]


class _Variables(Settings, BaseSettings):
    """The same fields, in which pydantic-settings looks for environment variables. Never constructed."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=NESTED)


class _EnvironmentSource(EnvSettingsSource):
    """Lists may be written as JSON or separated by commas."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: object) -> object:
        """The list or table that a variable's text stands for."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return [part.strip() for part in str(value).split(",") if part.strip()]


@dataclass(frozen=True, slots=True)
class Source:
    """Values from one place; ``name`` says which, to a person."""

    name: str
    values: Tree

    def has(self, path: Path_) -> bool:
        """Whether the value at ``path``, or something in place of its section, comes from here."""
        found: object = self.values
        for part in path:
            if not isinstance(found, Mapping):
                return True
            if part not in found:
                return False
            found = found[part]
        return True

    def origin(self, path: Path_) -> str:
        """How to name the very place of one setting."""
        return f"environment variable {variable(path)}" if self.name == "environment" else self.name


def variable(path: Path_) -> str:
    """The environment variable of a setting."""
    return PREFIX + NESTED.join(path).upper()


def load_settings(arguments: Tree | None = None, config: Path | None = None) -> Settings:
    """The settings of this process; raises ``ConfigurationError`` with every problem.

    ``arguments`` is a tree like the file's. ``config`` is the file; otherwise ``HEXKEEP_CONFIG`` names it, otherwise it
    is ``hexkeep.toml`` in the present folder if there is one.
    """
    sources = (Source("arguments", arguments or {}), _environment(), _file(config))
    unknown = tuple(_unknown_variables())
    try:
        settings = Settings.model_validate(_merged(source.values for source in reversed(sources)))
    except ValidationError as error:
        found = (_problem(details, sources) for details in error.errors())
        raise ConfigurationError(*unknown, *(one for one in found if one.origin not in _origins(unknown))) from None
    if unknown:
        raise ConfigurationError(*unknown)
    return settings


def settings_of(model: type[BaseModel], section: Path_ = ()) -> Iterator[tuple[Path_, type[BaseModel], str]]:
    """Every setting below ``model``: its path, the section's model and the field's name."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from settings_of(inner, (*section, name))
        else:
            yield (*section, name), model, name


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str:
    """A hint at the known name that is most like ``name``, shown with ``prefix``, or nothing."""
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {prefix}{close[0]}?" if close else ""


def _environment() -> Source:
    return Source("environment", _EnvironmentSource(_Variables)())


def _unknown_variables() -> Iterator[Problem]:
    known = OTHER_VARIABLES | {variable(path) for path, _, _ in settings_of(Settings)}
    for name in sorted(os.environ):
        upper = name.upper()
        if (
            upper.startswith(PREFIX)
            and upper not in known
            and not upper.startswith((TEST_VARIABLES, *_open_prefixes()))
        ):
            hint = nearest(upper.removeprefix(PREFIX), (one.removeprefix(PREFIX) for one in known), PREFIX)
            yield Problem(f"{name} is no setting{hint}", origin="environment")


def _open_prefixes() -> tuple[str, ...]:
    """Sections with a table per adapter: which tables and names exist is known to the adapter registry."""
    sections = Settings.model_fields.items()
    return tuple(
        variable((name, ""))
        for name, field in sections
        if isinstance(field.annotation, type) and issubclass(field.annotation, AdapterChoice)
    )


def _file(config: Path | None) -> Source:
    named = config or (Path(os.environ["HEXKEEP_CONFIG"]) if os.environ.get("HEXKEEP_CONFIG") else None)
    path = named or DEFAULT_FILE
    if named is None and not path.exists():
        return Source("default", {})
    try:
        return Source(str(path), tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(Problem(f"cannot be read: {error.strerror}", origin=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(Problem(f"is not TOML: {error}", origin=str(path))) from None


def _merged(trees: Iterable[Tree]) -> dict[str, object]:
    """Later trees over earlier ones, section by section."""
    merged: dict[str, object] = {}
    for tree in trees:
        for name, value in tree.items():
            below = merged.get(name)
            both = isinstance(value, Mapping) and isinstance(below, Mapping)
            merged[name] = _merged((below, value)) if both else value  # type: ignore[arg-type]  # both are mappings
    return merged


def _origins(unknown: Iterable[Problem]) -> set[str]:
    """Unknown variables inside a known section would be told a second time by pydantic."""
    return {f"environment variable {problem.message.partition(' ')[0].upper()}" for problem in unknown}


def _problem(details: ErrorDetails, sources: Iterable[Source]) -> Problem:
    path = tuple(str(part) for part in details["loc"])
    named = path[:2] if len(path) > 1 and path[1] in _names(path[0]) else path
    source = next((source for source in sources if source.has(named)), None)
    return Problem(_message(details, path), ".".join(path), source.origin(named) if source else "default")


def _message(details: ErrorDetails, path: Path_) -> str:
    if details["type"] == "extra_forbidden":
        known = _names(path[0]) if len(path) > 1 else Settings.model_fields.keys()
        return f"there is no such setting{nearest(path[-1], known)}"
    if details["type"] == "dict_type" and path[0] in PORTS:
        return "there is no such setting; those of an adapter stand in a table of its name"
    return details["msg"].removeprefix("Value error, ").removeprefix("Input ")


def _names(section: str) -> Iterable[str]:
    return [path[1] for path, _, _ in settings_of(Settings) if path[0] == section]
