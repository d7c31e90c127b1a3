"""npm @bufbuild/buf, which we did not write, judges `proto/`: its style, and whether anything breaks callers."""

import shutil
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.e2e.generated_clients import run

pytestmark = pytest.mark.browser

PROTO = ROOT / "proto"
PUBLISHED = PROTO / "published.binpb"
FOUND = 100
"""How buf ends when it has found something."""
PROJECT = "hexkeep/management/v1/project.proto"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files, to be changed."""
    return shutil.copytree(PROTO, tmp_path / "proto")


def change(folder: Path, old: str, new: str) -> None:
    """Change a file as somebody might by mistake."""
    file = folder / PROJECT
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_files_are_clean() -> None:
    """All rules of the set STANDARD."""
    assert run("buf", "lint", folder=PROTO) == ""


def test_lint_finds_what_is_not_clean(copy: Path) -> None:
    """The rules are at work."""
    change(copy, "service ProjectService", "service Projects")
    assert 'Service name "Projects" should be suffixed with "Service"' in run("buf", "lint", folder=copy, code=FOUND)


def test_nothing_breaks_what_was_published() -> None:
    """Whoever was generated from the published files goes on working."""
    assert run("buf", "breaking", "--against", PUBLISHED, folder=PROTO) == ""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("rpc GetProject(", "rpc ReadProject(", 'Previously present RPC "GetProject"'),
        ("string name = 2;", "string name = 22;", 'Previously present field "2"'),
        ("string name = 2;", "int64 name = 2;", "changed type"),
        ("rpc GetProject(GetProjectRequest) returns (", "rpc GetProject(GetProjectRequest) returns (stream ", "stream"),
    ],
    ids=["renamed", "renumbered", "retyped", "streamed"],
)
def test_what_breaks_callers_is_found(copy: Path, old: str, new: str, what: str) -> None:
    """A change that generated code does not survive."""
    change(copy, old, new)
    assert what in run("buf", "breaking", "--against", PUBLISHED, folder=copy, code=FOUND)
