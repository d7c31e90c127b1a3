"""Writes the ``.proto`` files and the locks of numbers: ``python -m hexkeep.adapters.rpc.proto``.

Beside Hexkeep's own slices it takes slices of plugins, or their kinds of identity providers, as
``package.module:ATTRIBUTE``; the lock of a plugin is written into its package, which then is best installed as
editable. With ``--own`` only what the plugins bring is written: the files that lie in their repository.
"""

import argparse
import importlib
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hexkeep.adapters.rpc.numbers import OURS, Numbers, dump, lock_file
from hexkeep.adapters.rpc.printing import text_of
from hexkeep.adapters.rpc.schema import Declared, Schema
from hexkeep.core.idp.factory import kind_slice
from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.slices import SLICES

FOLDER = Path("proto")
MODULE = f"""# Generated from the operations by `python -m {OURS}.proto`; do not edit.
version: v2
lint:
  use:
    - STANDARD
breaking:
  use:
    - FILE
"""


def generated(slices: Iterable[Slice] = SLICES) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The text of each ``.proto`` file by its path, and of each lock by its package."""
    schema = Schema(Declared(one.name, operation) for one in slices for operation in one.operations)
    numbers = Numbers(schema)
    texts = {file.path: text_of(file, schema, numbers) for file in schema.files.values()}
    return {"buf.yaml": MODULE, **texts}, {home: dump(lock) for home, lock in numbers.locks.items()}


def brought(slices: Iterable[Slice]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The same of what ``slices`` of plugins bring along, without what is Hexkeep's."""
    texts, locks = generated((*SLICES, *slices))
    ours, _ = generated()
    added = {path: text for path, text in texts.items() if path not in ours}
    return added, {home: text for home, text in locks.items() if home != OURS}


def write(folder: Path, texts: Mapping[str, str], locks: Mapping[str, str]) -> None:
    """Write everything, and remove files in ``folder`` that nothing is declared in any more."""
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    for stale in {*folder.rglob("*.proto")} - {folder / path for path in texts}:
        stale.unlink()
    for home, text in locks.items():
        Path(str(lock_file(home))).write_text(text, encoding="utf-8")


def outdated(folder: Path) -> list[str]:
    """Committed files that are not what is generated, those that should be gone among them."""
    texts, locks = generated()
    present = {str(path.relative_to(folder)) for path in folder.rglob("*.proto")}
    wrong = [path for path, text in texts.items() if _read(folder / path) != text]
    stale = sorted(present - texts.keys())
    return [*wrong, *stale, *(home for home, text in locks.items() if _read(Path(str(lock_file(home)))) != text)]


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _slice(name: str) -> Slice:
    module, _, attribute = name.partition(":")
    found: Slice | IdpKind = getattr(importlib.import_module(module), attribute)
    return kind_slice(found) if isinstance(found, IdpKind) else found


def main(arguments: Sequence[str]) -> None:
    """``[--own] [--to FOLDER] [package.module:ATTRIBUTE ...]``."""
    parser = argparse.ArgumentParser(prog=f"python -m {OURS}.proto")
    parser.add_argument("--own", action="store_true", help="only what the named slices bring along")
    parser.add_argument("--to", type=Path, default=FOLDER, metavar="FOLDER")
    parser.add_argument("slices", nargs="*", type=_slice, metavar="package.module:ATTRIBUTE")
    given = parser.parse_args(arguments)
    made = brought(given.slices) if given.own else generated((*SLICES, *given.slices))
    write(given.to, *made)


if __name__ == "__main__":
    main(sys.argv[1:])
