"""Errors of uploads."""

from hexkeep.core.kernel.errors import InvalidInput, TooLarge


class NotAPicture(InvalidInput):
    """The bytes are no picture that is taken here: PNG, JPEG, WebP, GIF or ICO, undamaged."""

    code = "not_a_picture"
    title = "This is not a picture in PNG, JPEG, WebP, GIF or ICO"


class AnimatedPicture(InvalidInput):
    """The picture moves."""

    code = "animated_picture"
    title = "Animated pictures are not taken"


class PictureTooLarge(TooLarge):
    """The picture has more points than are drawn, or more bytes once it is drawn."""

    code = "picture_too_large"
    title = "The picture is too large"


class NotAFont(InvalidInput):
    """The bytes are no font that is taken here: WOFF2, WOFF, TrueType or OpenType, and nothing behind it."""

    code = "not_a_font"
    title = "This is not a font in WOFF2, WOFF, TrueType or OpenType"
