"""Images: uploaded pictures drawn anew, so that what is served is ours to the last byte."""

from typing import Protocol

from hexkeep.core.asset.asks import Picture


class Images(Protocol):
    """The port. Its method may be called concurrently, and holds up nothing else meanwhile."""

    async def redraw(self, content: bytes, longest_edge: int) -> Picture:
        """The picture without anything but its points: no metadata, no profile, nothing appended.

        Its format is found by its bytes, never by what somebody says of it: PNG, JPEG, WebP, GIF and ICO (the largest
        of its pictures); nothing that can hold script. Turned upright as its metadata says, and scaled down until
        neither edge is longer than ``longest_edge`` points. Nothing is decoded before the number of its points is known
        to be within bounds. Raises ``NotAPicture``, ``AnimatedPicture``, ``PictureTooLarge`` and ``Overloaded``.
        """
