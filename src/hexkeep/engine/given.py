"""What a call was answered so far: two equal asks have one answer, also when the decision is made anew."""

from dataclasses import dataclass, field
from typing import Final

from hexkeep.core.kernel.ask import Ask

UNANSWERED: Final = object()
"""In place of an answer, which may be anything else, ``None`` as well."""


@dataclass(slots=True)
class Given:
    """Asks and their answers. Most asks have a hash; those with a mapping in them are few, and looked through."""

    _hashed: dict[Ask[object], object] = field(default_factory=dict)
    _others: list[tuple[Ask[object], object]] = field(default_factory=list)

    def find(self, ask: Ask[object]) -> object:
        """The answer to an ask that equals this one, or ``UNANSWERED``."""
        try:
            return self._hashed.get(ask, UNANSWERED)
        except TypeError:
            return next((answer for asked, answer in self._others if asked == ask), UNANSWERED)

    def add(self, ask: Ask[object], answer: object) -> None:
        """Keep the answer to an ask that had none."""
        try:
            self._hashed[ask] = answer
        except TypeError:
            self._others.append((ask, answer))

    def keep_lasting(self) -> None:
        """Forget what was read, keep what was done or drawn."""
        self._hashed = {ask: answer for ask, answer in self._hashed.items() if ask.lasting}
        self._others = [(ask, answer) for ask, answer in self._others if ask.lasting]
