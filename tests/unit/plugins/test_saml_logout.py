"""Single logout with an identity provider of SAML: what it says is believed only as it signed it."""

import base64
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from onelogin.saml2.logout_request import OneLogin_Saml2_Logout_Request  # type: ignore[import-untyped]  # has no types

from hexkeep.adapters.xmlsec.keys import octets_verified
from hexkeep.adapters.xmlsec.parsing import read
from hexkeep.adapters.xmlsec.verifying import verified
from hexkeep.core.idp.settings import SamlSettings
from hexkeep.core.saml import logout
from hexkeep.core.saml.asks import ReadXml, VerifyOctets, VerifyXml
from hexkeep.core.saml.bindings import SamlRequestBinding, received
from hexkeep.core.saml.errors import INVALID, OVER
from hexkeep.core.saml.xml import SOAP as NAMESPACE
from hexkeep.plugins.saml.provider import SamlIdp
from hexkeep.ports.idp import Begun, IdpMalformed, IdpRefused, KnownAccount, LogoutThere, SamlMessage, SignOutAsked
from hexkeep.ports.xml import MAX_BYTES
from hexkeep.testing.idp import StandingClock, party, surroundings
from hexkeep.testing.idp_saml import (
    LOGOUT,
    METADATA,
    PERSISTENT,
    Leaving,
    Pair,
    SamlUpstream,
    logout_text,
    metadata_text,
    pair,
    redirected,
    signed,
)

REDIRECT, POST, SOAP = SamlRequestBinding.REDIRECT, SamlRequestBinding.POST, SamlRequestBinding.SOAP
SESSION = json.dumps(["account-1", PERSISTENT, "", "", "session-1"])


@pytest.fixture
def clock() -> StandingClock:
    """The present time, for both sides."""
    return StandingClock(datetime.now(UTC))


@pytest.fixture
def upstream(clock: StandingClock) -> SamlUpstream:
    """The other side."""
    return SamlUpstream(clock)


@pytest.fixture
def provider(upstream: SamlUpstream, clock: StandingClock) -> SamlIdp:
    """This side."""
    return SamlIdp(SamlSettings(metadata_url=METADATA), surroundings(upstream, clock))


def leaving(clock: StandingClock, **changes: Any) -> Leaving:
    """A request that is right in everything, but for the changes."""
    return replace(Leaving(party().logout, clock.now(), indexes=("session-1",)), **changes)


def by_query(text: str, key: Pair | None = None) -> SamlMessage:
    """A message by redirect."""
    return SamlMessage(party(), REDIRECT, redirected("SAMLRequest", text, "their state", key or pair("idp")))


def by_form(text: str, key: Pair | None = None) -> SamlMessage:
    """A message by form."""
    content = base64.b64encode(signed(text, key or pair("idp")).encode()).decode()
    return SamlMessage(party(), POST, urlencode({"SAMLRequest": content, "RelayState": "their state"}))


def by_soap(text: str, key: Pair | None = None) -> SamlMessage:
    """A message from server to server, to the place for that."""
    here = text.replace(f'"{party().logout}"', f'"{party().logout_by_soap}"')
    return SamlMessage(party(), SOAP, enveloped(signed(here, key or pair("idp"))))


def enveloped(text: str) -> str:
    """What stands in an envelope."""
    return f'<s:Envelope xmlns:s="{NAMESPACE}"><s:Body>{text}</s:Body></s:Envelope>'


BINDINGS: tuple[Callable[..., SamlMessage], ...] = (by_query, by_form, by_soap)


@pytest.mark.parametrize("by", BINDINGS)
async def test_provider_tells_of_a_logout(
    provider: SamlIdp, clock: StandingClock, by: Callable[..., SamlMessage]
) -> None:
    """Whom it has signed out, in which session, until when that counts; the response goes back the same way, signed."""
    told = await provider.signed_out(by(logout_text(leaving(clock))))
    assert (told.id, told.name, told.indexes) == ("_logout", "account-1", ("session-1",))
    assert clock.now() < told.until < clock.now() + timedelta(minutes=20)
    if by is by_soap:
        assert told.answer == Begun("")
        return
    response = logout.read_response(_answer(told))
    assert (response.successful, response.in_response_to, response.destination) == (True, "_logout", LOGOUT)
    assert response.issuer == party().entity_id


