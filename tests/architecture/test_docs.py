"""The documents say what is true: what they point at exists."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import click
import pytest

from hexkeep.bootstrap.settings import Settings
from hexkeep.cli.main import cli
from hexkeep.core.slices import SLICES
from tests.architecture.source import PACKAGE, ROOT, name

EXAMPLES = [path for path in sorted((ROOT / "examples").rglob("*.md")) if ".venv" not in path.parts]
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *EXAMPLES]
GENERATED = ROOT / "docs" / "reference"
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#]+)[^)]*\)")
TEST = re.compile(r"`(tests/[\w/]+\.py)`")
BLOCK = re.compile(r"(?:<!-- from (?P<source>\S+) -->\n *)?```(?P<language>\w+)\n(?P<text>.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?:^|`|\| |\$\()hexkeep (?P<words>[a-z][\w -]*)", re.MULTILINE)
OPERATION = re.compile(r"hexkeep call (?P<name>[A-Z]\w+)")
VERBS = ("Create", "Get", "Update")
"""Of what a kind of identity providers brings."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_relative_links_lead_somewhere(document: Path) -> None:
    """A link to another file of the repository finds it."""
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def blocks(document: Path) -> Iterator[re.Match[str]]:
    """The fenced blocks of a document that name a language."""
    return BLOCK.finditer(document.read_text(encoding="utf-8"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_snippets_are_cut_from_files(document: Path) -> None:
    """A block that says where it is from stands there, line for line."""
    cut = [block for block in blocks(document) if block["source"]]
    assert [block["text"] for block in cut if not _stands_in(ROOT / block["source"], dedent(block["text"]))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_python_in_documents_is_python(document: Path) -> None:
    """A block of Python that is nobody's excerpt can be read by Python; reference pages show bare signatures."""
    if document.parent != GENERATED:
        for block in blocks(document):
            if block["language"] == "python" and not block["source"]:
                compile(dedent(block["text"]), name(document), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_settings_in_documents_are_settings(document: Path) -> None:
    """A block of TOML that is no part of a pyproject.toml is a settings file that Hexkeep accepts."""
    for block in blocks(document):
        tree = tomllib.loads(dedent(block["text"])) if block["language"] == "toml" else {"project": {}}
        if "project" not in tree:
            Settings.model_validate(tree)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name)
def test_commands_in_documents_exist(document: Path) -> None:
    """Whatever a document calls is a command, or an operation of ours or of an example's."""
    text = document.read_text(encoding="utf-8")
    known = {operation.name for one in SLICES for operation in one.operations} | _operations_of_examples()
    assert {match["name"] for match in OPERATION.finditer(text)} <= known
    assert [match["words"] for match in COMMAND.finditer(text) if not _is_command(match["words"].split())] == []


def test_architecture_names_rules_that_exist() -> None:
    """Each test and each import contract that ARCHITECTURE.md names as holding an invariant is there."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert [path for path in TEST.findall(page) if not (ROOT / path).is_file()] == []
    named = [part.rstrip(" …") for line in page.splitlines() if "import-linter:" in line for part in _emphasised(line)]
    assert [contract for contract in named if f'name = "{contract}' not in contracts] == []


def test_architecture_maps_every_ring() -> None:
    """The code map has each folder of the package."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rings = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
    assert {ring for ring in rings if f"`{ring}/" not in page} == set()


def test_architecture_maps_every_part_of_the_engine() -> None:
    """The engine's map has each of its files."""
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    parts = {path.name for path in (PACKAGE / "engine").glob("*.py")} - {"__init__.py"}
    assert {part for part in parts if f"`{part}`" not in page} == set()


def test_decision_records_are_indexed() -> None:
    """Every record is in the index of records."""
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in folder.glob("[0-9]*.md") if f"({path.name})" not in index] == []


def _emphasised(line: str) -> list[str]:
    return re.findall(r"\*([^*]+)\*", line)


def _stands_in(path: Path, text: str) -> bool:
    """Whether the lines of ``text`` follow each other in a file, further to the right by the same everywhere."""
    wanted, lines = text.splitlines(), path.read_text(encoding="utf-8").splitlines()
    for start, line in enumerate(lines):
        indent = line[: len(line) - len(line.lstrip())]
        moved = [indent + one if one else one for one in wanted]
        if lines[start : start + len(wanted)] == moved:
            return True
    return False


def _operations_of_examples() -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "examples").rglob("*.py")]
    nouns = [noun for text in texts for noun in re.findall(r'IdpKind\("\w+", "(\w+)"', text)]
    of_kinds = {f"{verb}{of}{noun}IdentityProvider" for noun in nouns for verb in VERBS for of in ("", "Instance")}
    return {found for text in texts for found in re.findall(r'name="([A-Z]\w+)"', text)} | of_kinds


def _is_command(words: list[str]) -> bool:
    """Whether the first words name a command, as far as it has subcommands of a fixed name."""
    ctx = click.Context(cli)
    command = cli.get_command(ctx, words[0])
    if isinstance(command, click.Group) and command.name != "call" and len(words) > 1:
        return command.get_command(ctx, words[1]) is not None
    return command is not None
