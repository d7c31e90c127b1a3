"""JSON Web Tokens (RFC 7519): what is the same in every kind of them."""

from collections.abc import Mapping

from pydantic import JsonValue


def numeric_date(claims: Mapping[str, JsonValue], name: str) -> float | None:
    """Section 2: a claim's NumericDate, in seconds since the epoch; ``None`` when it is absent or no number."""
    value = claims.get(name)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
