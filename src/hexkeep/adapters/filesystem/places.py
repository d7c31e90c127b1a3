"""Where a blob's file lies: one folder per instance, in it one per owner. No name leads anywhere else.

A name becomes the name of a file by writing every byte that is not a small letter, a digit, ``-`` or ``_`` as ``=`` and
two hexadecimal digits: so none is ``..``, holds a slash, or differs from another by case alone. What would be too long
for a file system becomes its SHA-256 behind ``==``, which no other name begins with.
"""

import hashlib
from pathlib import Path

from hexkeep.core.kernel.aggregate import Ref

PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
LONGEST = 200
"""Bytes of a file's name, below what any file system takes."""


def named(text: str) -> str:
    """The name of the file or folder that stands for ``text``."""
    raw = text.encode("utf-8", "surrogatepass")
    written = "".join(chr(byte) if byte in PLAIN else f"={byte:02x}" for byte in raw) or "=="
    return written if len(written) <= LONGEST else f"=={hashlib.sha256(raw).hexdigest()}"


def of_instance(folder: Path, instance: str) -> Path:
    """The folder of an instance."""
    return folder / named(instance)


def of_owner(folder: Path, instance: str, owner: Ref) -> Path:
    """The folder of an owner's blobs."""
    return of_instance(folder, instance) / named(owner.type) / named(owner.id)


def of_blob(folder: Path, instance: str, owner: Ref, name: str) -> Path:
    """The file of a blob."""
    return of_owner(folder, instance, owner) / named(name)
