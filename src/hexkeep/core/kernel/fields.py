"""Field types that inputs share: bounded, trimmed, free of control characters; surfaces derive schemas from them."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

FORBIDDEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode categories that have no place in one line of text: controls, lone surrogates, line separators."""
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that reorder what is around them, and so make one name look like another (UTS #55, UAX #9)."""


def one_line(text: str) -> str:
    """``text`` in Unicode normal form C; raises ``ValueError`` when it is not one plain line."""
    for character in text:
        if unicodedata.category(character) in FORBIDDEN or character in OVERRIDES:
            raise ValueError("must not contain control characters")
    return unicodedata.normalize("NFC", text)


def some_lines(text: str) -> str:
    """Likewise for a text of several lines, whose ends become single newlines; raises ``ValueError`` for any other."""
    return "\n".join(one_line(line) for line in text.replace("\r\n", "\n").split("\n"))


Id = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9._~-]+$")]
"""The id of something that exists, as it stands in paths."""
OptionalId = Annotated[str, StringConstraints(max_length=200, pattern=r"^[A-Za-z0-9._~-]*$")]
"""The id of something that exists, or nothing."""
ClientId = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^([A-Za-z0-9._~-]+|https://[\x21-\x7e]+)$")
]
"""The id of an application, or the address of a client that is known by a document there."""
OptionalClientId = Annotated[
    str, StringConstraints(max_length=200, pattern=r"^([A-Za-z0-9._~-]*|https://[\x21-\x7e]+)$")
]
"""The same, or nothing."""
ChosenId = Annotated[str, StringConstraints(max_length=64, pattern=r"^([A-Za-z0-9][A-Za-z0-9_-]{7,63})?$")]
"""An id that the caller gives to something new (at least 8 characters), or nothing: then it gets a fresh one."""
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(one_line)]
"""What something is called: one line, not empty."""
Line = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True), AfterValidator(one_line)]
"""One line of text, possibly empty."""
Lines = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True), AfterValidator(some_lines)]
"""Some lines of text, possibly none."""
Email = Annotated[
    str,
    StringConstraints(max_length=254, strip_whitespace=True, pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)*$"),
    AfterValidator(one_line),
]
"""An e-mail address, as far as its form can tell (RFC 5321 §4.5.3.1 for the lengths)."""
Phone = Annotated[str, StringConstraints(max_length=16, strip_whitespace=True, pattern=r"^(\+[1-9][0-9]{6,14})?$")]
"""A phone number in the international form of ITU-T E.164 (``+41441234567``), or nothing."""
LanguageTag = Annotated[str, StringConstraints(max_length=35, pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$")]
"""A language tag (RFC 5646) such as ``en`` or ``pt-BR``, or nothing."""
Password = Annotated[str, Field(max_length=1000, repr=False)]
"""What a person chose. The rules for new ones are the user slice's; the bound here only keeps the work small."""
