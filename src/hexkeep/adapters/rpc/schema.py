"""What is offered, as protobuf files: services of operations, the messages they carry, the types these share.

Packages are ``hexkeep.<api>.v1``; a service is a slice's operations of one API, a method an operation. What messages
hold lies in ``hexkeep.type.v1``, in one file per slice that declares it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pydantic import BaseModel

from hexkeep.adapters.rpc.shapes import Kind, Shape, shape_of
from hexkeep.core.kernel.operation import AnyOperation, ApiName

TYPES = "hexkeep.type.v1"
CORE = "hexkeep.core."
WELL_KNOWN = {
    Kind.TIMESTAMP: "google/protobuf/timestamp.proto",
    Kind.DURATION: "google/protobuf/duration.proto",
    Kind.FIELD_MASK: "google/protobuf/field_mask.proto",
}
"""The files of the types that every protobuf implementation brings along."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An operation and the name of the slice that declares it."""

    slice: str
    operation: AnyOperation

    @property
    def request(self) -> str:
        """The name of the message that is sent."""
        return f"{self.operation.name}Request"

    @property
    def response(self) -> str:
        """The name of the message that is answered."""
        return f"{self.operation.name}Response"


@dataclass(frozen=True, slots=True)
class Named:
    """A message by the name it has in its file; ``module`` is where it is declared."""

    name: str
    shape: Shape
    doc: str
    module: str


@dataclass(slots=True)
class File:
    """A protobuf file. ``enums`` and ``messages`` are in order of first use."""

    path: str
    package: str
    service: str = ""
    methods: list[Declared] = field(default_factory=list)
    messages: dict[str, Named] = field(default_factory=dict)
    enums: dict[str, type] = field(default_factory=dict)
    imports: set[str] = field(default_factory=set)

    def full(self, name: str) -> str:
        """The full name of something that this file declares."""
        return f"{self.package}.{name}"


class Schema:
    """The files of ``declared`` operations, in order of declaration; those of protocols alone are left out.

    Raises ``ValueError`` for two types of one name.
    """

    def __init__(self, declared: Iterable[Declared]) -> None:
        self.files: dict[str, File] = {}
        self._places: dict[type, File] = {}
        self.declared = tuple(one for one in declared if one.operation.api is not ApiName.PROTOCOL)
        for one in self.declared:
            self._offer(one)

    def file_of(self, of: type) -> File:
        """Where a shared model or enum is declared; raises ``KeyError`` for one that nothing holds."""
        return self._places[of]

    def full(self, of: type) -> str:
        """The full name of a shared model or enum."""
        return self._places[of].full(of.__name__)

    def messages(self) -> Iterator[tuple[str, Named]]:
        """Every message by its full name."""
        return ((file.full(name), one) for file in self.files.values() for name, one in file.messages.items())

    def enums(self) -> Iterator[tuple[str, type]]:
        """Every enum by its full name."""
        return ((file.full(name), one) for file in self.files.values() for name, one in file.enums.items())

    def _offer(self, one: Declared) -> None:
        package = f"hexkeep.{one.operation.api.value}.v1"
        file = self._file(package, one.slice)
        file.service = "".join(part.capitalize() for part in one.slice.split("_")) + "Service"
        file.methods.append(one)
        module = one.operation.handle.__module__
        for name, model, what in (
            (one.request, one.operation.input, "What is sent to"),
            (one.response, one.operation.output, "What is answered by"),
        ):
            shape = shape_of(model)
            file.messages[name] = Named(name, shape, f"{what} `{one.operation.name}`.", module)
            self._hold(file, shape, one.slice)

    def _hold(self, file: File, shape: Shape, slice_: str) -> None:
        """See to it that whatever ``shape`` holds is declared and known to ``file``."""
        file.imports.update(WELL_KNOWN[one.kind] for one in shape.fields if one.kind in WELL_KNOWN)
        for of in shape.types():
            if of not in self._places:
                self._place(of, slice_)
            if self._places[of] is not file:
                file.imports.add(self._places[of].path)

    def _place(self, of: type, slice_: str) -> None:
        file = self._file(TYPES, _noun(of.__module__) or slice_)
        if of.__name__ in file.messages or of.__name__ in file.enums:
            raise ValueError(f"two messages or enums are called {of.__name__}")
        self._places[of] = file
        if not issubclass(of, BaseModel):
            file.enums[of.__name__] = of
            return
        shape = shape_of(of)
        file.messages[of.__name__] = Named(of.__name__, shape, "", of.__module__)
        self._hold(file, shape, slice_)

    def _file(self, package: str, noun: str) -> File:
        path = f"{package.replace('.', '/')}/{noun}.proto"
        return self.files.setdefault(path, File(path, package))


def _noun(module: str) -> str:
    """The file of what a module of ours declares; empty for a plugin's, which lies with the slice that uses it."""
    if not module.startswith(CORE):
        return ""
    slice_ = module.removeprefix(CORE).split(".")[0]
    return "common" if slice_ == "kernel" else slice_
