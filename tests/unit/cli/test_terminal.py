"""What a person sees: on a terminal of 80 columns, and with the help at hand."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

import click
import pytest

from hexkeep.cli.call import Operations
from hexkeep.cli.main import cli
from tests.processes import PROGRAM, process
from tests.unit.cli.conftest import Command

COLUMNS = 80
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-7][0-9;]*m")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


def seen(*words: str, environment: Mapping[str, str] | None = None, script: bool = False) -> str:
    """What a command, or the ``script`` itself, writes to a terminal, standard error included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    names = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR", "COLUMNS"}}
    chosen = {**names, "TERM": "xterm-256color", **(environment or {})}
    terminal: dict[str, Any] = {"stdin": theirs, "stdout": theirs, "stderr": theirs, "env": chosen}
    with subprocess.Popen([PROGRAM, *words], **terminal) if script else process(*words, **terminal) as started:
        os.close(theirs)
        text = b"".join(read_all(ours))
    os.close(ours)
    assert started.returncode == 0, text
    return text.decode()


def printed(text: str) -> list[str]:
    """The lines that stay, without colours, and without the word on what is being done."""
    return [line for line in CONTROL.sub("", text).splitlines() if "…" not in line]


def read_all(terminal: int) -> Iterator[bytes]:
    """Everything until the other side is closed, which Linux tells by an error."""
    try:
        while data := os.read(terminal, 4096):
            yield data
    except OSError:
        return


def test_first_run_is_readable_on_a_terminal() -> None:
    """In colour, aligned, with no line that 80 columns would fold."""
    text = seen("setup", script=True)
    assert COLOUR.search(text)
    lines = printed(text)
    assert max(map(len, lines)) <= COLUMNS
    first = lines.index("The first instance is ready.")
    names, values = zip(*(line.split() for line in lines[first + 1 : first + 3]), strict=True)
    assert names == ("Administrator", "Password")
    assert [line.index(value) for line, value in zip(lines[first + 1 :], values, strict=False)] == [17, 17]
    status = printed(seen("projections", "status"))
    assert max(map(len, status)) <= COLUMNS
    assert any(line.startswith("process.instance-creation ") for line in status)


def test_no_color_is_honoured() -> None:
    """With NO_COLOR set nothing is coloured."""
    assert not COLOUR.search(seen("setup", environment={"NO_COLOR": "1"}))


def test_no_control_characters_without_a_terminal(hexkeep: Command) -> None:
    """What goes into a file or a pipe is text alone."""
    for words in (("setup",), ("projections", "status"), ("config", "check"), ("version",)):
        assert "\x1b" not in hexkeep.run(*words) + hexkeep.errors


@pytest.mark.parametrize("program", [[PROGRAM], [sys.executable, "-m", "hexkeep"]], ids=["script", "module"])
def test_version_is_told_under_either_name(program: list[str]) -> None:
    """`python -m hexkeep` is `hexkeep`, also in what it calls itself."""
    told = subprocess.run([*program, "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == f"hexkeep {metadata.version('hexkeep')}\n"
    usage = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True)
    assert usage.stdout.startswith("Usage: hexkeep ")


def test_help_of_every_command_has_examples(hexkeep: Command) -> None:
    """Nobody has to guess how a command is used; an operation's example has the fields that are needed."""
    for path in paths(cli, ()):
        assert "Examples:\n" in hexkeep.run(*path, "--help"), path
    assert "hexkeep call CreateProject organization_id=… name=…" in hexkeep.run("call", "CreateProject", "--help")


def paths(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words of every command, of operations a few."""
    yield path
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        names = command.list_commands(ctx)
        for name in names[::10] if isinstance(command, Operations) else names:
            found = command.get_command(ctx, name)
            assert found is not None
            yield from paths(found, (*path, name))


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["sevre"], "serve"), (["config", "chekc"], "check"), (["call", "ListUzers"], "ListUsers"), (["nothing"], "")],
)
def test_nearest_name_is_suggested(hexkeep: Command, words: list[str], meant: str) -> None:
    """A misspelt command or operation ends with code 2 and the name that is most like it, if one is."""
    hexkeep.run(*words, code=2)
    assert f"No such command '{words[-1]}'" in hexkeep.errors
    assert ("did you mean" in hexkeep.errors, f"mean {meant}?" in hexkeep.errors) == (bool(meant), bool(meant))


def test_answers_are_tables_on_a_terminal() -> None:
    """A list has a row for each, one thing its names and values; what does not fit is named; --json is as elsewhere."""
    seen("setup")
    listed = seen("call", "--local", "ListUsers")
    assert max(map(len, printed(listed))) <= COLUMNS
    first = printed(listed)[0].split()
    assert first[0] == "user_id"
    assert "admin" in listed
    assert "--json shows" in listed
    assert "No projects." in seen("call", "--local", "ListProjects", "name=none")
    user_id = next(line for line in printed(listed)[1:] if "admin" in line).split()[0]
    shown = printed(seen("call", "--local", "GetUser", f"user_id={user_id}"))
    assert ["user_name", "admin"] in [line.split() for line in shown]
    assert json.loads(CONTROL.sub("", seen("call", "--local", "GetUser", f"user_id={user_id}", "--json")))
