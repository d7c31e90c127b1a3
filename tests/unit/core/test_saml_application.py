"""SAML applications: known by the metadata of their service providers, one for each entity id."""

from dataclasses import replace

import pytest

from hexkeep.core.application.commands import (
    DeleteApplication,
    RegenerateClientSecret,
    UpdateOidcApplication,
)
from hexkeep.core.application.events import SamlApplicationAdded, SamlApplicationChanged
from hexkeep.core.application.queries import GetApplication
from hexkeep.core.application.saml_applications import UpdateSamlApplication
from hexkeep.core.application.saml_refreshing import FetchSamlMetadata
from hexkeep.core.application.state import APPLICATION, ApplicationType, AuthMethod, entity_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.errors import AlreadyExists, FailedPrecondition, InvalidInput, NotFound, PermissionDenied
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated
from hexkeep.core.key.rotation import RotateSigningKeys
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID, KeyStatus, SigningKeys
from hexkeep.core.oidc.errors import InvalidRedirectUri
from hexkeep.core.saml.settings import SamlOptions
from hexkeep.core.saml.xml import Element, element, md
from hexkeep.testing.decisions import ISSUER
from tests.unit.core.oidc_world import start, world
from tests.unit.core.people import caller
from tests.unit.core.saml_providers import (
    ACS,
    ARTIFACT,
    MANAGER,
    POST,
    URL,
    certificate,
    create,
    knowing,
    metadata,
)
from tests.unit.core.saml_world import ENTITY, METADATA, key, saml_world


def test_application_is_made_of_its_metadata() -> None:
    """With the first one the instance gets a key for SAML, and with the second none; the entity id is taken."""
    outcome = knowing(metadata(ACS, ARTIFACT, WantAssertionsSigned="true")).when(create())
    client_id = outcome.result.client_id
    added, claim, keys = outcome.changes
    assert isinstance(added, Append)
    assert isinstance(keys, Append)
    (event,) = added.events
    assert isinstance(event, SamlApplicationAdded)
    assert [one.url for one in event.metadata.assertion_consumer_services] == ["https://wiki.example.com/acs"]
    assert event.metadata.want_assertions_signed
    assert claim == Claim(entity_key(ENTITY), APPLICATION.ref(client_id))
    assert [type(one) for one in keys.events] == [SigningKeyCreated, SigningKeyActivated]
    knowing(metadata(), outcome.world).when(create()).refused(AlreadyExists)
    second = knowing(metadata(entity_id="urn:other"), outcome.world).when(create())
    assert len(second.changes) == 2


def test_entity_ids_are_compared_to_the_letter() -> None:
    """Core section 1.3.1: texts are compared as they are, so what only folds to the same is somebody else."""
    made = knowing(metadata()).when(create()).world
    for other in (ENTITY.upper(), f"{ENTITY}\u2060", "https://wiki.example.com/\uff53aml"):
        created = knowing(metadata(entity_id=other), made).when(create())
        assert created.result.entity_id == other
        knowing(metadata(entity_id=other), created.world).when(create()).refused(AlreadyExists)


@pytest.mark.parametrize("place", ["/saml/metadata", "/saml/sp/metadata/login", "/SAML/Metadata"])
def test_nobody_is_called_what_the_instance_is(place: str) -> None:
    """Neither as its identity provider nor as one of its service providers, by whatever way the metadata comes."""
    own = metadata(entity_id=f"{ISSUER}{place}")
    error = knowing(own).when(create()).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["metadata_xml"]
    knowing(own).when(create(metadata_xml="", metadata_url=URL)).refused(InvalidInput)
    renamed = UpdateSamlApplication(client_id="wiki", metadata_xml="xml")
    knowing(own, saml_world()).when(renamed).refused(InvalidInput)


def test_metadata_is_fetched_at_creation_and_on_command() -> None:
    """From a URL, through the guarded client; another service provider's metadata there changes nothing."""
    made = knowing(metadata()).when(create(metadata_xml="", metadata_url=URL))
    fetch = FetchSamlMetadata(client_id=made.result.client_id)
    made.world.when(fetch).then()
    grown = knowing(metadata(ACS, AuthnRequestsSigned="true"), made.world).when(fetch)
    (changed,) = grown.changes
    assert isinstance(changed, Append)
    (event,) = changed.events
    assert isinstance(event, SamlApplicationChanged)
    assert event.metadata.authn_requests_signed
    knowing(metadata(entity_id="urn:other"), made.world).when(fetch).refused(FailedPrecondition)
    gone = replace(made.world, answerer=replace(made.world.answerer.copy(), pages={}))
    gone.when(fetch).refused(InvalidInput)
    handed_in = knowing(metadata()).when(create())
    handed_in.world.when(FetchSamlMetadata(client_id=handed_in.result.client_id)).refused(FailedPrecondition)