def _answer(told: LogoutThere) -> Any:
    """The response, once its signature holds."""
    certificates = (party().signers[0].certificate,)
    if told.answer.fields:
        assert (told.answer.url, told.answer.fields["RelayState"]) == (LOGOUT, "their state")
        return verified(VerifyXml(base64.b64decode(told.answer.fields["SAMLResponse"]), certificates))
    query = urlsplit(told.answer.url).query
    came = received(REDIRECT, query, "SAMLResponse")
    assert came.relay_state == "their state"
    assert octets_verified(VerifyOctets(came.octets, came.signature, came.algorithm, certificates))
    return read(ReadXml(came.content, came.deflated))


WRONG: dict[str, dict[str, Any]] = {
    "destination": {"destination": "https://other.example.net/slo"},
    "no_destination": {"destination": ""},
    "issuer": {"issuer": "https://other.example.net/metadata"},
    "old": {"now": datetime(2026, 1, 1, tzinfo=UTC)},
    "future": {"now": datetime(2100, 1, 1, tzinfo=UTC)},
    "over": {"until": datetime(2026, 1, 1, tzinfo=UTC)},
    "nobody": {"name": ""},
}


@pytest.mark.parametrize("by", BINDINGS[:2])
@pytest.mark.parametrize("what", WRONG)
async def test_wrong_logout_is_refused(
    provider: SamlIdp, clock: StandingClock, by: Callable[..., SamlMessage], what: str
) -> None:
    """Signed, and for somebody else, by somebody else, not now, or of nobody."""
    with pytest.raises(IdpMalformed):
        await provider.signed_out(by(logout_text(leaving(clock, **WRONG[what]))))


@pytest.mark.parametrize("what", WRONG)
async def test_wrong_logout_by_soap_has_a_status(provider: SamlIdp, clock: StandingClock, what: str) -> None:
    """Bindings section 3.2.3.3: the provider is told so, where it is certain to be the provider."""
    if what == "issuer":
        with pytest.raises(IdpMalformed):
            await provider.signed_out(by_soap(logout_text(leaving(clock, **WRONG[what]))))
        return
    told = await provider.signed_out(by_soap(logout_text(leaving(clock, **WRONG[what]))))
    assert told.status == (OVER if what in {"old", "future", "over"} else INVALID)
    assert (told.id, told.name, told.indexes, told.answer.url) == ("_logout", "", (), "")


@pytest.mark.parametrize("by", BINDINGS)
async def test_logout_by_somebody_else_is_refused(
    provider: SamlIdp, clock: StandingClock, by: Callable[..., SamlMessage]
) -> None:
    """Nobody else signs people out; nor does what was changed after it was signed."""
    with pytest.raises(IdpMalformed):
        await provider.signed_out(by(logout_text(leaving(clock)), pair("stranger")))
    right = by(logout_text(leaving(clock)))
    place = right.query.index("_logout" if by is by_soap else "SAMLRequest=") + (1 if by is by_soap else 40)
    changed = right.query[:place] + ("A" if right.query[place] != "A" else "B") + right.query[place + 1 :]
    with pytest.raises(IdpMalformed):
        await provider.signed_out(replace(right, query=changed))


async def test_unsigned_logout_is_refused(provider: SamlIdp, clock: StandingClock) -> None:
    """Also where the signature stands within a message in a query, where it says nothing."""
    text = logout_text(leaving(clock))
    whole = redirected("SAMLRequest", text, "", pair("idp"))
    within = redirected("SAMLRequest", signed(text, pair("idp")), "", pair("idp"))
    for query in (whole.partition("&SigAlg")[0], within):
        with pytest.raises(IdpMalformed):
            await provider.signed_out(SamlMessage(party(), REDIRECT, query))
    form = urlencode({"SAMLRequest": base64.b64encode(text.encode()).decode()})
    with pytest.raises(IdpMalformed):
        await provider.signed_out(SamlMessage(party(), POST, form))


