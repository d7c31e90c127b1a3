"""Pictures drawn anew: by their bytes alone, within bounds, and with nothing left of what came along."""

import asyncio
import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from hexkeep.adapters.pillow import icons
from hexkeep.adapters.pillow.drawing import redraw
from hexkeep.adapters.pillow.images import PillowImages
from hexkeep.adapters.pillow.settings import PillowSettings
from hexkeep.core.asset.errors import AnimatedPicture, NotAPicture, PictureTooLarge
from hexkeep.core.kernel.errors import Overloaded

POINTS = 1 << 20
EDGE = 64
SCRIPT = b"<script>alert(document.cookie)</script>"


def picture(format_: str = "PNG", size: tuple[int, int] = (48, 32), mode: str = "RGB", **options: Any) -> bytes:
    """A picture in two halves, red and blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    if mode == "RGBA":
        image.putalpha(128)
    target = io.BytesIO()
    image.convert(mode).save(target, format_, **options)
    return target.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    """A part of a PNG (W3C PNG section 5.3)."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def bomb(width: int, height: int) -> bytes:
    """A small PNG of very many points."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * min(height, 2000)), 9)
    return icons.PNG + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def icon(*pictures: bytes) -> bytes:
    """An ICO whose directory says that its pictures are tiny."""
    offset = 6 + 16 * len(pictures)
    entries = b""
    for one in pictures:
        entries += struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(one), offset)
        offset += len(one)
    return icons.MAGIC + struct.pack("<H", len(pictures)) + entries + b"".join(pictures)


def opened(content: bytes) -> Image.Image:
    """The picture that was drawn."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize(
    ("format_", "mode", "kind"),
    [
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "L", "image/png"),
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("WEBP", "RGB", "image/jpeg"),
        ("WEBP", "RGBA", "image/png"),
        ("GIF", "P", "image/png"),
        ("ICO", "RGBA", "image/png"),
    ],
)
def test_every_format_is_drawn(format_: str, mode: str, kind: str) -> None:
    """Into one of the two that are served, with the size that it has."""
    size = (32, 32) if format_ == "ICO" else (48, 32)
    options = {"sizes": [size]} if format_ == "ICO" else {}
    drawn = redraw(picture(format_, size, mode, **options), EDGE, POINTS)
    assert (drawn.content_type, drawn.width, drawn.height) == (kind, *size)
    image = opened(drawn.content)
    assert (image.size, Image.MIME[image.format or ""]) == (size, kind)
    if mode == "RGBA":
        assert image.getchannel("A").getextrema() == (128, 128)
    red, _, blue = image.convert("RGB").getpixel((2, 2))  # type: ignore[misc]  # a triple, for the mode is RGB
    if mode != "L":
        assert min(red, 255 - blue) > 190


def test_large_picture_is_scaled_down() -> None:
    """Until its longer edge fits, and in proportion; a small one stays as it is."""
    for format_ in ("PNG", "JPEG"):
        drawn = redraw(picture(format_, (400, 200)), EDGE, POINTS)
        assert (drawn.width, drawn.height) == (EDGE, EDGE // 2)
    drawn = redraw(picture("PNG", (5, 3)), EDGE, POINTS)
    assert (drawn.width, drawn.height) == (5, 3)


def test_nothing_that_came_along_is_left() -> None:
    """Texts, places, profiles, comments: all of it stays behind. What they say of the way up is done."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "secret description"
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "secret text")
    options: dict[str, Any] = {"exif": exif, "icc_profile": b"secret profile"}
    for content in (picture("PNG", pnginfo=info, **options), picture("JPEG", comment=b"secret comment", **options)):
        assert b"secret" in content
        drawn = redraw(content, EDGE, POINTS)
        assert b"secret" not in drawn.content
        assert (drawn.width, drawn.height) == (32, 48)
        image = opened(drawn.content)
        assert not image.getexif()
        assert {"icc_profile", "comment", "Comment", "exif"} & image.info.keys() == set()


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "WEBP"])
def test_polyglots_lose_what_is_appended(format_: str) -> None:
    """A page, an archive or a program behind the picture is not served with it."""
    drawn = redraw(picture(format_) + SCRIPT, EDGE, POINTS)
    assert SCRIPT not in drawn.content


def test_polyglots_lose_what_is_inside() -> None:
    """A page in a part of a PNG, or in the comment of a GIF, stays behind as well."""
    whole = picture("PNG")
    header = whole.index(b"IDAT") - 4
    inside = whole[:header] + chunk(b"htMl", SCRIPT) + whole[header:]
    for content in (inside, picture("GIF", mode="P", comment=SCRIPT)):
        assert SCRIPT in content
        assert SCRIPT not in redraw(content, EDGE, POINTS).content


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<!doctype html>" + SCRIPT,
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        b"BM" + bytes(60),
        b"II*\0" + bytes(60),
        picture("BMP"),
        picture("TIFF"),
        picture("PNG")[:-30],
        picture("JPEG")[:200],
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a" + SCRIPT,
        b"RIFF\0\0\0\0WEBP",
    ],
    ids=lambda content: content[:12].hex(),
)
def test_all_else_is_no_picture(content: bytes) -> None:
    """Formats that can hold script, that start other programs, or that nobody needs; and what is cut off."""
    with pytest.raises(NotAPicture):
        redraw(content, EDGE, POINTS)


@pytest.mark.parametrize("format_", ["GIF", "PNG", "WEBP"])
def test_animations_are_refused(format_: str) -> None:
    """In every format that has them."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    target = io.BytesIO()
    frames[0].save(target, format_, save_all=True, append_images=frames[1:])
    with pytest.raises(AnimatedPicture):
        redraw(target.getvalue(), EDGE, POINTS)


def test_bomb_is_not_decoded() -> None:
    """What has more points than may be is told by its header, in PNG as in the PNG inside an icon."""
    for width, height in ((60_000, 60_000), (1 << 20, 1 << 11), (1025, 1024)):
        content = bomb(width, height)
        assert len(content) < 300_000
        for wrapped in (content, icon(content), icon(picture("PNG", (16, 16)), content)):
            with pytest.raises(PictureTooLarge):
                redraw(wrapped, EDGE, POINTS)
    assert redraw(bomb(1024, 1024), EDGE, POINTS).width == EDGE


@pytest.mark.parametrize("before", [b"", b"IHDR", b"prVt"])
def test_bomb_behind_another_header_inside_an_icon_is_not_decoded(before: bytes) -> None:
    """Pillow believes the last header, wherever it stands, so all of them are looked for."""
    tiny, large = (struct.pack(">IIBBBBB", edge, edge, 1, 0, 0, 0, 0) for edge in (16, 12_000))
    first = chunk(before, tiny) if before else b""
    rows = chunk(b"IDAT", zlib.compress(bytes(1501 * 12_000), 9))
    content = icon(icons.PNG + first + chunk(b"IHDR", large) + rows + chunk(b"IEND", b""))
    assert (12_000, 12_000) in icons.sizes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # Pillow warns of what it decodes
        with pytest.raises(PictureTooLarge):
            redraw(content, EDGE, POINTS)


def test_icon_of_endless_headers_is_no_picture() -> None:
    """What comes before the points is looked through only so far."""
    many = chunk(b"tEXt", b"a\0b") * 2000
    content = icon(icons.PNG + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 1, 0, 0, 0, 0)) + many)
    with pytest.raises(ValueError, match="too many"):
        list(icons.sizes(content))


