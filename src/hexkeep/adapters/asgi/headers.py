"""Request headers as a mapping, and the name a request goes by."""

import re
import secrets
from collections.abc import Iterable, Mapping

from hexkeep.core.kernel.errors import InvalidInput

Headers = Mapping[str, tuple[str, ...]]
"""Header values by lower-case name, in the order they came."""

REQUEST_ID = "x-request-id"
READ = "hexkeep.headers"
"""Key in the ``state`` of a scope: its headers as ``collect`` gives them, so that they are read once."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def collect(raw: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an ASGI scope by name."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in raw:
        key = name.decode("latin-1")
        headers[key] = (*headers.get(key, ()), value.decode("latin-1"))
    return headers


def single(headers: Headers, name: str) -> str:
    """The value of a header that may come once, empty when absent; raises ``InvalidInput`` when it is repeated."""
    values = headers.get(name, ())
    if len(values) > 1:
        raise InvalidInput(f"The header {name} is given more than once")
    return values[0] if values else ""


def request_id(headers: Headers) -> str:
    """What this request is known by: the caller's well-formed ``X-Request-Id``, else its trace id, else a fresh one."""
    given = headers.get(REQUEST_ID, ())
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        return given[0]
    traced = _TRACEPARENT.fullmatch(next(iter(headers.get("traceparent", ())), ""))
    return traced[1] if traced else secrets.token_hex(16)
