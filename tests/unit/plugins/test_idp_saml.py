"""Sign-in by an identity provider of SAML: the kit, and what is SAML's own."""

import json
import sys
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
from joserfc.jwk import RSAKey
from onelogin.saml2.utils import OneLogin_Saml2_Utils  # type: ignore[import-untyped]  # has no types
from onelogin.saml2.xml_utils import OneLogin_Saml2_XML  # type: ignore[import-untyped]  # has no types

from hexkeep.adapters.xmlsec.parsing import read
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.bootstrap.plugins import Plugins
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.saml.asks import ReadXml, Signer, VerifyXml
from hexkeep.core.saml.party import SamlParty
from hexkeep.core.saml.sp_metadata import certificates
from hexkeep.core.saml.xml import md, samlp
from hexkeep.plugins.idp_saml import SamlIdentityProviders
from hexkeep.plugins.saml import idp_metadata
from hexkeep.plugins.saml.people import identity
from hexkeep.plugins.saml.provider import SamlIdp
from hexkeep.ports.idp import Begun, Identity, IdpMalformed, IdpOffer, IdpUnreachable, Surroundings
from hexkeep.testing.idp import (
    Account,
    IdpContract,
    Misbehaviour,
    StandingClock,
    Upstream,
    asked,
    party,
    returned,
    surroundings,
)
from hexkeep.testing.idp_saml import ENTITY_ID, METADATA, PERSISTENT, SIGN_ON, SamlUpstream, metadata_text, moment, pair
from tests.unit.plugins.saml_judge import by_assertion, judged, parts


class TestSaml(IdpContract):
    """The identity provider of SAML keeps the contract."""

    cannot: ClassVar[frozenset[Misbehaviour]] = frozenset(
        {
            Misbehaviour.WRONG_PARTY,
            Misbehaviour.OTHER_SUBJECT,
            Misbehaviour.TOO_LARGE,
            Misbehaviour.FAILS,
            Misbehaviour.UNREACHABLE,
        }
    )

    @pytest.fixture
    def clock(self) -> StandingClock:
        """The present time: python3-saml looks at the clock itself."""
        return StandingClock(datetime.now(UTC))

    @pytest.fixture
    def offer(self) -> IdpOffer[Any]:
        """Our own."""
        (offer,) = SamlIdentityProviders().hexkeep_identity_providers()
        return offer

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """Those of a provider that publishes its metadata."""
        return {"metadata_url": METADATA}

    @pytest.fixture
    def upstream(self, clock: StandingClock) -> Upstream:
        """An identity provider."""
        return SamlUpstream(clock)


@pytest.fixture
def clock() -> StandingClock:
    """The present time, for both sides."""
    return StandingClock(datetime.now(UTC))


@pytest.fixture
def upstream(clock: StandingClock) -> SamlUpstream:
    """The other side."""
    return SamlUpstream(clock)


@dataclass
class Here:
    """This side: providers with settings of all kinds, which share what they remember."""

    around: Surroundings
    party: SamlParty

    def provider(self, **settings: object) -> SamlIdp:
        """A provider."""
        given = settings if "metadata_xml" in settings else {"metadata_url": METADATA, **settings}
        return SamlIdp(SamlSettings.model_validate(given), self.around)

    async def begun(self, **settings: object) -> Begun:
        """Somebody wants to sign in."""
        return await self.provider(**settings).begin(replace(asked("the state"), party=self.party))

    async def signed_in(self, upstream: SamlUpstream, **settings: object) -> Identity:
        """Somebody has signed in."""
        begun = await self.begun(**settings)
        answer = await upstream.sign_in(begun.url, Account())
        back = replace(returned("the state", begun, answer), party=self.party)
        return await self.provider(**settings).finish(back)


@pytest.fixture
def here(upstream: SamlUpstream, clock: StandingClock) -> Here:
    """This side."""
    return Here(surroundings(upstream, clock), party())


def query(begun: Begun) -> dict[str, str]:
    """What is in the URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(begun.url).query).items()}


def test_kind_stays_a_record_where_the_library_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has installed less has no button that leads nowhere."""
    assert "saml" in Plugins.load().identity_providers()
    monkeypatch.setitem(sys.modules, "onelogin", None)
    assert "saml" not in Plugins.load().identity_providers()


async def test_request_is_signed_over_the_query(here: Here) -> None:
    """Bindings section 3.4.4.1: python3-saml believes it as it stands, and nothing that was changed."""
    given = query(await here.begun())
    octets = "&".join(f"{name}={quote_plus(given[name])}" for name in ("SAMLRequest", "RelayState", "SigAlg"))
    certificate = f"-----BEGIN CERTIFICATE-----\n{here.party.signers[0].certificate}\n-----END CERTIFICATE-----\n"
    assert given["SigAlg"].endswith("#rsa-sha256")
    signature = b64decode(given["Signature"])
    assert OneLogin_Saml2_Utils.validate_binary_sign(octets, signature, certificate, given["SigAlg"])
    assert not OneLogin_Saml2_Utils.validate_binary_sign(f"{octets}x", signature, certificate, given["SigAlg"])
    assert given["RelayState"] == "the state"


