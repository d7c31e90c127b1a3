"""Metadata of service providers: vouched for by somebody, over at its time, read again where it is at a URL."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from hexkeep.core.application.commands import DeactivateApplication, DeleteApplication
from hexkeep.core.application.queries import GetApplication
from hexkeep.core.application.saml_applications import UpdateSamlApplication
from hexkeep.core.application.saml_refreshing import FetchSamlMetadata, RefreshAllSamlMetadata, RefreshSamlMetadata
from hexkeep.core.kernel.decision import FollowUp
from hexkeep.core.kernel.errors import FailedPrecondition, InvalidInput, PermissionDenied
from hexkeep.core.kernel.permission import SYSTEM
from hexkeep.core.saml import moments
from hexkeep.core.saml.errors import SamlProviderUnknown, SamlRequestUnsigned
from hexkeep.core.saml.settings import SamlProviderMetadata
from hexkeep.core.saml.xml import Element
from hexkeep.testing.decisions import World
from tests.unit.core.oidc_world import world
from tests.unit.core.saml_providers import ACS, EC, MANAGER, URL, certificate, create, keyed, knowing, metadata
from tests.unit.core.saml_world import CONSUMER, LATER, key, known, redirect, request

FEDERATION, OWN, NEW = "federation", "own", "new"
CERTIFICATES = {name: keyed() for name in (FEDERATION, OWN, NEW)}
ARMORED = f"-----BEGIN CERTIFICATE-----\n{FEDERATION}\n-----END CERTIFICATE-----\n"
ANCHORED: dict[str, Any] = {"metadata_certificates": [ARMORED]}
OVER = moments.written(LATER + timedelta(hours=12))


def dated(document: Element, until: datetime) -> Element:
    """The same metadata, good until then."""
    return replace(document, attributes=(*document.attributes, ("validUntil", moments.written(until))))


def provided(document: Element, before: World | None = None, *, by: str = "") -> World:
    """The world in which that is the metadata, in a text and at the URL."""
    return knowing(document, before or world(key()), by=by, certificates=CERTIFICATES)


def registered(document: Element, *, by: str = "", url: bool = True, **fields: Any) -> tuple[str, World]:
    """The application of a service provider with that metadata, and the world afterwards."""
    where = {"metadata_xml": "", "metadata_url": URL} if url else {}
    made = provided(document, by=by).when(create(**where, **fields))
    return made.result.client_id, made.world


def shown(before: World, client_id: str) -> SamlProviderMetadata:
    """The metadata as the administrator sees it."""
    found: SamlProviderMetadata = before.as_(MANAGER).when(GetApplication(client_id=client_id)).result.saml.metadata
    return found


# --- who vouches for it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [True, False])
def test_metadata_has_to_be_signed_where_somebody_has_to_vouch_for_it(*, url: bool) -> None:
    """By a certificate that the administrator named, over the whole: not at all, or by somebody else, is refused."""
    client_id, after = registered(metadata(), by=FEDERATION, url=url, **ANCHORED)
    view = after.as_(MANAGER).when(GetApplication(client_id=client_id)).result.saml
    assert view.metadata_certificates == (FEDERATION,)
    where = {"metadata_xml": "", "metadata_url": URL} if url else {}
    for signer in ("", "somebody's certificate"):
        provided(metadata(), by=signer).when(create(**where, **ANCHORED)).refused(InvalidInput)


def test_what_vouches_is_a_certificate() -> None:
    """A text that is none would let nothing pass, later and silently."""
    wrong = create(metadata_certificates=["no certificate"])
    provided(metadata(), by="federation").when(wrong).refused(InvalidInput)


def test_other_certificates_that_vouch_want_metadata_that_they_sign() -> None:
    """What was never signed by them is not believed because of them; one more beside them changes nothing."""
    client_id, after = registered(metadata(), url=False)
    anchored = {"client_id": client_id, "metadata_certificates": (ARMORED,)}
    unsigned = provided(metadata(), after)
    unsigned.when(UpdateSamlApplication.model_validate(anchored)).refused(InvalidInput)
    again = UpdateSamlApplication.model_validate({**anchored, "metadata_xml": "xml"})
    unsigned.when(again).refused(InvalidInput)
    signed = provided(metadata(), after, by=FEDERATION).when(again).world
    more = {"client_id": client_id, "metadata_certificates": (ARMORED, NEW)}
    assert len(signed.as_(MANAGER).when(UpdateSamlApplication.model_validate(more)).changes) == 1
    freed = UpdateSamlApplication(client_id=client_id, metadata_certificates=())
    assert len(signed.as_(MANAGER).when(freed).changes) == 1


def test_other_certificates_that_vouch_have_metadata_fetched_at_once() -> None:
    """Where it is at a URL nobody has to hand it in."""
    client_id, after = registered(metadata())
    asked = UpdateSamlApplication(client_id=client_id, metadata_certificates=(FEDERATION,))
    provided(metadata(), after).when(asked).refused(InvalidInput)
    assert len(provided(metadata(), after, by=FEDERATION).when(asked).changes) == 1


def test_metadata_at_its_url_stays_vouched_for() -> None:
    """Whoever takes over the URL takes over nothing."""
    client_id, after = registered(metadata(), by=FEDERATION, **ANCHORED)
    taken_over = provided(metadata(ACS, certificate(NEW)), after, by=NEW)
    taken_over.when(FetchSamlMetadata(client_id=client_id)).refused(InvalidInput)
    signed = provided(metadata(ACS, certificate(NEW)), after, by=FEDERATION).when(
        FetchSamlMetadata(client_id=client_id)
    )
    assert shown(signed.world, client_id).signing_certificates == (NEW,)


# --- until when it holds ----------------------------------------------------------------------------------------------


def test_metadata_is_over_at_its_time() -> None:
    """`validUntil` of the entity or of its role, the earlier one: then nobody is signed in by it."""
    until = LATER + timedelta(hours=1)
    _, after = registered(dated(metadata(validUntil=moments.written(until)), until + timedelta(days=1)))
    assert known(after, request()).when(redirect()).result.redirect_to == "https://wiki.example.com/acs"
    late = known(after.at(until), request(IssueInstant=moments.written(until)))
    outcome = late.when(redirect())
    outcome.refused(SamlProviderUnknown)
    assert [one.operation for one in outcome.follow_ups] == ["RefreshSamlMetadata"]


def test_file_that_nobody_vouches_for_holds_until_it_is_replaced() -> None:
    """Who handed it in answers for it: nothing here could fetch another one."""
    until = LATER + timedelta(hours=1)
    _, after = registered(dated(metadata(), until), url=False)
    late = known(after.at(until), request(IssueInstant=moments.written(until)))
    assert late.when(redirect()).result.redirect_to == CONSUMER
    _, vouched = registered(dated(metadata(), until), url=False, by=FEDERATION, **ANCHORED)
    known(vouched.at(until), request(IssueInstant=moments.written(until))).when(redirect()).refused(SamlProviderUnknown)


def test_time_that_moves_at_every_look_is_written_seldom() -> None:
    """Many say at each look that they hold for two days from now: that alone is written at half of it."""
    client_id, after = registered(dated(metadata(), LATER + timedelta(days=2)))
    fetch = FetchSamlMetadata(client_id=client_id)
    hour = timedelta(hours=1)
    provided(dated(metadata(), LATER + hour + timedelta(days=2)), after.at(LATER + hour)).when(fetch).then()
    day = timedelta(hours=25)
    assert provided(dated(metadata(), LATER + day + timedelta(days=2)), after.at(LATER + day)).when(fetch).changes
    assert provided(dated(metadata(), LATER + day), after.at(LATER + hour)).when(fetch).changes, "it may be shortened"
    assert provided(metadata(), after.at(LATER + hour)).when(fetch).changes


# --- what is encrypted to ---------------------------------------------------------------------------------------------


def test_key_that_cannot_be_encrypted_to_is_told_at_registration() -> None:
    """One of an elliptic curve is none of XML Encryption with RSA: the sign-in would be too late to say so."""
    encrypts = create(options={"encrypt_assertions": True})
    curved = metadata(ACS, certificate(OWN, "encryption"))
    before = knowing(curved, certificates={OWN: keyed(key=EC)})
    error = before.when(encrypts).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert "RSA key of at least 2048 bits" in error.violations[0].message
    knowing(curved, certificates={OWN: keyed(key={"kty": "RSA", "n": "n" * 171, "e": "AQAB"})}).when(encrypts).refused(
        InvalidInput
    )
    made = before.when(create())
    assert shown(made.world, made.result.client_id).encryption_certificates == ()
    both = metadata(ACS, certificate(OWN), certificate(NEW))
    chosen = knowing(both, certificates={OWN: keyed(key=EC), NEW: keyed()}).when(encrypts)
    found = shown(chosen.world, chosen.result.client_id)
    assert (found.signing_certificates, found.encryption_certificates) == ((OWN, NEW), (NEW,))


# --- read again -------------------------------------------------------------------------------------------------------


def test_new_key_of_a_provider_is_believed_at_the_next_try() -> None:
    """A signature that does not hold has the URL read again; what is there then is what the next one is judged by."""
    client_id, after = registered(metadata(ACS, certificate(OWN)))
    tried = known(after, request()).when(redirect(signed_by=NEW))
    tried.refused(SamlRequestUnsigned)
    assert tried.follow_ups == (FollowUp("RefreshSamlMetadata", {"client_id": client_id}),)
    grown = provided(metadata(ACS, certificate(OWN), certificate(NEW)), tried.world)
    refreshed = grown.as_(SYSTEM).when(RefreshSamlMetadata(client_id=client_id)).world
    for signer in (NEW, OWN):
        assert known(refreshed, request(ID=f"_{len(signer)}")).when(redirect(signed_by=signer)).result.redirect_to
    alone = provided(metadata(ACS, certificate(NEW)), refreshed.later(minutes=6))
    over = alone.as_(SYSTEM).when(RefreshSamlMetadata(client_id=client_id)).world
    known(over, request()).when(redirect(signed_by=OWN)).refused(SamlRequestUnsigned)


def test_wrong_signatures_do_not_make_us_knock_without_end() -> None:
    """One look in five minutes, whatever came of it."""
    client_id, after = registered(metadata())
    again = RefreshSamlMetadata(client_id=client_id)
    gone = replace(after.as_(SYSTEM), answerer=replace(after.answerer.copy(), pages={}))
    failed = gone.when(again)
    failed.refused(InvalidInput)
    failed.world.later(minutes=4).when(again).then()
    failed.world.later(minutes=5).when(again).refused(InvalidInput)


def test_another_provider_at_the_url_changes_nothing() -> None:
    """An entity id is who somebody is; nor does metadata that the options do not fit."""
    client_id, after = registered(metadata(ACS, certificate(NEW)), options={"encrypt_assertions": True})
    again = RefreshSamlMetadata(client_id=client_id)
    provided(metadata(entity_id="urn:other"), after).as_(SYSTEM).when(again).refused(FailedPrecondition)
    provided(metadata(), after).as_(SYSTEM).when(again).refused(InvalidInput)


def test_all_that_is_at_urls_is_read_again() -> None:
    """What was handed in is not, nor what is gone; one that is switched off has its turn and is left alone."""
    client_id, after = registered(metadata())
    handed_in = provided(metadata(entity_id="urn:other"), after).when(create()).world
    every = handed_in.as_(SYSTEM).when(RefreshAllSamlMetadata())
    every.then()
    assert every.follow_ups == (FollowUp("RefreshSamlMetadata", {"client_id": client_id}),)
    off = handed_in.as_(MANAGER).when(DeactivateApplication(client_id=client_id)).world
    grown = provided(metadata(ACS, certificate(NEW)), off)
    grown.as_(SYSTEM).when(RefreshSamlMetadata(client_id=client_id)).then()
    gone = handed_in.as_(MANAGER).when(DeleteApplication(client_id=client_id)).world
    assert gone.as_(SYSTEM).when(RefreshAllSamlMetadata()).follow_ups == ()
    replaced = UpdateSamlApplication(client_id=client_id, metadata_xml="xml")
    by_hand = provided(metadata(), handed_in).when(replaced).world
    assert by_hand.as_(SYSTEM).when(RefreshAllSamlMetadata()).follow_ups == ()


@pytest.mark.parametrize("asked", [RefreshSamlMetadata(client_id="wiki"), RefreshAllSamlMetadata()])
def test_refreshing_is_the_engines(asked: RefreshSamlMetadata | RefreshAllSamlMetadata) -> None:
    """Nobody else has us ask other people's servers by it."""
    provided(metadata()).when(asked).refused(PermissionDenied)
