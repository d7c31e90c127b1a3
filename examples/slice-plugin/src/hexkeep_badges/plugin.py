"""The plugin that brings the slice along."""

from collections.abc import Iterable

from hexkeep.core.kernel.slice import Slice
from hexkeep.ports.hooks import hookimpl
from hexkeep_badges import SLICE


class Badges:
    """Adds the noun."""

    @hookimpl
    def hexkeep_slices(self) -> Iterable[Slice]:
        """The slice of badges."""
        return (SLICE,)
