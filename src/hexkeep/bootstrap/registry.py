"""The adapter registry: from a port and a name to an adapter, built from settings that its own model has checked.

Names come from the built-in table, from entry points ``hexkeep.adapters`` called ``<port>.<name>``, and from code.
Looking a name up imports nothing; an adapter's modules are imported when it is chosen.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import cast

from pydantic import BaseModel, JsonValue, ValidationError

from hexkeep.bootstrap.adapters import BUILT_IN, PORTS, defaults
from hexkeep.bootstrap.errors import ConfigurationError, Problem
from hexkeep.bootstrap.loading import nearest
from hexkeep.bootstrap.settings import FROM_STORAGE, AdapterChoice, Settings
from hexkeep.ports.adapter import Adapter
from hexkeep.ports.hooks import ADAPTERS_GROUP, AdapterEntry

Factory = Callable[[BaseModel], Adapter]


class AdapterRegistry:
    """Known adapters. Raises ``ConfigurationError`` for whatever cannot be had."""

    def __init__(self, entries: Iterable[AdapterEntry] = BUILT_IN) -> None:
        self._entries: dict[tuple[str, str], AdapterEntry | EntryPoint] = {}
        for entry in entries:
            self.add(entry)

    def add(self, entry: AdapterEntry) -> None:
        """Offer an adapter; its name must be free and its port one of ``PORTS``."""
        self._put(entry.port, entry.name, entry)

    def discover(self) -> None:
        """Offer the adapters of installed distributions."""
        for point in sorted(entry_points(group=ADAPTERS_GROUP), key=lambda point: point.name):
            port, _, name = point.name.partition(".")
            self._put(port, name, point)

    def names(self, port: str) -> list[str]:
        """The names that may be chosen for a port, sorted."""
        own = [FROM_STORAGE] if port != FROM_STORAGE else []
        return sorted([*own, *(name for known, name in self._entries if known == port)])

    def entry(self, port: str, name: str) -> AdapterEntry:
        """How an adapter is found."""
        found = self._entries.get((port, name))
        if found is None:
            known = ", ".join(self.names(port))
            raise ConfigurationError(Problem(f"there is no adapter {name}; known are {known}", f"{port}.adapter"))
        return found if isinstance(found, AdapterEntry) else self._loaded(port, name, found)

    def settings(self, port: str, name: str, table: Mapping[str, JsonValue], folder: Path) -> BaseModel:
        """An adapter's settings from its table; ``folder`` is where those that keep files do so by default."""
        model = self.model(port, name)
        try:
            return model.model_validate({**defaults(port, name, folder), **table})
        except ValidationError as error:
            raise ConfigurationError(*_problems(error, port, name, model)) from None

    def model(self, port: str, name: str) -> type[BaseModel]:
        """What an adapter's table is checked by."""
        entry = self.entry(port, name)
        return cast("type[BaseModel]", _resolved(entry, entry.settings))

    def create(self, port: str, name: str, settings: BaseModel) -> Adapter:
        """The adapter, not yet opened."""
        entry = self.entry(port, name)
        return cast("Factory", _resolved(entry, entry.factory))(settings)

    def check(self, settings: Settings) -> None:
        """Judge the choices and each adapter's table, chosen or not; ``ConfigurationError`` has all problems."""
        problems: list[Problem] = []
        for port in PORTS:
            problems += self._check_port(port, getattr(settings, port), settings.data.folder)
        if problems:
            raise ConfigurationError(*problems)

    def _check_port(self, port: str, choice: AdapterChoice, folder: Path) -> Iterator[Problem]:
        known = self.names(port)
        if choice.adapter not in known:
            message = (
                f"there is no adapter {choice.adapter}{nearest(choice.adapter, known)}; known are {', '.join(known)}"
            )
            yield Problem(message, f"{port}.adapter")
        for name in sorted({choice.adapter, *choice.tables} & set(known) - {FROM_STORAGE}):
            try:
                self.settings(port, name, choice.tables.get(name, {}), folder)
            except ConfigurationError as error:
                yield from error.problems
        for name in sorted(set(choice.tables) - (set(known) - {FROM_STORAGE})):
            yield Problem(f"there is no such setting or adapter{nearest(name, known)}", f"{port}.{name}")

    def _put(self, port: str, name: str, entry: AdapterEntry | EntryPoint) -> None:
        if port not in PORTS or not name or name == FROM_STORAGE:
            raise ConfigurationError(Problem(f"{port}.{name} names no adapter: write <port>.<name>, ports are {PORTS}"))
        if (port, name) in self._entries:
            raise ConfigurationError(Problem(f"two adapters are called {port}.{name}"))
        self._entries[port, name] = entry

    def _loaded(self, port: str, name: str, point: EntryPoint) -> AdapterEntry:
        try:
            entry = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(
                Problem(f"cannot be loaded from {point.value}: {error}", f"{port}.{name}")
            ) from error
        if not isinstance(entry, AdapterEntry) or (entry.port, entry.name) != (port, name):
            raise ConfigurationError(Problem(f"{point.value} is not the AdapterEntry of {port}.{name}"))
        return entry


def _resolved(entry: AdapterEntry, target: object) -> object:
    """The thing that ``module:Name`` stands for, or the thing itself."""
    if not isinstance(target, str):
        return target
    module, _, name = target.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except ImportError as error:
        remedy = f"; install it with: pip install '{entry.install}'" if entry.install else ""
        missing = error.name or str(error)
        problem = Problem(
            f"the adapter {entry.name} needs {missing}, which is not installed{remedy}", f"{entry.port}.adapter"
        )
        raise ConfigurationError(problem) from error


def _problems(error: ValidationError, port: str, name: str, model: type[BaseModel]) -> Iterator[Problem]:
    for details in error.errors():
        path = ".".join((port, name, *map(str, details["loc"])))
        message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if details["type"] == "extra_forbidden":
            message = f"there is no such setting{nearest(str(details['loc'][-1]), model.model_fields)}"
        if details["type"] == "missing":
            message = "this adapter needs a value here"
        yield Problem(message, path)
