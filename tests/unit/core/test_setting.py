"""Settings of an instance: default organization, languages, restrictions, and whose pages speak for it."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import ValidationError

from hexkeep.adapters.notify.texts import TEXTS
from hexkeep.core.code import SLICE as CODES
from hexkeep.core.kernel.errors import (
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    VersionConflict,
)
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.organization.events import OrganizationDeactivated
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.core.setting import SLICE
from hexkeep.core.setting.events import (
    DefaultLanguageSet,
    DefaultOrganizationSet,
    LinkOriginSet,
    RestrictionsSet,
    TrustedDomainAdded,
    TrustedDomainRemoved,
)
from hexkeep.core.setting.state import SETTINGS, SUPPORTED_LANGUAGES, Settings
from hexkeep.testing.decisions import Kit, Outcome, World
from tests.unit.core.codes import issued, with_password
from tests.unit.core.people import caller, organization
from tests.unit.core.worlds import SLICES, human

KIT = Kit(*SLICES, CODES, SLICE)
LOGIN = "https://login.example.com"


def call(world: World, name: str, /, **fields: Any) -> Outcome:
    """Call an operation by name."""
    return world.when(KIT.operation(name).input(**fields), name)


def world() -> World:
    """Two organizations, the first of them the default one."""
    default = SETTINGS.append("instance", DefaultOrganizationSet(organization_id="acme"))
    return KIT.given(*organization("acme"), *organization("other"), default)


def test_whoever_comes_without_an_organization_belongs_to_the_default_one() -> None:
    """A person and a program alike; where there is no default one they have to name one."""
    moved = call(world(), "SetDefaultOrganization", organization_id="other")
    moved.then(SETTINGS.append("instance", DefaultOrganizationSet(organization_id="other")))
    call(moved.world, "SetDefaultOrganization", organization_id="other").then()
    person = call(moved.world, "CreateHumanUser", user_name="bob", given_name="Bob", email="bob@example.com")
    assert person.changes[0].events[0].organization_id == "other"  # type: ignore[union-attr]  # an append
    program = call(moved.world, "CreateMachineUser", user_name="robot")
    assert program.changes[0].events[0].organization_id == "other"  # type: ignore[union-attr]  # an append
    call(KIT.given(*organization("acme")), "CreateMachineUser", user_name="robot").refused(InvalidInput)


def test_who_owns_one_organization_adds_nobody_to_the_default_one() -> None:
    """To leave the organization out gives no rights there."""
    owner = world().as_(caller("owner", "ORGANIZATION_OWNER", "other"))
    call(owner, "CreateMachineUser", user_name="robot").refused(PermissionDenied)


def test_default_organization_is_active_and_stays() -> None:
    """One that is not there, or is switched off, cannot become it, and the default one cannot be removed."""
    call(world(), "SetDefaultOrganization", organization_id="unknown").refused(NotFound)
    off = world().given(ORGANIZATION.append("other", OrganizationDeactivated()))
    call(off, "SetDefaultOrganization", organization_id="other").refused(FailedPrecondition)
    call(world(), "DeleteOrganization", organization_id="acme").refused(FailedPrecondition)


def test_languages_are_restricted_to_supported_ones_with_the_default_among_them() -> None:
    """What nobody can be addressed in is refused."""
    german = call(world(), "SetDefaultLanguage", language="DE")
    german.then(SETTINGS.append("instance", DefaultLanguageSet(language="de")))
    call(german.world, "SetDefaultLanguage", language="de").then()
    call(german.world, "SetDefaultLanguage", language="fr").refused(InvalidInput)
    call(german.world, "SetRestrictions", allowed_languages=("fr",)).refused(InvalidInput)
    call(german.world, "SetRestrictions", allowed_languages=("en",)).refused(FailedPrecondition)
    only = call(german.world, "SetRestrictions", allowed_languages=("de",))
    restricted = RestrictionsSet(allowed_languages=("de",), public_organization_registration_disallowed=False)
    only.then(SETTINGS.append("instance", restricted))
    call(only.world, "SetRestrictions", allowed_languages=("de",)).then()
    call(only.world, "SetDefaultLanguage", language="en").refused(InvalidInput)
    shown = call(only.world.as_(ANONYMOUS), "ListSupportedLanguages").result.languages
    assert [(one.language, one.is_allowed, one.is_default) for one in shown] == [
        ("en", False, False),
        ("de", True, True),
    ]


def test_every_supported_language_has_words_for_the_same() -> None:
    """No message is in one language alone, and none has a place that another one does not know."""
    assert set(TEXTS) == set(SUPPORTED_LANGUAGES)
    english = TEXTS["en"]
    assert all(texts.keys() == english.keys() for texts in TEXTS.values())


@pytest.mark.parametrize(
    ("wanted", "allowed", "used"),
    [
        ("de-CH", (), "de"),
        ("DE", (), "de"),
        ("fr", (), "en"),
        ("", (), "en"),
        ("de", ("en",), "en"),
        ("x" * 35, (), "en"),
    ],
)
def test_people_are_addressed_in_their_language_or_in_the_default_one(
    wanted: str, allowed: tuple[str, ...], used: str
) -> None:
    """A region falls back to its language, everything else to the default."""
    assert Settings(allowed_languages=allowed).language_for(wanted) == used


def test_links_lead_to_a_trusted_domain_and_nowhere_else() -> None:
    """An origin that nobody vouched for gets no codes, and one that does stays trusted as long."""
    begun = world().given(*human(), with_password())
    call(begun, "SetLinkOrigin", origin=LOGIN).refused(InvalidInput)
    trusted = call(begun, "AddTrustedDomain", origin=f"{LOGIN}/")
    trusted.then(SETTINGS.append("instance", TrustedDomainAdded(origin=LOGIN)))
    call(trusted.world, "AddTrustedDomain", origin=LOGIN).then()
    led = call(trusted.world, "SetLinkOrigin", origin=LOGIN)
    led.then(SETTINGS.append("instance", LinkOriginSet(origin=LOGIN)))
    sent = issued(call(led.world.as_(ANONYMOUS), "RequestPasswordReset", login_name="alice"))
    assert urlsplit(sent.link).netloc == "login.example.com"
    call(led.world, "RemoveTrustedDomain", origin=LOGIN).refused(FailedPrecondition)
    back = call(led.world, "ResetLinkOrigin")
    back.then(SETTINGS.append("instance", LinkOriginSet(origin="")))
    call(back.world, "ResetLinkOrigin").then()
    gone = call(back.world, "RemoveTrustedDomain", origin=LOGIN)
    gone.then(SETTINGS.append("instance", TrustedDomainRemoved(origin=LOGIN)))
    [listed] = call(led.world, "ListTrustedDomains").result.trusted_domains
    assert (listed.origin, listed.has_links) == (LOGIN, True)
    assert call(gone.world, "GetInstanceSettings").result.trusted_domains == ()


@pytest.mark.parametrize(
    "origin", ["http://login.example.com", "https://a@b.example", "https://b.example/x", "b.example"]
)
def test_trusted_domains_are_origins(origin: str) -> None:
    """Nothing that is no origin, and nothing without TLS that others reach."""
    with pytest.raises(ValidationError):
        KIT.operation("AddTrustedDomain").input(origin=origin)


def test_settings_are_the_instances_and_have_one_version() -> None:
    """Who owns an organization neither sees nor sets them; a stale version is refused."""
    owner = world().as_(caller("owner", "ORGANIZATION_OWNER", "acme"))
    call(owner, "GetInstanceSettings").refused(PermissionDenied)
    call(owner, "SetDefaultLanguage", language="de").refused(PermissionDenied)
    call(owner, "AddTrustedDomain", origin=LOGIN).refused(PermissionDenied)
    viewer = world().as_(caller("viewer", "INSTANCE_VIEWER"))
    assert call(viewer, "GetInstanceSettings").result.version == 1
    call(viewer, "SetDefaultOrganization", organization_id="other").refused(PermissionDenied)
    call(world(), "SetDefaultLanguage", language="de", expected_version=7).refused(VersionConflict)
    call(world(), "SetDefaultLanguage", language="de", expected_version=1).then(
        SETTINGS.append("instance", DefaultLanguageSet(language="de"))
    )
