"""py_webauthn behind the port, with an authenticator in software: what is right is told, what is not is nothing."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexkeep.adapters.webauthn.webauthn import PyWebAuthn
from hexkeep.core.factor.asks import Attested, RelyingParty, VerifyAssertion, VerifyAttestation
from tests.authenticator import Authenticator

ORIGIN, ID = "https://id.example.com", "id.example.com"
PARTY = RelyingParty(ID, ORIGIN)
CHALLENGE = "A" * 43
OPTIONS = json.dumps({"challenge": CHALLENGE, "user": {"id": "YWRh"}})


def key(**changes: object) -> Authenticator:
    """An authenticator that is asked at our origin."""
    return Authenticator(**{"origin": ORIGIN, "party": ID, **changes})  # type: ignore[arg-type]  # its fields


async def registered(own: Authenticator, *, verified: bool = True) -> Attested | None:
    """What comes of its registration."""
    return await PyWebAuthn().attested(VerifyAttestation(own.register(OPTIONS), CHALLENGE, PARTY, verified))


async def asked(own: Authenticator) -> VerifyAssertion:
    """Its answer to a sign-in, to be verified with the key that it registered."""
    attested = await registered(own)
    assert attested is not None
    return VerifyAssertion(own.sign(OPTIONS, counts=True), CHALLENGE, PARTY, attested.public_key, verified_user=True)


async def test_right_responses_are_told() -> None:
    """The same credential, counted on; a count is never judged here."""
    own = key(count=4)
    attested = await registered(own)
    assert attested is not None
    assert attested.sign_count == 4
    told = await PyWebAuthn().asserted(await asked(own))
    assert told is not None
    assert (told.sign_count, told.user_verified) == (5, True)


@pytest.mark.parametrize(
    "changes", [{"origin": "https://evil.example"}, {"party": "evil.example"}, {"verifies": False}], ids=str
)
async def test_wrong_origin_party_and_user_register_nothing(changes: dict[str, object]) -> None:
    """Sections 7.1, steps 9, 13 and 15."""
    assert await registered(key(**changes)) is None


async def test_second_factor_does_not_verify_its_user() -> None:
    """It is told so, and nothing is where that is asked for."""
    own = key(verifies=False)
    attested = await registered(own, verified=False)
    assert attested is not None
    ask = VerifyAssertion(own.sign(OPTIONS), CHALLENGE, PARTY, attested.public_key, verified_user=False)
    told = await PyWebAuthn().asserted(ask)
    assert told is not None
    assert not told.user_verified
    assert await PyWebAuthn().asserted(replace(ask, verified_user=True)) is None


async def test_wrong_challenge_key_and_place_sign_nobody_in() -> None:
    """Section 7.2, steps 12, 13, 15 and 20."""
    right, other = await asked(key()), await asked(key())
    for wrong in (
        replace(right, challenge="B" * 43),
        replace(right, public_key=other.public_key),
        replace(right, party=RelyingParty("other.example", ORIGIN)),
        replace(right, party=RelyingParty(ID, "https://other.example")),
        replace(right, response=key(origin=ORIGIN).register(OPTIONS)),
    ):
        assert await PyWebAuthn().asserted(wrong) is None
    assert await PyWebAuthn().asserted(right) is not None


@given(
    st.text() | st.builds(json.dumps, st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), st.text()))
)
async def test_nonsense_is_nothing(text: str) -> None:
    """Whatever it is, no error comes of it."""
    assert await PyWebAuthn().attested(VerifyAttestation(text, CHALLENGE, PARTY, verified_user=True)) is None
    assert await PyWebAuthn().asserted(VerifyAssertion(text, CHALLENGE, PARTY, "AAAA", verified_user=True)) is None
