"""Errors that only HTTP knows; they extend the one tree as protocol errors do."""

from collections.abc import Iterable

from hexkeep.core.kernel.errors import InvalidInput


class MethodNotAllowed(InvalidInput):
    """The path exists, but not with this method; ``allow`` names those it has (RFC 9110 section 15.5.6)."""

    code = "method_not_allowed"
    status = 405
    rpc = "UNIMPLEMENTED"
    title = "This path does not have this method"

    def __init__(self, allow: Iterable[str]) -> None:
        super().__init__()
        self.allow = ", ".join(sorted(allow))


class UnsupportedMediaType(InvalidInput):
    """The body is not of the media type that is read here; ``message`` names it (RFC 9110 section 15.5.16)."""

    code = "unsupported_media_type"
    status = 415
    title = "The body has a media type that is not read here"
