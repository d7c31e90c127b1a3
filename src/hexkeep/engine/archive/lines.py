"""The lines of an archive: a record as JSON, then a check over it and everything before it.

The check is the first half of a running SHA-256, in hexadecimal, behind a tab. So a line that was changed, left out or
moved is noticed when it is read, before anything of it is used; that the end is missing is noticed at the end.
"""

import hashlib
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.engine.archive.records import FORMAT, RECORD, End, Header, Record

CHECK = 32
"""Characters of a line's check."""


class ArchiveDamaged(InvalidInput):
    """An archive is not whole, or not as it was written. Nothing behind the damage can be trusted."""

    code = "archive_damaged"
    title = "The archive is damaged"


class Lines:
    """Writes lines, one after the other."""

    def __init__(self) -> None:
        self._state = hashlib.sha256()
        self.count = 0

    def line(self, record: Record) -> bytes:
        """The next line, its end included."""
        body = RECORD.dump_json(record)
        self._state.update(body)
        self.count += 1
        return body + b"\t" + _check(self._state) + b"\n"

    def end(self) -> bytes:
        """The last line."""
        return self.line(End(self.count))


def read(lines: Iterable[bytes]) -> Iterator[Record]:
    """The records behind lines, without the end; raises ``ArchiveDamaged``, and for a newer format ``InvalidInput``."""
    state, count = hashlib.sha256(), 0
    for number, line in enumerate(lines, start=1):
        record = _record(line, number, state)
        if isinstance(record, Header) is not (number == 1):
            raise ArchiveDamaged("An archive begins with its header, and has one")
        if isinstance(record, End):
            if record.records != count:
                raise ArchiveDamaged(f"The archive lacks records: {count} are there, {record.records} were written")
            return
        count += 1
        yield record
    raise ArchiveDamaged(f"The archive breaks off behind line {count}")


def _record(line: bytes, number: int, state: "hashlib._Hash") -> Record:
    body, tab, check = line.rstrip(b"\n").rpartition(b"\t")
    state.update(body)
    if not tab or check != _check(state):
        raise ArchiveDamaged(f"Line {number} of the archive is not as it was written")
    known = any(f'"format":{one},'.encode() in body for one in range(1, FORMAT + 1))
    if number == 1 and b'"kind":"header"' in body and not known:
        raise InvalidInput("The archive was written by a newer program")
    try:
        return RECORD.validate_json(body)
    except ValidationError as error:
        raise ArchiveDamaged(f"Line {number} of the archive holds no record") from error


def _check(state: "hashlib._Hash") -> bytes:
    return state.hexdigest()[:CHECK].encode()
