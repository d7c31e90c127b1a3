"""The source of a slice's operations: a class with a method for each, blocking or awaited."""

import typing
from collections.abc import Iterator
from dataclasses import dataclass

from hexkeep.client.rendering import Imports, annotation, exploded, folded, held, parameter, stands
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Empty, Message
from hexkeep.core.kernel.permission import AUTHENTICATED, PUBLIC
from hexkeep.core.kernel.slice import Slice

HEADER = '"""{title} Made by `python -m hexkeep.client.generate`; do not edit."""'
METHOD, BODY = " " * 4, " " * 8


@dataclass(frozen=True, slots=True)
class Flavour:
    """How calls are made: the names of what a method is made of."""

    folder: str
    prefix: str
    define: str
    wait: str


BLOCKING = Flavour("blocking", "", "def", "")
AWAITED = Flavour("awaited", "Async", "async def", "await ")


@dataclass(frozen=True, slots=True)
class Source:
    """A slice, and the module that has it by the name ``attribute``."""

    slice: Slice
    module: str
    attribute: str = "SLICE"

    @property
    def operations(self) -> list[AnyOperation]:
        """Those that are offered over REST."""
        return [one for one in self.slice.operations if one.api is not ApiName.PROTOCOL and one.http is not None]

    @property
    def home(self) -> str:
        """The module with the declarations of its messages that are made by a function."""
        return f"hexkeep.client.generated.messages.{self.slice.name}"

    def class_name(self, flavour: Flavour) -> str:
        """What the class of its operations is called."""
        return f"{flavour.prefix}{self.slice.name.title().replace('_', '')}Calls"


def module_text(source: Source, flavour: Flavour) -> str:
    """The module with the operations of one slice."""
    imports = Imports(source.home)
    imports.names[f"hexkeep.client.{flavour.folder}"].add(f"{flavour.prefix}Calls")
    imports.names[source.module].add(source.attribute)
    methods = [line for one in source.operations for line in ("", *_method(one, flavour, imports))]
    lines = [
        HEADER.format(title=f"The operations of `{source.slice.name}`."),
        "",
        *imports.lines(),
        "",
        f"_OPERATIONS = {{one.name: one for one in {source.attribute}.operations}}",
        "",
        "",
        f"class {source.class_name(flavour)}:",
        f'{METHOD}"""The operations of `{source.slice.name}`."""',
        "",
        f"{METHOD}def __init__(self, calls: {flavour.prefix}Calls) -> None:",
        f"{BODY}self._calls = calls",
        *methods,
    ]
    return "\n".join(lines) + "\n"


def messages_text(source: Source) -> str:
    """The module with the declarations of messages that are made by a function; empty where there are none."""
    made: dict[type[Message], None] = {}
    for operation in source.operations:
        for message in (operation.input, operation.output):
            _find_made(message, made, itself=message is operation.output)
    imports = Imports(source.home)
    classes = [line for one in made for line in ("", "", *_class(one, imports))]
    imports.names.pop(source.home, None)
    title = HEADER.format(title=f"Messages of `{source.slice.name}` that are made by a function.")
    return "\n".join([title, "", *imports.lines(), *classes]) + "\n" if made else ""


def _find_made(message: type[Message], made: dict[type[Message], None], *, itself: bool = True) -> None:
    """Collect what a message holds, and then the message ``itself``, as far as a function has made it."""
    for found in message.model_fields.values():
        for inner in held(found.annotation):
            if inner not in made:
                _find_made(inner, made)
    if itself and not stands(message):
        made[message] = None


def _class(message: type[Message], imports: Imports) -> Iterator[str]:
    base = next(one for one in message.__mro__[1:] if issubclass(one, Message) and stands(one))
    yield f"class {message.__name__}({imports.add(base)}):"
    yield f'{METHOD}"""{message.__doc__ or message.__name__}"""'
    yield ""
    for name, found in message.model_fields.items():
        if name not in base.model_fields:
            kind = annotation(found.annotation, imports, given=False)
            yield f"{METHOD}{name}: {kind}" + ("" if found.is_required() else f" = {found.default!r}")