async def test_request_that_is_posted_is_signed_within(here: Here) -> None:
    """Bindings section 3.5.4: in fields for a form, where the provider's metadata says that forms go."""
    begun = await here.begun(binding="post")
    assert (begun.url, begun.fields["RelayState"]) == (SIGN_ON, "the state")
    content = b64decode(begun.fields["SAMLRequest"])
    assert verified(VerifyXml(content, (here.party.signers[0].certificate,))) is not None


async def test_request_is_not_signed_if_nobody_wants_that(here: Here, upstream: SamlUpstream) -> None:
    """Unless the provider's metadata asks for it."""
    assert "Signature" not in query(await here.begun(signed_requests=False))
    wants = metadata_text((upstream.key.certificate,)).replace(
        "<md:IDPSSODescriptor", '<md:IDPSSODescriptor WantAuthnRequestsSigned="true"'
    )
    assert "Signature" in query(await here.begun(signed_requests=False, metadata_xml=wants))


async def test_request_says_which_name_is_wanted(here: Here) -> None:
    """Core section 3.4.1.1; any will do where nothing is chosen."""
    for chosen, uri in (("persistent", PERSISTENT), ("unspecified", "")):
        root = read(ReadXml(b64decode(query(await here.begun(name_id_format=chosen))["SAMLRequest"]), deflated=True))
        policy = root.one(samlp("NameIDPolicy")) if root is not None else None
        assert policy is not None
        assert (policy.get("Format"), policy.get("AllowCreate")) == (uri, "true")


async def test_who_is_wanted_anew_is_asked_for_anew(here: Here) -> None:
    """Core section 3.4.1: a session there does not do. How old one may be it has no words for."""
    wishes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"anew": True, "max_age": 0}, "true"),
        ({"anew": True}, "true"),
        ({"max_age": 60}, ""),
        ({}, ""),
    )
    for wish, forced in wishes:
        begun = await here.provider().begin(replace(asked("s"), party=here.party, **wish))
        root = read(ReadXml(b64decode(query(begun)["SAMLRequest"]), deflated=True))
        assert root is not None
        assert root.get("ForceAuthn") == forced


async def test_session_there_has_an_end(here: Here, upstream: SamlUpstream, clock: StandingClock) -> None:
    """Core section 2.7.2, `SessionNotOnOrAfter`: it is told as it stands there, and need not stand there."""
    upstream.session_ends = timedelta(minutes=20)
    ends = (await here.signed_in(upstream)).session_ends_at
    assert ends is not None
    assert abs(ends - clock.now() - timedelta(minutes=20)) <= timedelta(seconds=1)
    upstream.session_ends = None
    assert (await here.signed_in(upstream)).session_ends_at is None


async def test_new_key_is_fetched_once(here: Here, upstream: SamlUpstream, clock: StandingClock) -> None:
    """A signature by a key that is not known has the metadata fetched anew; what is known is not fetched again."""
    for _ in range(2):
        await here.signed_in(upstream)
    upstream.rotate()
    clock.advance(seconds=61)
    assert (await here.signed_in(upstream)).external_id == "account-1"
    assert len(upstream.requests) == 2


async def test_key_that_is_gone_is_not_believed(here: Here, upstream: SamlUpstream, clock: StandingClock) -> None:
    """As soon as the metadata is read again without it."""
    old = upstream.key
    await here.signed_in(upstream)
    upstream.rotate()
    clock.advance(minutes=6)
    await here.begun()
    upstream.metadata = metadata_text((upstream.key.certificate,))
    upstream.key = old
    with pytest.raises(IdpMalformed) as failed:
        await here.signed_in(upstream)
    assert failed.value.reason == "signature"


async def test_metadata_that_is_over_is_none(here: Here, upstream: SamlUpstream, clock: StandingClock) -> None:
    """Metadata section 2.3.2: what was found at a URL is looked for again first."""
    over = metadata_text((upstream.key.certificate,), validUntil=moment(clock.now()))
    upstream.metadata = over.replace(moment(clock.now()), moment(clock.now() + timedelta(seconds=90)))
    await here.begun()
    clock.advance(seconds=91)
    with pytest.raises(IdpMalformed) as failed:
        await here.begun()
    assert failed.value.reason == "metadata_expired"
    upstream.metadata = ""
    clock.advance(seconds=61)
    assert (await here.signed_in(upstream)).external_id == "account-1"
    with pytest.raises(IdpMalformed):
        await here.begun(metadata_xml=over)


async def test_metadata_that_nobody_serves_is_unreachable(here: Here) -> None:
    """Nobody is sent to a provider of which nothing is known."""
    with pytest.raises(IdpUnreachable):
        await here.begun(metadata_url="https://nobody.example.net/metadata")


