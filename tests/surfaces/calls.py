"""Made-up calls: any operation, with fields of the right types and of any content."""

import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo

from hexkeep.core.kernel.operation import AnyOperation, ApiName
from hexkeep.core.kernel.update import Mask

LEFT_OUT = frozenset(
    {
        # These take a credential of whoever calls away; the calls behind them would all end alike.
        "EndMySession",
        "EndAllMyOtherSessions",
        "ChangePassword",
        "DeleteMyAccount",
        "DeactivateOrganization",
        # What they answer with is of the process, not of the instance.
        "ListProjections",
        "ListParked",
        "RebuildProjection",
        "RetryParked",
    }
)
KNOWN = "known:"
"""Begins a text that stands for the nth thing that is known in an instance: another id in each of them."""
CALLERS = ("root", "root", "root", "root", "alice", "robot", "", "junk")
"""The first has all rights; the robot has a personal access token; ``""`` shows nothing, ``junk`` never was a token."""
TEXTS = (
    "", "x", "Shop", "editor", "alice", "root", "ORGANIZATION_OWNER", "a@b.example", "alice@example.com", "user",
    "acme.example.com", "https://shop.example.com/callback", "+41791234567", "en", "de-CH", "a b", "é", "a" * 300,
    "nothing here", "a\0b", "../..", "%2F", "<b>", "naïve ☂ 日本", "'; drop table users; --",
)  # fmt: skip
NUMBERS = (0, 1, 2, 10, 100, 1001, -1, 2**31, 2**40, 2**63 - 1)
TIMES = ("2020-02-29T12:00:00Z", "2031-01-01T00:00:00.123456Z", "1970-01-01T00:00:00Z")
DURATIONS = ("PT0S", "PT1H", "P30D", "PT0.5S", "-PT1S")


@dataclass(frozen=True)
class Call:
    """One call, with symbols where ids stand."""

    operation: str
    fields: Mapping[str, JsonValue]
    caller: str


def offered(operations: typing.Iterable[AnyOperation]) -> list[AnyOperation]:
    """The operations that can be compared: offered everywhere, of one instance, answered at once."""
    apis = {ApiName.AUTH, ApiName.MANAGEMENT, ApiName.ADMIN}
    return [one for one in operations if one.api in apis and one.http and not one.stream and one.name not in LEFT_OUT]


def calls(operations: typing.Iterable[AnyOperation]) -> st.SearchStrategy[Call]:
    """Calls of any of them that can be compared, each as likely as any other."""
    return calls_of(offered(operations))


def calls_of(operations: typing.Sequence[AnyOperation]) -> st.SearchStrategy[Call]:
    """Calls of any of them, each as likely as any other."""
    return st.sampled_from(operations).flatmap(_call)


def _call(operation: AnyOperation) -> st.SearchStrategy[Call]:
    in_path = operation.http.path_fields() if operation.http else ()
    fields = _fields(operation.input).filter(lambda made: all(_is_segment(made[name]) for name in in_path))
    return st.builds(Call, st.just(operation.name), fields, st.sampled_from(CALLERS))


def _is_segment(value: Any) -> bool:
    """Whether there is a path with it: an empty one names another path, and clients walk through dots."""
    return value != "" and ".." not in str(value).split("/")


def _fields(message: type[BaseModel]) -> st.SearchStrategy[dict[str, JsonValue]]:
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in message.model_fields.items():
        (needed if field.is_required() else optional)[name] = _field(name, field)
    return st.fixed_dictionaries(needed, optional=optional)


def _field(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    values = _values(name, field.annotation)
    if any(isinstance(mark, Mask) for mark in field.metadata):
        return st.sampled_from(("", "name", "display_name,email", "nothing", "*"))
    examples = [one for one in field.examples or () if isinstance(one, (str, int, list))]
    return st.sampled_from(examples) | values if examples else values


def _values(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _values(name, arguments[0])
    if origin in (typing.Union, types.UnionType):
        members = [one for one in arguments if one is not types.NoneType]
        return st.one_of(*(_values(name, one) for one in members))
    if origin is tuple:
        # An empty list cannot be told from none in a query.
        return st.lists(_values(name, arguments[0]), min_size=1, max_size=3)
    if origin in (dict, Mapping):
        return st.dictionaries(st.sampled_from(("a", "b")), _values(name, arguments[1]), max_size=2)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _fields(annotation)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return st.sampled_from([member.value for member in annotation])
    return _scalars(name, annotation)


def _scalars(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    known = st.integers(0, 11).map(lambda number: f"{KNOWN}{number}")
    if annotation is str and name.endswith(("_id", "_ids")):
        return known | known | known | st.sampled_from(("nobody", "a b", "x" * 201))
    kinds: Mapping[Any, st.SearchStrategy[Any]] = {
        str: st.sampled_from(TEXTS),
        bool: st.booleans(),
        int: st.sampled_from(NUMBERS),
        float: st.sampled_from((0.0, 1.5, -2.0, 1e300)),
        bytes: st.sampled_from(("", "eA==", "AAEC")),
        datetime: st.sampled_from(TIMES),
        timedelta: st.sampled_from(DURATIONS),
    }
    return kinds[annotation]
