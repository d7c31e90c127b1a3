"""Answers of identity providers of SAML with anything done to them: refused, or read as they were signed."""

from copy import deepcopy
from functools import lru_cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from hexkeep.plugins.saml.rules import Told
from hexkeep.ports.idp import IdpFailed
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import encrypted
from tests.fuzz.budget import bounded
from tests.unit.plugins.saml_judge import WAYS, judged

DEEDS = ("remove", "copy", "move", "swap", "text", "attribute", "name")


@lru_cache
def answers() -> dict[str, str]:
    """One that is signed in each way, and one that is encrypted as well."""
    made = {way: by() for way, by in WAYS.items()}
    return {**made, "sealed": encrypted(made["assertion"], party().signers[0].certificate)}


Deed = tuple[str, int, int, str]
deeds = st.lists(
    st.tuples(st.sampled_from(DEEDS), st.integers(0, 60), st.integers(0, 60), st.text(max_size=20)),
    min_size=1,
    max_size=3,
)


def done(root: Any, deed: Deed) -> None:
    """Do something to a document, in some place."""
    what, first, second, text = deed
    nodes = [node for node in root.iter() if node is not root]
    node, other = nodes[first % len(nodes)], nodes[second % len(nodes)]
    inside = other in node.iter()
    try:
        match what:
            case "remove":
                node.getparent().remove(node)
            case "copy":
                other.append(deepcopy(node))
            case "move" if not inside:
                other.append(node)
            case "swap" if not inside and node not in other.iter():
                other.addnext(node)
            case "text":
                node.text = text
            case "attribute" if node.attrib:
                name = sorted(node.attrib)[second % len(node.attrib)]
                node.set(name, text)
            case "name":
                node.tag = other.tag
    except ValueError:
        return  # what XML cannot hold


def read(content: bytes) -> Told | None:
    """What is made of an answer, ``None`` where it is refused; any other failure is a defect."""
    try:
        return judged(content)
    except IdpFailed:
        return None


@bounded(200)
@given(st.sampled_from(("assertion", "response", "both", "sealed")), deeds)
def test_changed_answer_is_refused_or_read_as_signed(way: str, changes: list[Deed]) -> None:
    """Whatever is moved, copied, renamed or left out, nobody is told anything that was not signed."""
    root = etree.fromstring(answers()[way])
    for deed in changes:
        if len(root):
            done(root, deed)
    told = read(etree.tostring(root))
    if told is not None:
        assert (told.name.value, told.session_index) == ("account-1", "session-1")
        assert told.attributes == {"mail": ("ada@example.net",)}


@bounded(100)
@given(st.sampled_from(("assertion", "sealed")), st.integers(0, 5000), st.binary(max_size=8), st.integers(0, 8))
def test_changed_octets_are_refused_or_read_as_signed(way: str, place: int, octets: bytes, cut: int) -> None:
    """Likewise where it is no XML any more."""
    content = answers()[way].encode()
    place %= len(content)
    told = read(content[:place] + octets + content[place + cut :])
    assert told is None or told.name.value == "account-1"
