"""Answers of identity providers of SAML with anything done to them: refused, or read as they were signed."""

from functools import lru_cache

from hypothesis import given
from hypothesis import strategies as st

from hexkeep.plugins.saml.rules import Told
from hexkeep.ports.idp import IdpFailed
from hexkeep.testing.idp import party
from hexkeep.testing.idp_saml import encrypted
from tests.fuzz.budget import bounded
from tests.fuzz.xml_changes import Deed, changed, deeds
from tests.unit.plugins.saml_judge import WAYS, judged


@lru_cache
def answers() -> dict[str, str]:
    """One that is signed in each way, and one that is encrypted as well."""
    made = {way: by() for way, by in WAYS.items()}
    return {**made, "sealed": encrypted(made["assertion"], party().signers[0].certificate)}


def read(content: bytes) -> Told | None:
    """What is made of an answer, ``None`` where it is refused; any other failure is a defect."""
    try:
        return judged(content)
    except IdpFailed:
        return None


@bounded(200)
@given(st.sampled_from(("assertion", "response", "both", "sealed")), deeds(st.text(max_size=20)))
def test_changed_answer_is_refused_or_read_as_signed(way: str, changes: list[Deed]) -> None:
    """Whatever is moved, copied, renamed or left out, nobody is told anything that was not signed."""
    told = read(changed(answers()[way], changes))
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
