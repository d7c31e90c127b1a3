"""What decisions about assets ask for."""

from dataclasses import dataclass, field

from hexkeep.core.asset.errors import AnimatedPicture, NotAPicture, PictureTooLarge
from hexkeep.core.kernel.ask import Ask
from hexkeep.core.kernel.errors import FailedPrecondition


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that we drew ourselves: nothing is in it but its points. Its media type is one that browsers show."""

    content: bytes = field(repr=False)
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RedrawPicture(Ask[Picture]):
    """Draw an uploaded picture anew, scaled down until neither edge is longer than ``longest_edge`` points.

    What it is is told by its bytes alone. Raises ``NotAPicture``, ``AnimatedPicture``, ``PictureTooLarge``, and
    ``Overloaded`` when too many wait; ``FailedPrecondition`` where nothing can be drawn.
    """

    raises = (NotAPicture, AnimatedPicture, PictureTooLarge, FailedPrecondition)

    content: bytes = field(repr=False)
    longest_edge: int
