"""Unique keys: values that at most one aggregate of a scope may hold, claimed together with its events."""

import unicodedata
from typing import NamedTuple

from hexkeep.core.kernel.aggregate import Ref


class UniqueKey(NamedTuple):
    """A value under ``kind`` within ``scope``. The store keeps only a keyed hash of its normalised form.

    Keys of one kind belong to one log (see ``Aggregate.keys``).
    """

    kind: str
    scope: str
    value: str

    def normalised(self) -> str:
        """The form in which two values are the same key: NFKC, case-folded, trimmed."""
        return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", self.value).casefold()).strip()


class Claim(NamedTuple):
    """Part of a decision: ``owner`` takes the key, or the decision fails with ``AlreadyExists(key.kind)``.

    A decision that lets another owner give back the same key is refused: that is two decisions. Otherwise the history
    of the key could not be told right any more once the one who took it is erased.
    """

    key: UniqueKey
    owner: Ref


class Release(NamedTuple):
    """Part of a decision: ``owner`` gives the key back; nothing happens if it does not hold it."""

    key: UniqueKey
    owner: Ref