def test_bitmap_bomb_inside_an_icon_is_not_decoded() -> None:
    """A bitmap's own header says how large it is, whatever the directory does."""
    header = struct.pack("<IiiHHIIiiII", 40, 60_000, 120_000, 1, 8, 1, 100, 0, 0, 0, 0)
    with pytest.raises(PictureTooLarge):
        redraw(icon(header + bytes(1200)), EDGE, POINTS)


def test_picture_that_stays_too_large_is_refused() -> None:
    """Noise cannot be made small: what has too many bytes once it is drawn is not kept."""
    noise = Image.effect_noise((1100, 1100), 200).convert("RGB")
    channels = [Image.effect_noise((1100, 1100), 200) for _ in noise.getbands()]
    target = io.BytesIO()
    Image.merge("RGB", channels).save(target, "PNG")
    with pytest.raises(PictureTooLarge):
        redraw(target.getvalue(), 1100, 2 * POINTS)


SAMPLES = [
    picture("PNG", (9, 7)),
    picture("PNG", (9, 7), "RGBA"),
    picture("JPEG", (9, 7)),
    picture("WEBP", (9, 7)),
    picture("GIF", (9, 7), "P"),
    icon(picture("PNG", (16, 16))),
    b"",
]


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8), st.binary()
)
@example(SAMPLES[0], [], SCRIPT)
def test_any_bytes_are_drawn_or_refused(sample: bytes, changes: list[tuple[int, int]], behind: bytes) -> None:
    """Nothing else is raised, whatever was done to a picture, and what is drawn is one."""
    content = bytearray(sample + behind)
    for place, value in changes:
        if content:
            content[place % len(content)] = value
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            drawn = redraw(bytes(content), EDGE, POINTS)
        except (NotAPicture, AnimatedPicture, PictureTooLarge):
            return
        assert opened(drawn.content).size == (drawn.width, drawn.height)
    assert max(drawn.width, drawn.height) <= EDGE


@given(st.binary(max_size=300))
def test_any_directory_of_an_icon_is_read_or_refused(content: bytes) -> None:
    """Sizes or a ``ValueError``, for any bytes."""
    try:
        found = list(icons.sizes(icons.MAGIC + content))
    except ValueError:
        return
    assert len(found) <= icons.MOST


@pytest.fixture
def images() -> Iterator[PillowImages]:
    """The port, with room for two."""
    images = PillowImages(PillowSettings(points=POINTS, threads=1, max_waiting=1))
    yield images
    images.close()


async def test_pool_is_bounded(images: PillowImages) -> None:
    """Who comes beyond the bound is told at once, and there is room again afterwards."""
    content = picture("PNG", (1024, 1024))
    results = await asyncio.gather(*(images.redraw(content, EDGE) for _ in range(9)), return_exceptions=True)
    refused = [one for one in results if isinstance(one, Overloaded)]
    assert len(refused) == 7
    assert (await images.redraw(content, EDGE)).width == EDGE


async def test_errors_come_through_the_pool(images: PillowImages) -> None:
    """As they are; and a closed pool takes nothing more."""
    with pytest.raises(NotAPicture):
        await images.redraw(b"no picture", EDGE)
    with pytest.raises(PictureTooLarge):
        await images.redraw(bomb(60_000, 60_000), EDGE)
    images.close()
    with pytest.raises(Overloaded):
        await images.redraw(picture(), EDGE)
