"""How work travels to another process and back: as MessagePack, typed by the annotations of the function.

Nothing that comes back is code, as a pickle would be: who takes over a process that reads what strangers have made has
not taken over ours.
"""

import logging
import struct
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from inspect import signature
from traceback import extract_tb
from typing import Any, Final, TypeVar, get_type_hints

import msgspec

from hexkeep.core.kernel.errors import HexkeepError, Internal

R = TypeVar("R")
logger = logging.getLogger(__name__)
LENGTH: Final = struct.Struct("!I")
"""Before each frame, how many octets it has."""
RETURNED, RAISED, FAILED = range(3)
MAX_TOLD: Final = 200
"""How much of what failed is written in the log: it comes from where strangers' documents are."""


class _Codec:
    """What a function takes and gives. ``name`` is where it is found."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = f"{function.__module__}:{function.__qualname__}"
        if "<" in self.name or "." in function.__qualname__:
            raise ValueError(f"{self.name} is not a function of a module")
        hints = get_type_hints(function)
        self._signature = signature(function)
        types = tuple(hints[name] for name in self._signature.parameters)
        self._arguments = msgspec.msgpack.Decoder(tuple[types])  # type: ignore[valid-type]  # made as the function is
        self._result = msgspec.msgpack.Decoder(hints["return"])

    def arguments(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Any]:
        """All of them, in order."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return list(bound.arguments.values())

    def call(self, arguments: bytes) -> Any:
        """What the function returns for what has come."""
        given = zip(self._signature.parameters.values(), self._arguments.decode(arguments), strict=True)
        named = {one.name: value for one, value in given}
        return self.function(**named)

    def result(self, content: bytes) -> Any:
        """What has come back."""
        return self._result.decode(content)


@lru_cache(1024)
def _codec(function: Callable[..., Any]) -> _Codec:
    return _Codec(function)


@lru_cache(1024)
def _codec_of(name: str) -> _Codec:
    module, _, own = name.partition(":")
    return _codec(getattr(import_module(module), own))


def asked(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bytes:
    """A call on its way. Raises ``ValueError`` or ``TypeError`` for a function that cannot go there."""
    codec = _codec(function)
    return msgspec.msgpack.encode((codec.name, msgspec.msgpack.encode(codec.arguments(args, kwargs))))


def loading(function: Callable[..., Any]) -> bytes:
    """What goes before a first call: the function is to be loaded, with its modules. The answer to it says nothing."""
    return msgspec.msgpack.encode((_codec(function).name, None))


def answered(frame: bytes) -> bytes:
    """A call that has come, called: the answer to it."""
    try:
        name, arguments = msgspec.msgpack.decode(frame, type=tuple[str, bytes | None])
        codec = _codec_of(name)
        result = codec.call(arguments) if arguments is not None else None
        return msgspec.msgpack.encode((RETURNED, msgspec.msgpack.encode(result)))
    except HexkeepError as error:
        kind = type(error)
        told = (kind.__module__, kind.__qualname__, str(getattr(error, "reason", error.message)))
        return msgspec.msgpack.encode((RAISED, msgspec.msgpack.encode(told)))
    except Exception as error:  # noqa: BLE001 - whatever it is, there has to be an answer, without what it says
        place = [f"{one.name}:{one.lineno}" for one in extract_tb(error.__traceback__)][-1:]
        return msgspec.msgpack.encode((FAILED, msgspec.msgpack.encode(" ".join((type(error).__name__, *place)))))


def returned(function: Callable[..., R], frame: bytes) -> R:
    """What an answer tells; raises what it tells of, and ``Internal`` where that is nothing of ours."""
    error: HexkeepError | None = None
    try:
        kind, content = msgspec.msgpack.decode(frame, type=tuple[int, bytes])
        if kind == RETURNED:
            result: R = _codec(function).result(content)
            return result
        error, told = _told(kind, content)
    except msgspec.MsgspecError:
        told = "its answer cannot be read"
    if error is None:
        logger.error("work of %s failed: %s", _codec(function).name, ascii(told[:MAX_TOLD]))
        error = Internal()
    raise error


def _told(kind: int, content: bytes) -> tuple[HexkeepError | None, str]:
    """An error of ours, of a module that is loaded here: nobody else may choose what is made; and what to say of it."""
    if kind != RAISED:
        return None, msgspec.msgpack.decode(content, type=str)
    module, name, text = msgspec.msgpack.decode(content, type=tuple[str, str, str])
    found = vars(sys.modules[module]).get(name) if module in sys.modules else None
    try:
        made = found(text) if isinstance(found, type) and issubclass(found, HexkeepError) else None
    except TypeError:  # it is made of something else
        made = None
    return made, f"{module}.{name}"
