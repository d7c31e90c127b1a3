"""Times in messages of SAML (Core section 1.3.3): in UTC, and read with some patience for other people's clocks."""

import re
from datetime import UTC, datetime, timedelta

SKEW = timedelta(minutes=3)
"""How far clocks may be apart."""
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def written(moment: datetime) -> str:
    """A moment as an ``xs:dateTime``, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read(text: str) -> datetime | None:
    """The moment that a text is, ``None`` for one that is not in UTC or none at all."""
    if not _FORM.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None
