"""What a run records, without what differs from run to run: ids, times, keys and secrets look alike each time."""

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Any

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
RANDOM = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43,}(?![A-Za-z0-9_-])")
"""What thumbprints, keys and random values are written as."""
TIME = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|\+00:00)")
MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When every example happens."""
SHOWN_ONCE = "(shown once)"
KEYS = {"private_key": "(a PEM text)"}
"""What no file of a release holds, not even of a test."""
CAUGHT_UP = {"position": 128, "head": 128, "lag": 0}
"""How far a projection is, which depends on when one looks."""
COUNTED = {"seen": 17}
"""How many keys there are, which depends on what has followed by then."""
LONGEST = 400
"""Characters of a text; a longer one is cut."""
SAMPLES = {
    "cursor": "WyI…",
    "next_cursor": "WyI…",
    "delivery_id": "u2zr4yb7cqm4xofh7lknw5tsvdea6pjg",
    "session_token": "hks_…",
    "code": "BCDFGHJK",
    "totp_code": "287082",
    "credential": '{"id": …}',
    "options": '{"challenge": …}',
    "passkey": '{"id": …}',
}
"""What stands in fields whose content is new each time."""


class Plain:
    """Makes what was recorded plain. What the scenario itself has ``said`` stays as it is."""

    def __init__(self, began: datetime, said: str) -> None:
        self._began = began
        self._said = said
        self._known: dict[str, str] = {}
        self._operation = ""
        self._count = 0

    def begin(self, operation: str) -> None:
        """What follows belongs to this operation: what is new in it is written alike however many steps are before."""
        self._operation, self._count = operation, 0

    def value(self, value: Any, secrets: frozenset[str] = frozenset()) -> Any:
        """A value of JSON; ``secrets`` are fields that are shown once."""
        match value:
            case str():
                return self.text(value)
            case dict() if "lag" in value:
                return {**{name: self._field(name, one, secrets) for name, one in value.items()}, **CAUGHT_UP}
            case dict():
                return {name: self._field(name, one, secrets) for name, one in value.items()}
            case list():
                return [self.value(one, secrets) for one in value]
        return value

    def _field(self, name: str, value: Any, secrets: frozenset[str]) -> Any:
        if name in secrets and value:
            return [SHOWN_ONCE] if isinstance(value, list) else SHOWN_ONCE
        if name in KEYS and value:
            return KEYS[name]
        if name in COUNTED and value:
            return COUNTED[name]
        if name in SAMPLES and isinstance(value, str) and value and value not in self._said:
            return SAMPLES[name]
        return self.value(value, secrets)

    def text(self, text: str) -> str:
        """A text."""
        if text in self._said.split("\n"):
            return text
        made = TIME.sub(self._time, UUID.sub(self._id, RANDOM.sub(self._random, text)))
        return made if len(made) <= LONGEST else f"{made[:40]}…"

    def _id(self, found: "re.Match[str]") -> str:
        if found[0] not in self._known:
            digits = self._digest().hex()
            self._known[found[0]] = f"019caddb-{digits[:4]}-7{digits[4:7]}-8{digits[7:10]}-{digits[10:22]}"
        return self._known[found[0]]

    def _random(self, found: "re.Match[str]") -> str:
        if found[0] in self._said:
            return found[0]
        if found[0] not in self._known:
            self._known[found[0]] = base64.urlsafe_b64encode(self._digest()).decode().rstrip("=")
        return self._known[found[0]]

    def _digest(self) -> bytes:
        self._count += 1
        return hashlib.sha256(f"{self._operation} {self._count}".encode()).digest()

    def _time(self, found: "re.Match[str]") -> str:
        """As far from the morning, in whole hours, as it was from the beginning of the run."""
        if found[0] in self._said:
            return found[0]
        hours = round((datetime.fromisoformat(found[0]) - self._began) / timedelta(hours=1))
        return (MORNING + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
