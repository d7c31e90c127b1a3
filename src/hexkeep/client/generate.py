"""Writes the methods of the clients: ``python -m hexkeep.client.generate``.

Beside Hexkeep's own slices it takes a plugin's, as ``package.module:ATTRIBUTE``, and then writes that alone:
``python -m hexkeep.client.generate --to src/acme_badges/client acme_badges.plugin:SLICE`` makes the modules
``blocking_badge.py`` and ``awaited_badge.py``, whose classes take a client.
"""

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from hexkeep.client.printing import AWAITED, BLOCKING, Source, groups_text, messages_text, module_text
from hexkeep.core import slices

PACKAGE = '"""Messages that are made by a function. Made by `python -m hexkeep.client.generate`; do not edit."""\n'
FOLDER = Path(__file__).with_name("generated")


def sources() -> list[Source]:
    """Our own slices that have operations to call."""
    modules = {id(module.SLICE): module.__name__ for module in vars(slices).values() if hasattr(module, "SLICE")}
    found = [Source(one, modules[id(one)]) for one in slices.SLICES]
    return [source for source in found if source.operations]


def generated() -> Mapping[str, str]:
    """The text of each file by its path below the folder."""
    known = sources()
    texts = {f"messages/{one.slice.name}.py": messages_text(one) for one in known}
    texts = {path: text for path, text in texts.items() if text}
    texts["messages/__init__.py"] = PACKAGE
    for flavour in (BLOCKING, AWAITED):
        texts[f"{flavour.folder}/__init__.py"] = groups_text(known, flavour)
        texts |= {f"{flavour.folder}/{one.slice.name}.py": module_text(one, flavour) for one in known}
    return texts


def outdated(folder: Path = FOLDER) -> list[str]:
    """Committed files that are not what is generated, those that should be gone among them."""
    texts = generated()
    present = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.py")}
    wrong = [path for path, text in texts.items() if _read(folder / path) != text]
    return [*wrong, *sorted(present - texts.keys())]


def write(folder: Path = FOLDER) -> None:
    """Write everything, and remove what nothing is declared for any more."""
    texts = generated()
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for stale in {*folder.glob("*/*.py")} - {folder / path for path in texts}:
        stale.unlink()


def write_plugin(folder: Path, name: str) -> None:
    """Write the modules of a slice that is not ours, given as ``package.module:ATTRIBUTE``."""
    module, _, attribute = name.partition(":")
    source = Source(getattr(importlib.import_module(module), attribute), module, attribute)
    if messages_text(source):
        raise ValueError(f"{name} has messages that no module has by their name")
    folder.mkdir(parents=True, exist_ok=True)
    for flavour in (BLOCKING, AWAITED):
        target = folder / f"{flavour.folder}_{source.slice.name}.py"
        target.write_text(module_text(source, flavour), encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main(arguments: Sequence[str]) -> None:
    """Nothing for our own, or ``--to FOLDER package.module:ATTRIBUTE ...``."""
    if not arguments:
        write()
        return
    option, folder, *names = arguments
    if option != "--to" or not names:
        raise SystemExit(__doc__)
    for name in names:
        write_plugin(Path(folder), name)


if __name__ == "__main__":
    main(sys.argv[1:])
