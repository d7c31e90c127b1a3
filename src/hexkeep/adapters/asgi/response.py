"""One HTTP response."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from hexkeep.adapters.asgi.traffic import Outcome
from hexkeep.adapters.asgi.types import Send
from hexkeep.core.kernel.errors import HexkeepError, ResourceExhausted, Unavailable

NO_CONTENT = 204
SEE_OTHER = 303

Header = tuple[str, str]
"""Name in lower case, value."""
NO_STORE: Header = ("cache-control", "no-store")
INERT: tuple[Header, ...] = (
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox; frame-ancestors 'none'"),
    ("referrer-policy", "no-referrer"),
)
"""For bytes that are not of our making: whatever they are taken for, they run nothing and load nothing."""

_VISIBLE = re.compile(r"[\t\x20-\x7e]*")
_URI_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, slots=True)
class Response:
    """Status, headers and the whole body. Headers of the same name may stand several times.

    It is counted and logged as its ``outcome`` where the status of HTTP tells less.
    """

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    outcome: Outcome | None = None

    def adding(self, *headers: Header) -> "Response":
        """The same with more headers."""
        return replace(self, headers=(*self.headers, *headers))

    async def send(self, send: Send, *, silent: bool = False) -> None:
        """Send it; a ``silent`` one, for HEAD, without its body. Raises ``ValueError`` for a header with controls."""
        length = () if self.status == NO_CONTENT else (("content-length", str(len(self.body))),)
        headers = [_encoded(header) for header in (*self.headers, *length)]
        await send({"type": "http.response.start", "status": self.status, "headers": headers, "trailers": False})
        await send({"type": "http.response.body", "body": b"" if silent else self.body, "more_body": False})


def _encoded(header: Header) -> tuple[bytes, bytes]:
    name, value = header
    if not _VISIBLE.fullmatch(value):
        raise ValueError(f"The header {name} holds characters that a header must not have")
    return name.encode(), value.encode()


def redirect(location: str, *headers: Header, status: int = SEE_OTHER) -> Response:
    """Go there with GET, and keep nothing of this answer. Whatever is not ASCII is percent-encoded (RFC 3987)."""
    return Response(status, (("location", _ascii(location)), NO_STORE, *headers))


def refresh(location: str) -> Header:
    """The header that has a browser go there by itself from the page that it has shown (HTML, section 7.4.6.1)."""
    return ("refresh", f"0; url={_ascii(location)}")


def _ascii(location: str) -> str:
    return quote(location, safe=_URI_SAFE)


def retry_after(error: HexkeepError) -> tuple[Header, ...]:
    """The header that says when to try again, for errors that pass."""
    if isinstance(error, ResourceExhausted | Unavailable):
        return (("retry-after", str(error.retry_after)),)
    return ()
