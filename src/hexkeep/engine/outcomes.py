"""What may come of an operation: which events it may append, and with which errors it may end.

Nobody declares this: it is read off the decision's code, from the handler through every function of the core that it
may reach, so it cannot be out of date. What is found is an upper bound: each event class and each error that stands
somewhere on the way. The decision kit holds every tested decision against it.
"""

import functools
import inspect
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from hexkeep.core.kernel import errors
from hexkeep.core.kernel.aggregate import Aggregate, Append
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import HexkeepError
from hexkeep.core.kernel.event import Event
from hexkeep.core.kernel.operation import AnyOperation, Operation
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim
from hexkeep.core.kernel.view import Projection, Table

CORE = "hexkeep.core"
DECLARATIONS = (Aggregate, Operation, Projection, Slice, Table)
ANY_CALL: tuple[type[HexkeepError], ...] = (
    errors.InvalidInput,
    errors.NotFound,
    errors.ResourceExhausted,
    errors.Overloaded,
    errors.StorageUnavailable,
    errors.ViewBuilding,
    errors.DeadlineExceeded,
    errors.Internal,
)
"""What may come of any call: a malformed input, an unknown host, too many calls, a node or storage that cannot."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """The events and errors of one operation, by name of their classes."""

    events: tuple[type[Event], ...]
    errors: tuple[type[HexkeepError], ...]


@functools.cache
def outcomes(operation: AnyOperation) -> Outcomes:
    """What may come of ``operation``, besides what may come of any call (``ANY_CALL``)."""
    walk = _Walk(operation.handle.__module__.partition(".")[0])
    walk.visit(operation.handle)
    failures = walk.errors | set(_by_the_engine(operation))
    if Claim in walk.classes:
        failures.add(errors.AlreadyExists)
    named = failures - set(ANY_CALL) - {HexkeepError}
    return Outcomes(
        tuple(sorted(walk.events if operation.writes else (), key=lambda event: event.type)),
        tuple(sorted(named, key=lambda error: (error.code, error.__name__))),
    )


def _by_the_engine(operation: AnyOperation) -> Iterator[type[HexkeepError]]:
    if operation.permission != PUBLIC:
        yield errors.Unauthenticated
        if not operation.enrols:
            yield errors.SecondFactorRequired
    if operation.permission not in {PUBLIC, AUTHENTICATED}:
        yield errors.PermissionDenied
    if operation.writes:
        yield errors.VersionConflict
    if operation.idempotent:
        yield errors.IdempotencyMismatch
    if not operation.writes:
        yield errors.PositionSuperseded


class _Walk:
    """Goes through what a function may reach, each thing once."""

    def __init__(self, package: str) -> None:
        self._packages = (CORE, package) if package != "hexkeep" else (CORE,)
        self._seen: set[object] = set()
        self.events: set[type[Event]] = set()
        self.errors: set[type[HexkeepError]] = set()
        self.classes: set[type] = set()

    def visit(self, thing: object) -> None:
        """Look at one thing that a function names."""
        match thing:
            case functools.partial():
                self.visit(thing.func)
                self._held((*thing.args, *thing.keywords.values()))
            case types.MethodType():
                self.visit(thing.__func__)
            case type():
                self._class(thing)
            case types.FunctionType() if thing.__module__.startswith(self._packages) and thing not in self._seen:
                self._seen.add(thing)
                self._held(cell.cell_contents for cell in thing.__closure__ or ())
                self._code(thing.__code__, thing.__globals__)
            case Event():
                self._class(type(thing))
            case Append():
                self.visit(thing.events)
            case tuple() | Mapping():
                for part in thing.values() if isinstance(thing, Mapping) else thing:
                    self.visit(part)

    def _held(self, things: Iterable[object]) -> None:
        """Look at what a function was made with: values of a slice's own too, like the kind of a policy.

        Not at declarations, which name all the events there are.
        """
        for thing in things:
            self.visit(thing)
            if is_dataclass(thing) and not isinstance(thing, (type, *DECLARATIONS)):
                for one in fields(thing):
                    self.visit(getattr(thing, one.name))

    def _attributes(self, thing: object, names: tuple[str, ...]) -> None:
        """What a function may take from a module, or from a value of a slice's own, directly or by its methods."""
        value = is_dataclass(thing) and not isinstance(thing, (type, *DECLARATIONS))
        if not value and not isinstance(thing, types.ModuleType):
            return
        for name in names:
            found = getattr(thing, name, None)
            self.visit(found)
            if value and isinstance(found, types.MethodType):
                inner = found.__func__.__code__.co_names
                self._attributes(thing, tuple(one for one in inner if one not in names))

    def _class(self, found: type) -> None:
        self.classes.add(found)
        if issubclass(found, Event):
            self.events.add(found)
        elif issubclass(found, HexkeepError):
            self.errors.add(found)
        elif issubclass(found, Ask):
            self.visit(found.raises)

    def _code(self, code: types.CodeType, known: Mapping[str, object]) -> None:
        for name in code.co_names:
            if name not in known:
                for method in _methods().get(name, ()):
                    self.visit(method)
                continue
            self.visit(known[name])
            self._attributes(known[name], code.co_names)
        for inner in code.co_consts:
            if isinstance(inner, types.CodeType):
                self._code(inner, known)


@functools.cache
def _methods() -> dict[str, tuple[types.FunctionType, ...]]:
    """The methods of the core that raise errors of the tree, by name: whose is called the code does not say."""
    found: dict[str, list[types.FunctionType]] = {}
    for one in _classes(object.__subclasses__()):
        for name, method in vars(one).items():
            if inspect.isfunction(method) and not name.startswith("__") and _raises(method):
                found.setdefault(name, []).append(method)
    return {name: tuple(methods) for name, methods in found.items()}


def _classes(roots: Iterable[type]) -> Iterator[type]:
    """Every class of the core that is loaded, but the errors, whose methods raise nothing."""
    waiting, seen = list(roots), set()
    while waiting:
        one = waiting.pop()
        if one in seen or one is type:
            continue
        seen.add(one)
        waiting += type.__subclasses__(one)
        if str(one.__module__).startswith(CORE):
            yield one


def _raises(method: types.FunctionType) -> bool:
    known = (method.__globals__.get(name) for name in method.__code__.co_names)
    return any(isinstance(one, type) and issubclass(one, HexkeepError) for one in known)
