"""Asks that look outside: what a DNS zone says, what a web server answers, how a name is written in the DNS.

The engine answers through the ``outbound`` port, which reaches public addresses alone. What is not there and what
cannot be reached is an answer, never an error: a decision judges it.
"""

from dataclasses import dataclass, field

from hexkeep.core.kernel.ask import Ask


@dataclass(frozen=True, slots=True)
class LookUpTxt(Ask[tuple[str, ...]]):
    """The texts of the TXT records (RFC 1035 §3.3.14) of ``name``; none when there are none or nobody answers."""

    name: str


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of a look at a URL: a status and a text, or the ``failure`` as a short stable word."""

    status: int = 0
    text: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class FetchText(Ask[Fetched]):
    """What a GET of ``url`` answers, at most ``max_bytes`` of UTF-8, without following redirects.

    ``plain`` allows ``http``; otherwise only ``https`` is fetched.
    """

    url: str
    max_bytes: int = 4096
    plain: bool = False


@dataclass(frozen=True, slots=True)
class FetchedPicture:
    """A picture of somebody else's that we drew anew: nothing is in it but its points."""

    content: bytes = field(repr=False)
    content_type: str


@dataclass(frozen=True, slots=True)
class FetchPicture(Ask[FetchedPicture | None]):
    """The picture at ``url``, as it was hours ago at most, small enough for a page; ``None`` where none is to be had.

    What it is is told by its bytes: PNG, JPEG, WebP, GIF or ICO, which does not move.
    """

    lasting = False

    url: str


@dataclass(frozen=True, slots=True)
class AsciiDomain(Ask[str]):
    """A domain name as the DNS has it, lower case, in A-labels (RFC 5891); empty for what is no domain name."""

    name: str