ENTITY = metadata_text(("MIIB",))
SP = ENTITY.replace("IDPSSODescriptor", "SPSSODescriptor").replace("entityID=", 'ID="other" entityID=')
OPEN, CLOSE = '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">', "</md:EntitiesDescriptor>"


def test_only_identity_provider_among_several_entities_is_meant() -> None:
    """Metadata section 2.3.1; of two it is neither."""
    assert idp_metadata.read(f"{OPEN}{SP}{ENTITY}{CLOSE}".encode()).entity_id == ENTITY_ID
    with pytest.raises(IdpMalformed):
        idp_metadata.read(f"{OPEN}{ENTITY}{ENTITY}{CLOSE}".encode())


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<md:Entity", '<!DOCTYPE x [<!ENTITY y "z">]><md:Entity', "metadata"),
        ("IDPSSODescriptor", "SPSSODescriptor", "metadata"),
        (ENTITY_ID, "", "metadata_entity_id"),
        ("Location=", "Place=", "metadata_sign_on"),
        ("https://idp.example.net/sso", "javascript:alert(1)", "metadata_sign_on"),
        ("X509Certificate", "KeyName", "metadata_certificates"),
        ("entityID=", 'validUntil="tomorrow" entityID=', "metadata_valid_until"),
    ],
    ids=["entities", "role", "entity_id", "endpoints", "scheme", "keys", "time"],
)
def test_metadata_that_cannot_be_used_is_refused(old: str, new: str, reason: str) -> None:
    """With a word for what is missing."""
    assert old in ENTITY
    with pytest.raises(IdpMalformed) as failed:
        idp_metadata.read(ENTITY.replace(old, new).encode())
    assert failed.value.reason == reason


async def test_metadata_without_the_binding_that_was_chosen_is_said(here: Here, upstream: SamlUpstream) -> None:
    """Nobody is sent anywhere by another."""
    posts = metadata_text((upstream.key.certificate,)).replace("HTTP-POST", "HTTP-Artifact")
    with pytest.raises(IdpMalformed) as failed:
        await here.begun(metadata_xml=posts, binding="post")
    assert failed.value.reason == "metadata_binding"


async def test_own_metadata_has_all_keys_and_is_signed(here: Here) -> None:
    """The one that signs first, and those that others may still encrypt to; python3-saml finds nothing wrong."""
    other = pair("former")
    former = Signer(json.dumps(RSAKey.import_key(other.key).as_dict(private=True)), other.certificate)
    both = replace(here.party, signers=(*here.party.signers, former))
    text = await here.provider().metadata(both)
    assert text.count("<ds:X509Certificate>") == 5
    first = both.signers[0].certificate
    root = verified(VerifyXml(text.encode(), (first,)))
    assert root is not None
    assert root.get("entityID") == both.entity_id
    role = root.one(md("SPSSODescriptor"))
    assert role is not None
    assert certificates(role, "signing") == certificates(role, "encryption") == (first, other.certificate)
    assert OneLogin_Saml2_XML.validate_xml(text, "saml-schema-metadata-2.0.xsd") != "invalid_xml"


async def test_own_metadata_is_signed_once(here: Here) -> None:
    """Whoever asks for it over and over holds up nobody's sign-in; another key makes another one."""
    text = await here.provider().metadata(here.party)
    assert await here.provider().metadata(here.party) is text
    other = replace(here.party, signers=here.party.signers[::-1] + here.party.signers)
    assert await here.provider().metadata(other) is not text


TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


def test_transient_name_is_no_account() -> None:
    """Core section 8.3.8: an attribute has to tell users apart, with one value; else nobody is signed in."""
    told = judged(by_assertion(parts(name_format=TRANSIENT, attributes={"uid": ("ada",), "two": ("a", "b")})))
    settings = SamlSettings(metadata_url=METADATA, transient_mapping_attribute="uid")
    assert identity(told, settings).external_id == "ada"
    for attribute in ("", "two", "none"):
        with pytest.raises(IdpMalformed):
            identity(told, settings.model_copy(update={"transient_mapping_attribute": attribute}))


def test_attributes_are_known_by_any_of_their_names() -> None:
    """Of the LDAP profile, without a profile, and of ADFS; an address counts as verified only if it is said so."""
    claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
    told = judged(
        by_assertion(
            parts(
                attributes={
                    "urn:oid:0.9.2342.19200300.100.1.1": ("ada",),
                    f"{claims}emailaddress": ("ada@example.net",),
                    "givenName": ("Ada",),
                    "groups": ("staff", "authors"),
                }
            )
        )
    )
    found = identity(told, SamlSettings(metadata_url=METADATA))
    assert (found.user_name, found.email, found.given_name) == ("ada", "ada@example.net", "Ada")
    assert (found.groups, found.email_verified) == (("staff", "authors"), False)
    trusted = SamlSettings(metadata_url=METADATA, email_verified=True)
    assert identity(told, trusted).email_verified
    assert found.claims["groups"] == ["staff", "authors"]
    assert json.loads(found.session) == ["account-1", PERSISTENT, "", "", "session-1"]
