"""The program's log: one line per record on standard error, for people or as JSON."""

import json
import logging
import sys
from datetime import UTC, datetime

from hexkeep.bootstrap.settings import LoggingSettings

TEXT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
STANDARD = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})
"""What every record has; whatever else it has was added by who logged it."""


class JsonLines(logging.Formatter):
    """One JSON object per record: ``time`` (RFC 3339), ``level``, ``logger``, ``message``, perhaps ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        fields: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in STANDARD},
        }
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields, ensure_ascii=False, default=str)


def configure_logging(settings: LoggingSettings) -> None:
    """Send every record at or above the level to standard error; libraries speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else logging.Formatter(TEXT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("hexkeep").setLevel(settings.level.upper())
