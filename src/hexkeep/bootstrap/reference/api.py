"""The API reference: a page for each slice, with everything that a caller has to know of each operation."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files

from pydantic import BaseModel, JsonValue
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from hexkeep.bootstrap.reference.field_types import field_type, messages_in
from hexkeep.bootstrap.reference.table import table
from hexkeep.core.kernel.operation import AnyOperation, ApiName, Method
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.slices import SLICES
from hexkeep.engine.outcomes import outcomes

INTRODUCTION = """\
<!-- Made by `python -m hexkeep.bootstrap.reference`; edit the slice instead. -->

# Operations of the slice `{slice}`

Over [REST](../rest.md) at the path given, over gRPC, gRPC-web and Connect by the method given, by
`hexkeep call` and to [embedding programs](../../how-to/embed.md) by name. Besides the errors named here any call may
end with [those of every call](README.md#errors-of-every-call).
"""
EXAMPLES = "examples.json"


def api_pages(slices: Sequence[Slice] = SLICES) -> Mapping[str, Callable[[], str]]:
    """The pages of ``slices`` by the name of their file, those that have operations for callers."""
    offered = [one for one in slices if _offered(one)]
    return {f"api/{one.name}.md": _page_of(one) for one in offered}


def _page_of(one: Slice) -> Callable[[], str]:
    def page() -> str:
        examples = _examples()
        text = INTRODUCTION.format(slice=one.name)
        return text + "".join(_section(one, operation, examples) for operation in _offered(one))

    return page


def _offered(one: Slice) -> list[AnyOperation]:
    return [operation for operation in one.operations if operation.api is not ApiName.PROTOCOL]


def _examples() -> dict[str, dict[str, JsonValue]]:
    """What tests have recorded of each operation; see ``tests/examples``."""
    source = files(__package__).joinpath(EXAMPLES)
    found: dict[str, dict[str, JsonValue]] = json.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}
    return found


def _section(one: Slice, operation: AnyOperation, examples: Mapping[str, Mapping[str, JsonValue]]) -> str:
    found = outcomes(operation)
    facts = table(("", ""), _facts(one, operation))
    parts = [f"\n## {operation.name}\n", operation.description.replace("``", "`") + "\n", facts]
    parts += _message("Input", operation.input, given=True)
    parts += _message("Output", operation.output, given=False)
    if operation.writes:
        parts.append(f"Events: {_list(event.type for event in found.events) or 'none'}.\n")
    parts.append(f"Errors: {_list(error.code for error in found.errors) or 'none of its own'}.\n")
    parts += _example(operation, examples.get(operation.name))
    return "\n".join(parts)


def _facts(one: Slice, operation: AnyOperation) -> Iterator[tuple[str, str]]:
    if operation.http:
        yield "REST", f"`{operation.http.method.value} {operation.http.path}` → {operation.http.status}"
    service = "".join(part.capitalize() for part in one.name.split("_"))
    yield "RPC", f"`hexkeep.{operation.api.value}.v1.{service}Service/{operation.name}`"
    yield "Permission", f"`{operation.permission or 'public'}`"
    if operation.idempotent:
        yield "Idempotency key", "accepted"
    if operation.stream:
        yield "Stream", "Server-Sent Events, server streaming"
    if operation.secrets:
        yield "Shown once", _list(sorted(operation.secrets))


def _message(title: str, message: type[BaseModel], *, given: bool) -> Iterator[str]:
    """The fields of a message and of the messages within it; of what callers give also what has to be there."""
    if not message.model_fields:
        return
    yield f"{title}:\n"
    yield _fields(message, given=given)
    for inner in messages_in(message):
        yield f"`{inner.__name__}`: {_summary(inner)}\n"
        yield _fields(inner, given=given)


def _fields(message: type[BaseModel], *, given: bool) -> str:
    head = ("Field", "Type", *([""] if given else []), "Meaning")
    return table(head, (_field(name, field, given=given) for name, field in message.model_fields.items()))


def _field(name: str, field: FieldInfo, *, given: bool) -> tuple[str, ...]:
    presence = (_presence(field),) if given else ()
    return f"`{name}`", field_type(field), *presence, (field.description or "").replace("``", "`")


def _presence(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.get_default(call_default_factory=True, validated_data={})
    if default in (None, "", (), PydanticUndefined, b"") or default == {}:
        return ""
    shown = default.value if hasattr(default, "value") else default
    return "" if shown == "unspecified" else f"default `{json.dumps(shown, default=str)}`"


def _summary(message: type[BaseModel]) -> str:
    return (message.__doc__ or "").strip().partition("\n\n")[0].replace("``", "`").replace("\n", " ")


def _list(texts: Iterable[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


def _example(operation: AnyOperation, example: Mapping[str, JsonValue] | None) -> Iterator[str]:
    if not example or not operation.http:
        return
    yield "Example:\n"
    yield f"```http\n{operation.http.method.value} {example['path']}\n```\n"
    if operation.http.method not in {Method.GET, Method.DELETE} and example.get("body"):
        yield f"```json\n{json.dumps(example['body'], indent=2, ensure_ascii=False)}\n```\n"
    yield f"{example['status']}:\n"
    yield f"```json\n{json.dumps(example['answer'], indent=2, ensure_ascii=False)}\n```\n"
