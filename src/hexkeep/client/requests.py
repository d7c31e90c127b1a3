"""An operation's input as a request of REST, and its output from the answer."""

import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from pydantic import JsonValue, ValidationError

from hexkeep.core.kernel.errors import Internal, InvalidInput, Violation
from hexkeep.core.kernel.operation import Http, I, Message, Method, O

WITHOUT_BODY = frozenset({Method.GET, Method.DELETE})


def message_of(model: type[I], fields: Mapping[str, object]) -> I:
    """The input, checked here so that a slip is told at once; raises ``InvalidInput``.

    ``None`` leaves a field out that may be left out.
    """
    known = model.model_fields
    given = {
        name: _unmade(value)
        for name, value in fields.items()
        if value is not None or name not in known or known[name].is_required()
    }
    try:
        return model.model_validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise InvalidInput("", *(Violation(".".join(map(str, one["loc"])), one["msg"]) for one in found)) from None


def _unmade(value: object) -> object:
    """Messages as what they hold, for those that a function makes are declared once more for type checkers."""
    match value:
        case Message():
            return value.model_dump(exclude_defaults=True)
        case tuple() | list():
            return tuple(map(_unmade, value))
    return value


def values_of(message: Message) -> dict[str, JsonValue]:
    """What is to be sent: nothing that is meant anyway, so that a server of another version has less to refuse."""
    values: dict[str, JsonValue] = message.model_dump(mode="json", exclude_defaults=True)
    return values


def output_of(model: type[O], body: bytes) -> O:
    """The output. Fields that only a later version knows are passed over."""
    try:
        return model.model_validate_json(body or b"{}", extra="ignore")
    except ValidationError as error:
        raise Internal(f"The server's answer is no {model.__name__}: is it of another version?") from error


def target_and_body(http: Http, values: Mapping[str, JsonValue]) -> tuple[str, bytes | None]:
    """Path with query, and body."""
    in_path = http.path_fields()
    path = http.path
    for name in in_path:
        path = path.replace(f"{{{name}}}", quote(_text(values.get(name, "")), safe=""))
    rest = {name: value for name, value in values.items() if name not in in_path}
    if http.method not in WITHOUT_BODY:
        return path, json.dumps(rest).encode()
    return (f"{path}?{urlencode(_query(rest), doseq=True)}" if rest else path), None


def _query(values: Mapping[str, JsonValue]) -> dict[str, str | list[str]]:
    return {
        name: [_text(one) for one in value] if isinstance(value, list) and _plain(value) else _text(value)
        for name, value in values.items()
        if value is not None
    }


def _plain(values: list[JsonValue]) -> bool:
    """Whether a list is given by repeating its name; one of messages is JSON text."""
    return not any(isinstance(one, dict | list) for one in values)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value)
