import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from hexkeep.cli.main import cli
from tests.ports import reserved_port
from tests.unit.bootstrap.surroundings import empty_surroundings

__all__ = ["Command", "empty_surroundings", "hexkeep", "unused_port"]


class Command:
    """The command line, run inside this process in an empty folder."""

    def run(self, *words: str, code: int = 0, text: str = "") -> str:
        """The standard output of a command that has to end with ``code``; its standard error goes to ``errors``."""
        result = CliRunner().invoke(cli, words, input=text, prog_name="hexkeep")
        assert result.exit_code == code, result.output
        self.errors = result.stderr
        return result.stdout

    def json(self, *words: str, code: int = 0, text: str = "") -> Any:
        """The same, parsed."""
        return json.loads(self.run(*words, code=code, text=text))


@pytest.fixture
def hexkeep() -> Command:
    """The command ``hexkeep``."""
    return Command()


@pytest.fixture
def unused_port(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An origin where no server runs, whatever else this machine does."""
    with reserved_port() as port:
        monkeypatch.setenv("HEXKEEP_SERVER__PORT", str(port))
        yield
