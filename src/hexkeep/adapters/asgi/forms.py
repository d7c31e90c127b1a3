"""Forms: queries and bodies of ``application/x-www-form-urlencoded``, bounded and strict about their encoding."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from hexkeep.adapters.asgi import bodies
from hexkeep.adapters.asgi.errors import UnsupportedMediaType
from hexkeep.adapters.asgi.headers import Headers
from hexkeep.adapters.asgi.types import Receive
from hexkeep.core.kernel.errors import InvalidInput, TooLarge

MEDIA_TYPE = "application/x-www-form-urlencoded"
MAX_BYTES = bodies.MAX_BYTES
"""The largest query and the largest body."""
MAX_FIELDS = 64


@dataclass(frozen=True, slots=True)
class Form:
    """Fields by name, each with its first value; ``repeated`` has the names that were given more than once."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    repeated: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Every field as it came, in order."""

    def get(self, name: str) -> str:
        """The value of a field, empty when absent."""
        return self.values.get(name, "")

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may be given more than once, in order, without empty ones."""
        return tuple(value for found, value in self.pairs if found == name and value)

    def without(self, *names: str) -> "Form":
        """The same without some fields."""
        kept = {name: value for name, value in self.values.items() if name not in names}
        pairs = tuple((name, value) for name, value in self.pairs if name not in names)
        return Form(kept, tuple(name for name in self.repeated if name not in names), pairs)


def parse(encoded: bytes, max_bytes: int = MAX_BYTES) -> Form:
    """The fields of a query or body; raises ``InvalidInput`` for what is not UTF-8 or has more than 64 fields."""
    if len(encoded) > max_bytes:
        raise TooLarge(f"The form is larger than {max_bytes} bytes")
    try:
        pairs = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidInput(f"This is not a form in UTF-8 with at most {MAX_FIELDS} fields") from None
    values: dict[str, str] = {}
    repeated: dict[str, None] = {}
    for name, value in pairs:
        if name in values:
            repeated[name] = None
        values.setdefault(name, value)
    return Form(values, tuple(repeated), tuple(pairs))


def is_form(headers: Headers) -> bool:
    """Whether the body is declared as a form in UTF-8."""
    return bodies.declared(headers, MEDIA_TYPE)


async def read(receive: Receive, headers: Headers, max_bytes: int = MAX_BYTES) -> Form:
    """The form in a body; raises ``UnsupportedMediaType``, ``TooLarge`` or ``InvalidInput``."""
    if not is_form(headers):
        raise UnsupportedMediaType(f"The body must be {MEDIA_TYPE} in UTF-8")
    return parse(await bodies.read(receive, headers, max_bytes), max_bytes)
