"""What documents of XML are changed into, element by element and octet by octet."""

from collections.abc import Sequence
from copy import deepcopy

from hypothesis import strategies as st
from lxml import etree

RAW = (
    *(b"\0", b"\x0b", b"\xff\xfe", b"\xed\xa0\x80", b"<", b"&", b"]]>", b"%00", b"&#0;", b"&#xD800;", b"&#x110000;"),
    *(b"&xxe;", b"&lt;", b"<!---->", b"<?php x?>", b"<![CDATA[<x>]]>", b"<x>", b"</x>", b"<x/>" * 6000, b"9" * 5000),
    *(
        "\u202e".encode(),
        b"<x>" * 40,
        b" " * 300_000,
        b'<x xml:id="a" ID="a"/>' * 2,
        b'<x xmlns="' + b"a" * 9000 + b'"/>',
    ),
)
"""Octets that stand where a text or a value was, as nobody would write them who wants to be understood."""
PROLOGUES = (
    b"\xef\xbb\xbf",
    b'<?xml version="1.0" encoding="UTF-16"?>',
    b'<?xml version="1.1"?>',
    b'<?xml-stylesheet href="x"?>',
    b'<!DOCTYPE x [<!ENTITY xxe SYSTEM "file:///etc/hostname">]>',
    b"<!-- before -->",
    b"\n",
)
TEXTS = (
    *(
        "",
        " ",
        "0",
        "-1",
        "65536",
        "9" * 40,
        "true",
        "2.0",
        "1.1",
        "\u202eabc",
        "\ufeff",
        "\u0661",
        "é" * 200,
        "a" * 70_000,
    ),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01T00:00:00.123456789Z"),
    *("https://evil.example.com/", "javascript:alert(1)", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "#x"),
    *("urn:oasis:names:tc:SAML:2.0:nameid-format:encrypted", "urn:oasis:names:tc:SAML:2.0:bindings:SOAP", "AAAA", "="),
    "a" * 70_000,
)
SPACES = (
    *("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:2.0:assertion", "urn:x", ""),
    *(
        "http://www.w3.org/2000/09/xmldsig#",
        "http://schemas.xmlsoap.org/soap/envelope/",
        "urn:oasis:names:tc:SAML:1.0:protocol",
    ),
)
DEEDS = (
    *("remove", "copy", "move", "swap", "text", "attribute", "name"),
    *("drop", "rename", "space", "raw", "raw_attribute", "comment", "instruction", "around"),
)
_MARK = "\ue000{}\ue001"

Deed = tuple[str, int, int, str]


def deeds(texts: st.SearchStrategy[str], most: int = 3, kinds: Sequence[str] = DEEDS) -> st.SearchStrategy[list[Deed]]:
    """A few of them, at places that are counted through."""
    places = st.integers(0, 60)
    return st.lists(st.tuples(st.sampled_from(kinds), places, places, texts), min_size=1, max_size=most)


def changed(text: str, done: Sequence[Deed]) -> bytes:
    """A document to which that was done."""
    root = etree.fromstring(text)
    for one in done:
        if len(root):
            do(root, one)
    content: bytes = etree.tostring(root, encoding="utf-8")
    for number, octets in enumerate(RAW):
        content = content.replace(_MARK.format(number).encode(), octets)
    return content


def do(root: etree._Element, deed: Deed) -> None:
    """Do something to a document, in some place."""
    what, first, second, text = deed
    nodes = [node for node in root.iter() if node is not root and isinstance(node.tag, str)]
    if not nodes:
        return
    node, other = nodes[first % len(nodes)], nodes[second % len(nodes)]
    try:
        if what in {"attribute", "drop", "rename", "raw_attribute"}:
            _do_to_attribute(nodes[first % len(nodes)] if first % 3 else root, what, second, text)
        elif what in {"text", "raw", "comment", "instruction"}:
            _do_to_text(node, what, second, text)
        else:
            _do_to_element(node, other, what, second)
    except ValueError:
        return  # what XML cannot hold


def _do_to_attribute(node: etree._Element, what: str, place: int, text: str) -> None:
    if not node.attrib:
        return
    name = sorted(map(str, node.attrib))[place % len(node.attrib)]
    match what:
        case "attribute":
            node.set(name, text)
        case "raw_attribute":
            node.set(name, _MARK.format(place % len(RAW)))
        case "drop":
            del node.attrib[name]
        case "rename":
            node.set(f"{{urn:x}}{name}" if place % 2 else name.lower(), node.attrib.pop(name))


def _do_to_text(node: etree._Element, what: str, place: int, text: str) -> None:
    match what:
        case "text":
            node.text = text
        case "raw":
            node.text = _MARK.format(place % len(RAW))
        case "comment" | "instruction":
            told = node.text or ""
            half = place % (len(told) + 1)
            inner = etree.Comment("x") if what == "comment" else etree.ProcessingInstruction("x", "y")
            node.text, inner.tail = told[:half], told[half:]
            node.insert(0, inner)


def _do_to_element(node: etree._Element, other: etree._Element, what: str, place: int) -> None:
    inside, outside, above = other in node.iter(), node in other.iter(), node.getparent()
    match what:
        case "remove" if above is not None:
            above.remove(node)
        case "copy":
            other.append(deepcopy(node))
        case "move" if not inside:
            other.append(node)
        case "swap" if not inside and not outside:
            other.addnext(node)
        case "name":
            node.tag = other.tag
        case "space":
            space, local = SPACES[place % len(SPACES)], etree.QName(node).localname
            node.tag = f"{{{space}}}{local}" if space else local
        case "around" if above is not None:
            wrapper = etree.Element(other.tag)
            above.replace(node, wrapper)
            wrapper.append(node)