def _method(operation: AnyOperation, flavour: Flavour, imports: Imports) -> Iterator[str]:
    fields = operation.input.model_fields
    names = [name for name in fields if not (operation.stream and name in LEFT_OUT)]
    parameters = [parameter(name, fields[name], imports) for name in names]
    item = _item(operation)
    keyed = item is None and operation.idempotent
    if keyed:
        parameters.append('idempotency_key: str = ""')
    define = flavour.define if item is None else "def"
    head = f"{METHOD}{define} {snake(operation.name)}("
    result = _result(operation, item, flavour, imports)
    yield from exploded(head, ["self", *(["*"] if parameters else []), *parameters], f") -> {result}:")
    yield from _docstring(operation)
    yield from exploded(f"{BODY}fields: dict[str, object] = {{", (f'"{name}": {name}' for name in names), "}")
    yield from _call(operation, item, flavour, keyed=keyed)


LEFT_OUT = frozenset({"count", "limit", "descending"})
"""What a list takes and a stream has no use for."""


def _call(operation: AnyOperation, item: type[Message] | None, flavour: Flavour, *, keyed: bool) -> Iterator[str]:
    words = [f'_OPERATIONS["{operation.name}"]', operation.output.__name__]
    if item is None:
        words += ["fields", *(["idempotency_key"] if keyed else [])]
        start = ("" if operation.output is Empty else "return ") + f"{flavour.wait}self._calls.answer"
    else:
        words += [item.__name__, "fields"]
        start = f"return self._calls.{'stream' if operation.stream else 'listing'}"
    yield from folded(f"{BODY}{start}(", words)


def _result(operation: AnyOperation, item: type[Message] | None, flavour: Flavour, imports: Imports) -> str:
    output = imports.add(operation.output)
    if item is None:
        return "None" if operation.output is Empty else output
    kind = f"{flavour.prefix}{'Stream' if operation.stream else 'Listing'}"
    imports.names[f"hexkeep.client.{flavour.folder}"].add(kind)
    return f"{kind}[{output}, {imports.add(item)}]"


def _item(operation: AnyOperation) -> type[Message] | None:
    """What a list or a stream is of; nothing for an operation that answers at once."""
    if "cursor" not in operation.input.model_fields or not operation.items:
        return None
    kind = operation.output.model_fields[operation.items].annotation
    found: type[Message] = typing.get_args(kind)[0]
    return found


def _docstring(operation: AnyOperation) -> Iterator[str]:
    """The operation's own words, and what it needs."""
    first, *rest = operation.description.splitlines()
    needs = {AUTHENTICATED: "Any caller may ask for it.", PUBLIC: "Nobody has to be signed in."}
    permission = needs.get(operation.permission, f"Needs `{operation.permission}`.")
    text = [first, *rest, "", f"{permission} The fields are those of `{operation.input.__name__}`."]
    marks = 'r"""' if any("\\" in line for line in text) else '"""'
    yield BODY + marks + text[0]
    yield from (BODY + line if line else "" for line in text[1:])
    yield BODY + '"""'


def groups_text(sources: list[Source], flavour: Flavour) -> str:
    """The package's module: every slice's operations as an attribute, loaded at its first use."""
    home = f"hexkeep.client.generated.{flavour.folder}"
    by_name = sorted(sources, key=lambda one: one.slice.name)
    shown = [f"    from {home}.{one.slice.name} import {one.class_name(flavour)}" for one in by_name]
    attributes = [line for source in sources for line in ("", *_attribute(source, flavour, home))]
    lines = [
        HEADER.format(title="The operations of all slices."),
        "",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING",
        "",
        f"from hexkeep.client.{flavour.folder} import {flavour.prefix}Calls",
        "",
        "if TYPE_CHECKING:",
        *shown,
        "",
        "",
        f"class {flavour.prefix}Groups({flavour.prefix}Calls):",
        f'{METHOD}"""The operations by the noun they are about."""',
        *attributes,
    ]
    return "\n".join(lines) + "\n"


def _attribute(source: Source, flavour: Flavour, home: str) -> Iterator[str]:
    name, kind = source.slice.name, source.class_name(flavour)
    yield f"{METHOD}@cached_property"
    yield f'{METHOD}def {name}(self) -> "{kind}":'
    yield f'{BODY}"""The operations of `{name}`."""'
    yield f"{BODY}from {home}.{name} import {kind}"
    yield ""
    yield f"{BODY}return {kind}(self)"


def snake(name: str) -> str:
    """``GetMyUser`` as ``get_my_user``."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")
