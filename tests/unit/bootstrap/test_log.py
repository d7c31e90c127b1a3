import json
import logging

import pytest

from hexkeep.bootstrap.log import configure_logging
from hexkeep.bootstrap.settings import LoggingSettings


def test_json_lines_hold_what_was_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """One object per record with time, level, logger, message, extra fields and exception."""
    configure_logging(LoggingSettings(format="json"))
    logging.getLogger("hexkeep.part").info("did %s\nthings", 2, extra={"request_id": "r1"})
    logging.getLogger("hexkeep.part").error("failed", exc_info=ZeroDivisionError())
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    assert first["time"].endswith("+00:00")
    assert (first["level"], first["logger"], first["message"]) == ("info", "hexkeep.part", "did 2\nthings")
    assert first["request_id"] == "r1"
    assert "ZeroDivisionError" in second["exception"]
    assert set(first) == {"time", "level", "logger", "message", "request_id"}


def test_levels_divide_ours_from_others(capsys: pytest.CaptureFixture[str]) -> None:
    """Our own records from the level on, libraries' from warnings on, all on standard error."""
    configure_logging(LoggingSettings(level="error"))
    logging.getLogger("hexkeep").warning("ours")
    logging.getLogger("library").info("theirs")
    logging.getLogger("hexkeep").error("grave")
    logging.getLogger("library").warning("loud")
    written = capsys.readouterr()
    assert [line.rpartition(": ")[2] for line in written.err.splitlines()] == ["grave", "loud"]
    assert written.out == ""
