"""Documents of strangers, read within bounds."""

import zlib

from lxml import etree

from hexkeep.core.saml.asks import ReadXml
from hexkeep.core.saml.xml import Element
from hexkeep.ports.xml import MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS, MAX_NAMES

RAW_DEFLATE = -15
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
"""Libraries take it for an identifier like ``ID``, so that two elements could answer to one reference."""
FORBIDDEN = ("<!DOCTYPE", "<!ENTITY")


def read(ask: ReadXml) -> Element | None:
    """The root of a document, or ``None``."""
    root = parsed(ask.content, deflated=ask.deflated)
    return None if root is None else element_of(root)


def parsed(content: bytes, *, deflated: bool = False) -> etree._Element | None:
    """The root of a document within all bounds of the port, or ``None``."""
    plain = inflated(content) if deflated else content
    if plain is None or len(plain) > MAX_BYTES:
        return None
    try:
        text = plain.decode("utf-8-sig")
        if any(one in text for one in FORBIDDEN):
            return None
        root = etree.fromstring(text.encode(), _parser())
    except (ValueError, etree.XMLSyntaxError):
        return None
    return root if _is_plain(root) else None


def inflated(content: bytes) -> bytes | None:
    """What was compressed (RFC 1951), or ``None``: never more than we would read is inflated."""
    stream = zlib.decompressobj(RAW_DEFLATE)
    try:
        plain = stream.decompress(content, MAX_BYTES + 1)
    except zlib.error:
        return None
    return plain if stream.eof and not stream.unused_data else None


def _parser() -> etree.XMLParser:
    """A parser for one document: parsers are not to be shared by threads. It takes everything for UTF-8."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
    )


def _is_plain(root: etree._Element) -> bool:
    """Whether there are elements alone, few and not nested deeply, and no identifier is there twice.

    A name is as long as its namespace, which is written once in a document and stands in each name that is read.
    """
    known: set[str] = set()
    stack, count, names = [(root, 1)], 0, 0
    while stack:
        node, depth = stack.pop()
        count += 1
        named = isinstance(node.tag, str)  # that of an instruction is a function
        if not named or depth > MAX_DEPTH or count > MAX_ELEMENTS:
            return False
        if len(node.attrib) > MAX_ATTRIBUTES or XML_ID in node.attrib:  # lxml takes their square in time
            return False
        names += len(node.tag) + sum(map(len, node.attrib))
        if names > MAX_NAMES:
            return False
        own = str(node.attrib.get("ID", ""))
        if own and own in known:
            return False
        known.add(own)
        stack.extend((child, depth + 1) for child in node)
    return True


def element_of(node: etree._Element) -> Element:
    """A node as the core has it."""
    text = (node.text or "") + "".join(child.tail or "" for child in node)
    attributes = tuple((str(name), str(value)) for name, value in node.attrib.items())
    return Element(str(node.tag), attributes, text, tuple(element_of(child) for child in node))
