"""HTML elements as text that is escaped exactly once."""

import re
from html import escape

VOID = frozenset({"link", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str) -> Html:
    """One element. Plain text among ``children`` is escaped; ``class_`` and ``aria_label`` become HTML names."""
    written = "".join(f' {key.strip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items())
    if name in VOID:
        return Html(f"<{name}{written}>")
    return Html(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str) -> Html:
    """Children side by side."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def prose(text: str) -> Html:
    """Paragraphs parted by blank lines; what stands between backticks, single or double, is code."""
    return joined(*(element("p", inline(paragraph)) for paragraph in re.split(r"\n\s*\n", text.strip()) if paragraph))


def inline(text: str) -> Html:
    """One paragraph's content."""
    parts = re.split(r"`+([^`]+)`+", text)
    return joined(*(element("code", part) if index % 2 else part for index, part in enumerate(parts)))
