"""Whichever module is imported first, the import succeeds: none of them counts on another that was there before."""

import importlib
import sys
from pathlib import Path

import pytest

from tests.architecture.importing import Interpreter, Module, Partial, circles, module
from tests.architecture.source import PACKAGE, modules


def failures(known: dict[str, Module]) -> dict[str, str]:
    """The modules that cannot be imported first, each with what goes wrong."""
    found = {}
    for part in circles(known):
        for name in part:
            try:
                Interpreter(part).load(name)
            except Partial as error:
                found[name] = str(error)
    return found


def test_every_module_can_be_imported_first() -> None:
    """Modules may import each other, as a slice's package and its operations do, as long as either may come first."""
    known = {}
    for path in modules():
        place = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(place[:-1] if place[-1] == "__init__" else place)
        known[name] = module(name, path.read_text(encoding="utf-8"))
    assert failures(known) == {}


def imported(name: str) -> bool:
    """Whether the interpreter itself can import a module of the package ``ring`` first; it has forgotten it after."""
    try:
        importlib.import_module(name)
    except (ImportError, AttributeError):
        return False
    else:
        return True
    finally:
        for known in [one for one in sys.modules if one.partition(".")[0] == "ring"]:
            del sys.modules[known]


@pytest.mark.parametrize(
    ("package", "left", "right", "failing"),
    [
        ("", "B = 1", "from ring.left import B", {}),
        ("", "from ring.right import C\nB = 1", "C = 1\nfrom ring.left import B", {"left": "right:2"}),
        ("", "from ring import right\nB = 1", "from ring import left\nC = left.B", {"left": "right:2"}),
        ("", "from ring import right\nB = 1", "from ring import left\ndef c(x=left.B): ...", {"left": "right:2"}),
        ("", "from ring import right\nB = 1", "from ring import left\ndef c(): return left.B", {}),
        ("", "from ring import right\nB = 1", "def c():\n from ring.left import B", {}),
        (
            "",
            "from ring import right\nB = 1",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n from ring.left import B",
            {},
        ),
        ("X = 1\nfrom ring import left", "from ring import X", "", {}),
        (
            "from ring import left\nX = 1",
            "from ring import right, X",
            "",
            {"": "left:1", "left": "left:1", "right": "left:1"},
        ),
    ],
)
def test_import_that_counts_on_another_is_found(
    package: str, left: str, right: str, failing: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told which import fails, and where; the interpreter itself fails at the same ones."""
    texts = {"ring": package, "ring.left": left, "ring.right": right}
    found = failures({name: module(name, text) for name, text in texts.items()})
    told = {f"ring.{name}".rstrip("."): f"ring.{where}" for name, where in failing.items()}
    assert {name: why.partition(" ")[0] for name, why in found.items()} == told
    (tmp_path / "ring").mkdir()
    for name, text in texts.items():
        (tmp_path / "ring" / f"{name.partition('.')[2] or '__init__'}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert [name for name in texts if not imported(name)] == sorted(told)