@pytest.mark.parametrize(
    "document",
    [
        element(md("EntitiesDescriptor"), metadata()),
        metadata(entity_id=""),
        metadata(entity_id="x" * 1025),
        metadata(ARTIFACT),
        metadata(element(md("AssertionConsumerService"), Binding=POST, Location="http://wiki.example.com/", index="0")),
        metadata(element(md("AssertionConsumerService"), Binding=POST, Location="javascript:alert(1)", index="0")),
        metadata(ACS, certificate("no certificate")),
        element(md("EntityDescriptor"), entityID=ENTITY),
        replace(metadata(), attributes=(("entityID", ENTITY), ("validUntil", "2020-01-01T00:00:00Z"))),
    ],
)
def test_metadata_that_cannot_be_used_is_refused(document: Element) -> None:
    """One entity, one role, a name, a place for answers over TLS, certificates that are some, and not expired."""
    knowing(document).when(create()).refused(InvalidInput)


def test_metadata_comes_by_one_way() -> None:
    """By text or by URL; what is no XML within our bounds is no metadata."""
    before = knowing(metadata())
    before.when(create(metadata_url=URL)).refused(InvalidInput)
    before.when(create(metadata_xml="")).refused(InvalidInput)
    before.when(create(metadata_xml="<x/>")).refused(InvalidInput)


@pytest.mark.parametrize(
    "options",
    [
        {"encrypt_assertions": True},
        {"encrypt_name_ids": True},
        {"require_signed_requests": True},
        {"signed": "response"},
        {"attributes": [{"source": "unspecified", "name": "x"}]},
        {"attributes": [{"source": "metadata", "name": "x"}]},
        {"attributes": [{"source": "email", "name": "x", "metadata_key": "y"}]},
        {"attributes": [{"source": "email", "name": "a\ufffeb"}]},
    ],
    ids=str,
)
def test_options_fit_the_metadata(options: dict[str, object]) -> None:
    """Nothing is promised that this service provider cannot be answered by."""
    knowing(metadata(ACS, WantAssertionsSigned="true")).when(create(options=options)).refused(InvalidInput)


def test_other_metadata_may_rename_the_provider() -> None:
    """An update hands in new metadata; the former entity id is free again."""
    before = knowing(metadata(entity_id="urn:other"), saml_world())
    outcome = before.when(UpdateSamlApplication(client_id="wiki", metadata_xml="xml"))
    ref = APPLICATION.ref("wiki")
    assert outcome.changes[1:] == (Release(entity_key(ENTITY), ref), Claim(entity_key("urn:other"), ref))
    before.when(UpdateSamlApplication(client_id="wiki", name="Wiki")).then()
    changed = SamlApplicationChanged(name="W", metadata=METADATA, metadata_url="", options=SamlOptions())
    before.when(UpdateSamlApplication(client_id="wiki", name="W")).then(APPLICATION.append("wiki", changed))


def test_entity_id_is_free_once_the_application_is_gone() -> None:
    """Deletion is that of any application."""
    outcome = saml_world().as_(MANAGER).when(DeleteApplication(client_id="wiki"))
    assert Release(entity_key(ENTITY), APPLICATION.ref("wiki")) in outcome.changes


def test_application_is_shown_with_its_metadata() -> None:
    """The view has what makes it a service provider; other applications have nothing of it."""
    before = saml_world(idp_initiated=True).as_(MANAGER)
    shown = before.when(GetApplication(client_id="wiki")).result
    assert (shown.application_type, shown.auth_method) == (ApplicationType.SAML, AuthMethod.UNSPECIFIED)
    assert (shown.saml.metadata, shown.saml.options.idp_initiated) == (METADATA, True)
    assert before.when(GetApplication(client_id="web")).result.saml is None


def test_who_may_not_manage_it_does_not() -> None:
    """Strangers find nothing; readers may not change."""
    request = UpdateSamlApplication(client_id="wiki", name="Mine")
    saml_world().as_(caller("eve", "ORGANIZATION_OWNER", "other")).when(request).refused(NotFound)
    saml_world().as_(caller("eve", "ORGANIZATION_VIEWER", "acme")).when(request).refused(PermissionDenied)


def test_kinds_of_applications_do_not_mix() -> None:
    """A service provider is no client of OAuth's, and a client no service provider."""
    before = saml_world().as_(MANAGER)
    before.when(UpdateOidcApplication(client_id="wiki", name="x")).refused(FailedPrecondition)
    before.when(RegenerateClientSecret(client_id="wiki")).refused(FailedPrecondition)
    before.when(UpdateSamlApplication(client_id="web", name="x")).refused(FailedPrecondition)
    acs = METADATA.assertion_consumer_services[0].url
    saml_world().when(start("wiki", redirect_uri=acs)).refused(InvalidRedirectUri)


def used(keys: SigningKeys) -> list[str]:
    """The ids of keys for SAML that sign."""
    return [key.id for key in keys.keys if key.certified and key.status is KeyStatus.ACTIVE]


def test_keys_of_saml_change_by_command_alone() -> None:
    """Service providers know them by heart: rotating all keys leaves them, and naming them does not."""
    before = world(key()).as_(caller("root", "INSTANCE_OWNER", ""))
    every = before.when(RotateSigningKeys())
    named = before.when(RotateSigningKeys.model_validate({"algorithm": "rsa-sha256"}))
    made = every.world.history(every.world.instance).state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert used(made) == ["saml-key"]
    after = named.world.history(named.world.instance).state(SIGNING_KEYS, SIGNING_KEYS_ID)
    assert used(after) != ["saml-key"]
    assert "saml-key" not in {one["kid"] for one in after.published()}
