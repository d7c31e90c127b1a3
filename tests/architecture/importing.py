"""What becomes of an import, told from the text of the modules alone: nothing is run, so any of them may come first."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


class Partial(Exception):
    """A module was wanted something of that it does not have yet, for it is itself being imported."""


@dataclass(frozen=True)
class Step:
    """A statement: the module of which ``names`` are imported, as others perhaps, or what it reads and binds itself."""

    line: int
    source: str = ""
    names: tuple[tuple[str, str], ...] = ()
    reads: tuple[tuple[str, str], ...] = ()
    binds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Module:
    """What is run when a module is imported, in order."""

    name: str
    steps: tuple[Step, ...]

    @property
    def package(self) -> str:
        """The package that it is in, which is imported before."""
        return self.name.rpartition(".")[0]

    @property
    def imported(self) -> frozenset[str]:
        """The names of the modules that it imports; of ``from a import b`` also ``a.b``, for it may be one."""
        within = (f"{step.source}.{name}" for step in self.steps for name, _ in step.names)
        return frozenset((self.package, *(step.source for step in self.steps), *within))


def module(name: str, text: str) -> Module:
    """A module of that text."""
    return Module(name, tuple(step for statement in _run(ast.parse(text).body) for step in _steps(statement)))


def _steps(statement: ast.stmt) -> Iterator[Step]:
    match statement:
        case ast.Import(names=aliases):
            yield from (Step(statement.lineno, alias.name) for alias in aliases)
        case ast.ImportFrom(module=str(source), names=aliases):
            names = tuple((alias.name, alias.asname or alias.name) for alias in aliases)
            yield Step(statement.lineno, source, names)
        case _:
            yield Step(statement.lineno, reads=tuple(_read(statement)), binds=tuple(_bound(statement)))


def _run(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a body, but for what type checkers alone read."""
    for one in body:
        match one:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _run(one.orelse)
            case ast.If(body=within, orelse=other):
                yield from _run([*within, *other])
            case ast.Try(body=within, handlers=handlers, orelse=other, finalbody=last):
                yield from _run([*within, *(part for handler in handlers for part in handler.body), *other, *last])
            case _:
                yield one


def circles(modules: Mapping[str, Module]) -> list[dict[str, Module]]:
    """The modules that import each other, be it by way of others; whatever is in none of these can be imported."""
    names = list(modules)
    wanted = {name: one.imported & modules.keys() for name, one in modules.items()}
    place = {name: 1 << number for number, name in enumerate(names)}
    reached = {name: sum(place[other] for other in wanted[name]) for name in names}
    grown = True
    while grown:
        grown = False
        for name in reversed(names):
            more = reached[name]
            for other in wanted[name]:
                more |= reached[other]
            grown, reached[name] = grown or more != reached[name], more
    found: dict[str, dict[str, Module]] = {}
    for name in names:
        if reached[name] & place[name]:
            first = next(one for one in names if reached[name] & place[one] and reached[one] & place[name])
            found.setdefault(first, {})[name] = modules[name]
    return list(found.values())


@dataclass
class Interpreter:
    """One that has imported nothing yet. Whatever is not among its ``modules`` imports none of them, so it is there."""

    modules: Mapping[str, Module]
    names: dict[str, set[str]] = field(default_factory=dict)
    """What each module has by now."""
    done: set[str] = field(default_factory=set)

    def load(self, name: str) -> None:
        """Import a module, after the package that it is in; raises ``Partial``."""
        if name not in self.modules or name in self.names:
            return
        package = self.modules[name].package
        self.load(package)
        if name in self.names:
            return
        self.names[name] = set()
        known: dict[str, str] = {}
        for step in self.modules[name].steps:
            self._run(name, step, known)
        self.done.add(name)
        self.names.setdefault(package, set()).add(name.rpartition(".")[2])

    def _run(self, name: str, step: Step, known: dict[str, str]) -> None:
        """Run a statement; ``known`` are the names that may stand for modules."""
        where = f"{name}:{step.line}"
        if step.source:
            self.load(step.source)
        for taken, called in step.names:
            self._take(where, step.source, taken)
            known[called] = f"{step.source}.{taken}"
            self.names[name].add(called)
        for owner, attribute in step.reads:
            self._insist(where, known.get(owner, ""), attribute)
        self.names[name].update(step.binds)

    def _take(self, where: str, source: str, name: str) -> None:
        """``from source import name``: what the module has by that name, or else the module of that name within it."""
        if name in self.names.get(source, ()):
            return
        inner = f"{source}.{name}"
        if inner in self.modules:
            self.load(inner)
        else:
            self._insist(where, source, name)

    def _insist(self, where: str, source: str, name: str) -> None:
        if source in self.names and source not in self.done and name not in self.names[source]:
            raise Partial(f"{where} wants {name} of {source}, which is still being imported")


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a meaning."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    else:
        stored = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
        yield from (node.id for node in stored if isinstance(node.ctx, ast.Store))


def _read(node: ast.AST) -> Iterator[tuple[str, str]]:
    """The attributes of names that are read at once: of ``keys.SIZE + 1`` that is ``SIZE`` of ``keys``."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        yield node.value.id, node.attr
    within = ast.iter_child_nodes(node)
    if isinstance(node, ast.Lambda):
        within = iter((node.args,))
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        within = iter((*node.decorator_list, node.args, *filter(None, (node.returns,))))
    for part in within:
        yield from _read(part)
