"""Which language somebody is addressed in: as the application or the browser says, among those that there are."""

from collections.abc import Iterable, Sequence

from hexkeep.adapters.asgi.request import Request

LANGUAGE_NAMES = {"en": "English", "de": "Deutsch"}
"""What languages call themselves, by tag (RFC 5646)."""
MAX_RANGES = 20


def accepted_languages(request: Request) -> tuple[str, ...]:
    """The language ranges of ``Accept-Language``, the dearest first (RFC 9110 section 12.5.4); ``*`` says nothing."""
    ranges = (_weighed(part) for part in request.header("accept-language").split(",")[:MAX_RANGES])
    wanted = [(tag, weight) for tag, weight in ranges if tag not in ("", "*") and weight > 0]
    return tuple(tag for tag, _ in sorted(wanted, key=lambda one: -one[1]))


def _weighed(part: str) -> tuple[str, float]:
    tag, _, weight = part.partition(";")
    _, _, number = weight.strip().partition("q=")
    try:
        return tag.strip(), float(number) if weight.strip() else 1.0
    except ValueError:
        return "", 0.0


def chosen_language(wanted: Iterable[str], allowed: Sequence[str]) -> str:
    """The first of ``allowed`` that somebody wants, by ever shorter tags (RFC 4647 section 3.4); else the first."""
    for tag in wanted:
        parts = tag.lower().split("-")
        for length in range(len(parts), 0, -1):
            if "-".join(parts[:length]) in allowed:
                return "-".join(parts[:length])
    return allowed[0]
