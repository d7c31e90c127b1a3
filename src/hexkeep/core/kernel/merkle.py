"""Merkle trees over SHA-256, in the shape of RFC 6962 section 2.1: unbalanced, split at the largest power of two."""

import hashlib
from collections.abc import Iterable

LEAF = b"\x00"
INNER = b"\x01"
"""Leaves and inner nodes are told apart, so that neither can be passed off as the other."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf that says ``content``."""
    return hashlib.sha256(LEAF + content).digest()


class Tree:
    """A tree that grows leaf by leaf; it holds as many hashes as its size has binary digits, whatever its size."""

    __slots__ = ("_peaks", "size")

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Add the hash of a leaf on the right."""
        self.size += 1
        self._peaks.append(leaf)
        complete = self.size
        while complete % 2 == 0:  # two complete trees of one size make one of the next
            right = self._peaks.pop()
            self._peaks[-1] = _inner(self._peaks[-1], right)
            complete //= 2

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._peaks:
            return hashlib.sha256().digest()
        root = self._peaks[-1]
        for left in self._peaks[-2::-1]:
            root = _inner(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def _inner(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(INNER + left + right).digest()