async def test_envelope_holds_one_request_that_is_signed_as_a_whole(provider: SamlIdp, clock: StandingClock) -> None:
    """Nothing beside it, nothing around it, no signature of the envelope in the place of its own.

    Nor a header that whoever reads it has to know (SOAP 1.1 section 4.2.3).
    """
    text = logout_text(leaving(clock, destination=party().logout_by_soap))
    right = signed(text, pair("idp"))
    told = await provider.signed_out(SamlMessage(party(), SOAP, enveloped(right)))
    assert told.name == "account-1"
    forged = right.replace("account-1", "account-2")
    whole = enveloped(text).replace("<s:Envelope", '<s:Envelope ID="_e"', 1)
    for wrong in (
        right,
        enveloped(text),
        enveloped(forged),
        enveloped(text + right),
        enveloped(right + right.replace("_logout", "_other")),
        enveloped(text.replace("</samlp:LogoutRequest>", f"{right.replace('_logout', '_o')}</samlp:LogoutRequest>")),
        enveloped(enveloped(right)),
        enveloped(right).replace("</s:Envelope>", f"<s:Body>{text}</s:Body></s:Envelope>"),
        signed(whole, pair("idp")),
        enveloped(right).replace("s:Body", "s:Bodies"),
        enveloped(right).replace("<s:Body>", '<s:Header><x s:mustUnderstand="1"/></s:Header><s:Body>'),
    ):
        with pytest.raises(IdpMalformed):
            await provider.signed_out(SamlMessage(party(), SOAP, wrong))


async def test_document_type_in_an_envelope_is_refused(provider: SamlIdp, clock: StandingClock) -> None:
    """Also where nothing of it is used; and so is what is too large."""
    text = enveloped(signed(logout_text(leaving(clock, destination=party().logout_by_soap)), pair("idp")))
    for wrong in (f"<!DOCTYPE x>{text}", text.replace("<s:Body>", f"<s:Header>{' ' * MAX_BYTES}</s:Header><s:Body>")):
        with pytest.raises(IdpMalformed):
            await provider.signed_out(SamlMessage(party(), SOAP, wrong))


async def test_logout_by_a_new_key_is_believed(provider: SamlIdp, upstream: SamlUpstream, clock: StandingClock) -> None:
    """The metadata is fetched anew, as for answers."""
    await provider.signed_out(by_query(logout_text(leaving(clock))))
    upstream.rotate()
    clock.advance(seconds=61)
    told = await provider.signed_out(by_query(logout_text(leaving(clock)), upstream.key))
    assert told.name == "account-1"
    assert len(upstream.requests) == 2


async def test_request_for_a_logout_names_the_session_there(provider: SamlIdp) -> None:
    """Profiles section 4.4.4.1: python3-saml reads in it whom and which session; the browser brings the state back."""
    account = KnownAccount("account-1", SESSION)
    url = await provider.logout(SignOutAsked(account, "https://id.example.com/back", "s", party()))
    query = urlsplit(url).query
    came = received(REDIRECT, query)
    certificates = (party().signers[0].certificate,)
    assert url.startswith(f"{LOGOUT}?")
    assert parse_qs(query)["RelayState"] == ["s"]
    assert octets_verified(VerifyOctets(came.octets, came.signature, came.algorithm, certificates))
    text, plain = OneLogin_Saml2_Logout_Request, zlib.decompress(came.content, -15)
    assert text.get_nameid(plain) == "account-1"
    assert text.get_nameid_format(plain) == PERSISTENT
    assert text.get_session_indexes(plain) == ["session-1"]
    assert text.get_issuer(plain) == party().entity_id


async def test_nobody_is_sent_where_there_is_no_logout(upstream: SamlUpstream, clock: StandingClock) -> None:
    """The provider's metadata has no place for it, or nothing was kept of the session."""
    without = metadata_text((upstream.key.certificate,)).replace("SingleLogoutService", "ManageNameIDService")
    account = KnownAccount("account-1", SESSION)
    for xml, one in ((without, account), (metadata_text((upstream.key.certificate,)), KnownAccount("account-1", "x"))):
        provider = SamlIdp(SamlSettings(metadata_xml=xml), surroundings(upstream, clock))
        with pytest.raises(IdpRefused):
            await provider.logout(SignOutAsked(one, "https://id.example.com/back", "s", party()))
    provider = SamlIdp(SamlSettings(metadata_xml=without), surroundings(upstream, clock))
    told = await provider.signed_out(by_query(logout_text(leaving(clock))))
    assert (told.id, told.answer.url) == ("_logout", "")
