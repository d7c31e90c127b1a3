"""What shells complete: asked by Bash itself, and as zsh and fish ask."""

import os
import shlex
import subprocess

import pytest

from hexkeep.cli.completion import joined
from tests.processes import PROGRAM


def bash(line: str, *words: str) -> list[str]:
    """What Bash would offer for the last of the words, into which it has split the line."""
    script = f"""
        source <(_HEXKEEP_COMPLETE=bash_source {shlex.quote(str(PROGRAM))})
        COMP_LINE={shlex.quote(line)}; COMP_WORDS=({shlex.join(words)}); COMP_CWORD={len(words) - 1}
        _hexkeep_completion {shlex.quote(str(PROGRAM))}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    run = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True)
    return run.stdout.split()


def asked(shell: str, words: str, at: str) -> str:
    """What the program answers a shell's script."""
    environment = {**os.environ, "_HEXKEEP_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": at}
    return subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["hexkeep", "con"], ["config"]),
        (["hexkeep", "call", "CreateProjectR"], ["CreateProjectRole"]),
        (["hexkeep", "call", "CreateProject", "org"], ["organization_id="]),
        (["hexkeep", "call", "CreateProject", "organization_id", "=", "x", "org"], []),
        (["hexkeep", "call", "ListUsers", "kind", "="], ["unspecified", "human", "machine"]),
        (["hexkeep", "call", "ListUsers", "kind", "=", "ma"], ["machine"]),
        (["hexkeep", "call", "ListUsers", "--js"], ["--json"]),
    ],
    ids=" ".join,
)
def test_bash(words: list[str], offered: list[str]) -> None:
    """Commands, operations, fields that are not given yet, values of enumerations, options."""
    assert bash(" ".join(words), *words) == offered


def test_zsh_and_fish() -> None:
    """Names come with what they mean."""
    assert "CreateProjectRole\nAdd a role to a project" in asked("zsh", "hexkeep call CreateProjectR", "2")
    assert "kind=machine" in asked("fish", "hexkeep call ListUsers kind=m", "kind=m")


def test_words_that_bash_parts_are_put_together() -> None:
    """At the sign, on both sides of it, and nowhere else."""
    assert joined(["call", "name", "=", "a b", "key", "="]) == ["call", "name=a b", "key="]
