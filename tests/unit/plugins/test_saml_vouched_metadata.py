"""Metadata of an identity provider that somebody has to vouch for: what they have signed counts, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hexkeep.core.idp.settings import SamlSettings
from hexkeep.plugins.saml import idp_metadata
from hexkeep.plugins.saml.provider import SamlIdp
from hexkeep.ports.idp import Begun, IdpMalformed, IdpUnreachable
from hexkeep.testing.idp import StandingClock, asked, party, surroundings
from hexkeep.testing.idp_saml import ENTITY_ID, METADATA, SIGN_ON, Pair, SamlUpstream, metadata_text, pair, signed

FEDERATION = pair("federation")
PINNED = (FEDERATION.certificate,)


def metadata(by: Pair | None = FEDERATION, *, key: str = "idp", place: str = SIGN_ON, entity_id: str = "") -> str:
    """Metadata with one key and one place, signed as a whole unless nobody has."""
    text = metadata_text((pair(key).certificate,), ID="_m").replace(SIGN_ON, place)
    text = text.replace(ENTITY_ID, entity_id) if entity_id else text
    return text if by is None else signed(text, by, place=0)


@pytest.fixture
def clock() -> StandingClock:
    """The present time, for both sides."""
    return StandingClock(datetime.now(UTC))


@pytest.fixture
def upstream(clock: StandingClock) -> SamlUpstream:
    """The other side, whose metadata the federation has signed."""
    return SamlUpstream(clock, metadata=metadata())


class Here:
    """This side, which remembers what it has found."""

    def __init__(self, upstream: SamlUpstream, clock: StandingClock) -> None:
        self._around = surroundings(upstream, clock)

    async def goes_to(self, **settings: Any) -> str:
        """Where somebody is sent who wants to sign in."""
        given = {"metadata_url": METADATA, "metadata_certificates": PINNED, **settings}
        given |= {"metadata_url": ""} if "metadata_xml" in settings else {}
        provider = SamlIdp(SamlSettings.model_validate(given), self._around)
        begun: Begun = await provider.begin(replace(asked("the state"), party=party()))
        return begun.url.partition("?")[0]


@pytest.fixture
def here(upstream: SamlUpstream, clock: StandingClock) -> Here:
    """This side."""
    return Here(upstream, clock)


async def test_metadata_counts_that_somebody_vouches_for(here: Here) -> None:
    """At a URL and in a file; one of several will do."""
    assert await here.goes_to() == SIGN_ON
    assert await here.goes_to(metadata_certificates=(pair("another").certificate, *PINNED)) == SIGN_ON
    assert await here.goes_to(metadata_xml=metadata()) == SIGN_ON


EVIL = "https://evil.example.net/sso"
FORGED = {
    "unsigned": metadata(None, place=EVIL),
    "by somebody else": metadata(pair("stranger"), place=EVIL),
    "changed": metadata().replace(SIGN_ON, EVIL),
    "wrapped": (
        '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" ID="_x">'
        + metadata(None, place=EVIL).replace("_m", "_e")
        + metadata().replace("IDPSSODescriptor", "SPSSODescriptor")
        + "</md:EntitiesDescriptor>"
    ),
    "around": metadata(None, place=EVIL)
    .replace("_m", "_e")
    .replace("</md:EntityDescriptor>", f"<md:Extensions>{metadata()}</md:Extensions></md:EntityDescriptor>"),
    "a page": "<html>We are sorry</html>",
}


@pytest.mark.parametrize("what", FORGED)
async def test_what_nobody_vouches_for_does_not_count(here: Here, upstream: SamlUpstream, what: str) -> None:
    """Be it signed in a part, or by a key that it brings along."""
    upstream.metadata = FORGED[what]
    with pytest.raises(IdpUnreachable):
        await here.goes_to()
    with pytest.raises(IdpMalformed) as failed:
        idp_metadata.read(FORGED[what].encode(), PINNED)
    assert failed.value.reason == "metadata_signature"


async def test_what_counted_counts_on_for_an_hour(here: Here, upstream: SamlUpstream, clock: StandingClock) -> None:
    """Where something else is at the URL by now; then nobody is sent anywhere, until it is mended."""
    assert await here.goes_to() == SIGN_ON
    for forged in FORGED.values():
        upstream.metadata = forged
        clock.advance(minutes=6)
        assert await here.goes_to() == SIGN_ON
    clock.advance(hours=1)
    with pytest.raises(IdpUnreachable):
        await here.goes_to()
    upstream.metadata = metadata(place="https://idp.example.net/new")
    clock.advance(minutes=2)
    assert await here.goes_to() == "https://idp.example.net/new"


async def test_why_something_does_not_count_is_in_the_log(
    here: Here, upstream: SamlUpstream, caplog: pytest.LogCaptureFixture
) -> None:
    """In one word, with the host; not what was there."""
    upstream.metadata = metadata(None)
    with pytest.raises(IdpUnreachable):
        await here.goes_to()
    assert "what is at idp.example.net does not count: metadata_signature" in caplog.text


async def test_others_trust_in_one_url_is_their_own(here: Here, upstream: SamlUpstream) -> None:
    """Who insists on nobody is no reason for who does, and nor are other certificates."""
    upstream.metadata = metadata(None)
    assert await here.goes_to(metadata_certificates=()) == SIGN_ON
    with pytest.raises(IdpUnreachable):
        await here.goes_to()
    upstream.metadata = metadata()
    assert await here.goes_to(metadata_certificates=(*PINNED, pair("another").certificate)) == SIGN_ON
    with pytest.raises(IdpUnreachable):
        await here.goes_to(metadata_certificates=(pair("stranger").certificate,))


async def test_another_member_of_the_federation_is_not_meant(here: Here, upstream: SamlUpstream) -> None:
    """It is vouched for as well: what tells the two is the entity id, where it is said."""
    upstream.metadata = metadata(entity_id="https://other.example.net/metadata", place=EVIL)
    for certificates in (PINNED, ()):
        with pytest.raises(IdpUnreachable):
            await here.goes_to(entity_id=ENTITY_ID, metadata_certificates=certificates)
        with pytest.raises(IdpMalformed) as failed:
            await here.goes_to(metadata_xml=upstream.metadata, entity_id=ENTITY_ID, metadata_certificates=certificates)
        assert failed.value.reason == "metadata_of_another"
    assert await here.goes_to(metadata_xml=metadata(), entity_id=ENTITY_ID) == SIGN_ON
