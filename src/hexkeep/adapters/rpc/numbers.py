"""Field and enum numbers, which never change: committed locks, extended for what is new.

A lock is JSON: full name of a message or enum -> field or value -> number. Ours lies beside this module; a plugin's is
``numbers.json`` beside the module that declares its operations or messages, in its own distribution. What is gone from
a message stays in its lock, so that its number and name are not used again.
"""

import json
from collections.abc import Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from hexkeep.adapters.rpc.schema import Schema
from hexkeep.adapters.rpc.shapes import enum_names

Lock = dict[str, dict[str, int]]
FILE = "numbers.json"
OURS = "hexkeep.adapters.rpc"


class Numbers:
    """The numbers of everything in ``schema``: those of the locks, and the next free ones for what is not there yet."""

    def __init__(self, schema: Schema, locks: Mapping[str, Lock] | None = None) -> None:
        given = dict(locks) if locks is not None else {}
        self.locks: dict[str, Lock] = {}
        self._by_name: Lock = {}
        for name, message in schema.messages():
            home = home_of(message.module)
            self._number(home, name, (field.name for field in message.shape.fields), 1, given)
        for name, enum in schema.enums():
            self._number(home_of(enum.__module__), name, enum_names(enum).values(), 0, given)

    def of(self, full_name: str) -> Mapping[str, int]:
        """The numbers of a message's fields or an enum's values, those that are gone among them."""
        return self._by_name[full_name]

    def gone(self, full_name: str, present: Iterable[str]) -> dict[str, int]:
        """What a message or enum once had and has no more."""
        kept = set(present)
        return {name: number for name, number in self._by_name[full_name].items() if name not in kept}

    def _number(self, home: str, full_name: str, names: Iterable[str], first: int, given: dict[str, Lock]) -> None:
        if home not in given:
            given[home] = read_lock(home)
        if home not in self.locks:
            self.locks[home] = {name: dict(one) for name, one in given[home].items()}
        numbers = self.locks[home].setdefault(full_name, {})
        for name in names:
            if name not in numbers:
                numbers[name] = max(numbers.values(), default=first - 1) + 1
        self._by_name[full_name] = numbers


def home_of(module: str) -> str:
    """The package whose lock holds what ``module`` declares."""
    if module.split(".", maxsplit=1)[0] == "hexkeep":
        return OURS
    return module.rpartition(".")[0] or module


def lock_file(home: str) -> Traversable:
    """Where the lock of a package lies, whether it is there or not."""
    return files(home) / FILE


def read_lock(home: str) -> Lock:
    """The lock of a package; empty where there is none, and numbers go by order of declaration then."""
    try:
        text = lock_file(home).read_text(encoding="utf-8")
    except (OSError, TypeError, ModuleNotFoundError):
        return {}
    lock: Lock = json.loads(text)
    return lock


def dump(lock: Lock) -> str:
    """A lock as text: one line per message, so that changes are easy to review and to merge."""
    lines = (f" {json.dumps(name)}: {json.dumps(numbers)}" for name, numbers in sorted(lock.items()))
    return "{\n" + ",\n".join(lines) + "\n}\n"
