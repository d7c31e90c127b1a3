"""Drawing one picture anew: from bytes that anybody may have sent to bytes of our own."""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from hexkeep.adapters.pillow import icons
from hexkeep.core.asset.asks import Picture
from hexkeep.core.asset.errors import AnimatedPicture, NotAPicture, PictureTooLarge
from hexkeep.core.kernel.errors import HexkeepError

READ = ("PNG", "JPEG", "WEBP", "GIF", "ICO")
"""The formats that are looked for; Pillow knows many more, some of which start other programs."""
QUALITY = 88
LARGEST = 2 << 20
"""Bytes that the drawn picture may have."""


def redraw(content: bytes, longest_edge: int, points: int) -> Picture:
    """See ``ports.images``. Whatever a decoder stumbles over is a damaged picture."""
    try:
        return _redrawn(content, longest_edge, points)
    except HexkeepError:
        raise
    except Image.DecompressionBombError as error:
        raise PictureTooLarge from error
    except MemoryError:
        raise
    except Exception as error:
        raise NotAPicture from error


def _redrawn(content: bytes, longest_edge: int, points: int) -> Picture:
    if icons.is_icon(content):
        for size in icons.sizes(content):
            _insist_on_bounds(size, points)
    try:
        image = Image.open(io.BytesIO(content), formats=READ)
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    with image:
        _insist_on_bounds(image.size, points)
        if getattr(image, "is_animated", False):
            raise AnimatedPicture
        source = image.format
        image.draft("RGB", (longest_edge, longest_edge))  # a large photograph is decoded smaller
        image.load()
        _insist_on_bounds(image.size, points)  # some formats only know their size now
        upright = ImageOps.exif_transpose(image)
        drawn = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    drawn.thumbnail((longest_edge, longest_edge), Image.Resampling.LANCZOS)
    return _written(_bare(drawn), source)


def _insist_on_bounds(size: tuple[int, int], points: int) -> None:
    width, height = size
    if width < 1 or height < 1:
        raise NotAPicture
    if width * height > points:
        raise PictureTooLarge(f"A picture has at most {points} points")


def _bare(image: Image.Image) -> Image.Image:
    """The points alone, in an image that never knew where they come from."""
    bare = Image.new(image.mode, image.size)
    bare.paste(image)
    return bare


def _written(image: Image.Image, source: str | None) -> Picture:
    """What was a photograph stays one, all else is kept to the point."""
    target = io.BytesIO()
    if source in {"JPEG", "WEBP"} and image.mode == "RGB":
        image.save(target, "JPEG", quality=QUALITY, optimize=True)
        kind = "image/jpeg"
    else:
        image.save(target, "PNG", optimize=True)
        kind = "image/png"
    content = target.getvalue()
    if len(content) > LARGEST:
        raise PictureTooLarge(f"The picture has more than {LARGEST} bytes once it is drawn")
    return Picture(content, kind, *image.size)
