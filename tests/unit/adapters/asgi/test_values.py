"""Forms, cookies and responses."""

import pytest

from hexkeep.adapters.asgi import cookies, forms
from hexkeep.adapters.asgi.response import Response, redirect
from hexkeep.adapters.asgi.types import Message
from hexkeep.core.kernel.errors import InvalidInput, TooLarge


def test_form_keeps_first_values_and_names_repetitions() -> None:
    """Who refuses repetition can; who does not gets the first value."""
    form = forms.parse(b"a=1&b=&a=2&c=%C3%A4+x&a=3")
    assert form.values == {"a": "1", "b": "", "c": "\u00e4 x"}
    assert form.repeated == ("a",)
    assert form.without("a").values.keys() == {"b", "c"}
    assert form.without("a").repeated == ()


def test_form_is_not_shown_in_logs() -> None:
    """Its values may be passwords."""
    assert "hunter2" not in repr(forms.parse(b"password=hunter2"))


@pytest.mark.parametrize("encoded", [b"a=%ff", b"\xff=1", b"%c3%28=1", b"&".join([b"a=1"] * 65), b"a=%ed%a0%80"])
def test_broken_form_is_invalid(encoded: bytes) -> None:
    """Not UTF-8, a lone surrogate, or too many fields."""
    with pytest.raises(InvalidInput):
        forms.parse(encoded)


def test_form_is_bounded() -> None:
    """Queries as well as bodies."""
    with pytest.raises(TooLarge):
        forms.parse(b"a=" + b"x" * forms.MAX_BYTES)


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (("a=1; b=2",), "2"),
        (("a=1", "b=2"), "2"),
        (("b=2; b=2",), "2"),
        (("b=2; b=3",), ""),
        (("xb=2",), ""),
        (("b=" + "x" * 2000,), ""),
        (("b",), ""),
        ((), ""),
    ],
)
def test_cookie_is_read_when_it_is_clear_which(lines: tuple[str, ...], value: str) -> None:
    """Two values of one name mean that somebody is playing tricks: then there is none."""
    assert cookies.read({"cookie": lines}, "b") == value


@pytest.mark.parametrize("location", ["/a\r\nset-cookie: x=1", "/a\nb", "https://app.example/\u00e4 b"])
def test_location_cannot_break_out_of_its_header(location: str) -> None:
    """Everything but the characters of a URI is percent-encoded."""
    value = dict(redirect(location).headers)["location"]
    assert value.isascii()
    assert not {"\r", "\n", " "} & set(value)


async def test_header_with_controls_is_never_sent() -> None:
    """A last line of defence against response splitting."""
    sent = []

    async def send(message: object) -> None:
        sent.append(message)

    with pytest.raises(ValueError, match="x-evil"):
        await Response(200, (("x-evil", "a\r\nb"),)).send(send)
    assert sent == []


async def test_endless_body_is_left_unread() -> None:
    """Reading stops at the bound; it does not gather first and judge afterwards."""
    chunks = 0

    async def receive() -> Message:
        nonlocal chunks
        chunks += 1
        return {"type": "http.request", "body": b"x" * 1024, "more_body": chunks < 1000}

    with pytest.raises(TooLarge):
        await forms.read(receive, {"content-type": (forms.MEDIA_TYPE,)})
    assert chunks == forms.MAX_BYTES // 1024 + 1
