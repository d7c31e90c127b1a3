from dataclasses import replace

import pytest

from hexkeep.core.domain.commands import (
    MAX_DOMAINS,
    AddOrganizationDomain,
    RemoveOrganizationDomain,
    SetPrimaryOrganizationDomain,
)
from hexkeep.core.domain.events import (
    OrganizationDomainAdded,
    OrganizationDomainRemoved,
    OrganizationDomainValidationGenerated,
    OrganizationDomainVerified,
    OrganizationPrimaryDomainSet,
)
from hexkeep.core.domain.queries import ListOrganizationDomains
from hexkeep.core.domain.state import DOMAINS, Domains, DomainValidationMethod, domain_key
from hexkeep.core.domain.verification import (
    ATTEMPTS,
    WINDOW_SECONDS,
    GenerateOrganizationDomainValidation,
    VerifyOrganizationDomain,
)
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
)
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.organization.commands import DeleteOrganization
from hexkeep.core.organization.events import OrganizationRemoved
from hexkeep.core.organization.state import ORGANIZATION
from hexkeep.testing.answers import Answerer
from hexkeep.testing.decisions import World
from tests.unit.core.worlds import KIT, NOBODY, caller, organization

WORLD = KIT.given(*organization(), *organization("other"))
OWNER = caller("ORGANIZATION_OWNER", "acme")
NAME = "acme.example"
KEY = domain_key(NAME)
TOKEN = "t" * 43
RECORD, URL = f"_hexkeep-challenge.{NAME}", f"http://{NAME}/.well-known/hexkeep-challenge/{TOKEN}"
VERIFY = VerifyOrganizationDomain(organization_id="acme", domain=NAME)


def added(name: str = NAME, organization_id: str = "acme", method: str = "") -> tuple[Change, ...]:
    """A domain that waits for its validation, if it has any."""
    events = [OrganizationDomainValidationGenerated(domain=name, method=method, token=TOKEN)] if method else []
    return (DOMAINS.append(organization_id, OrganizationDomainAdded(domain=name), *events),)


def verified(name: str = NAME, organization_id: str = "acme") -> tuple[Change, ...]:
    """A domain that is known to be the organization's."""
    events = OrganizationDomainAdded(domain=name), OrganizationDomainVerified(domain=name)
    return DOMAINS.append(organization_id, *events), Claim(domain_key(name), DOMAINS.ref(organization_id))


def outside(world: World, answerer: Answerer) -> World:
    """The same world, with something to find outside."""
    return replace(world, answerer=answerer)


def state(world: World, organization_id: str = "acme") -> Domains:
    """The domains of an organization."""
    return world.history("main").state(DOMAINS, organization_id)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (NAME, NAME),
        ("ACME.Example.", NAME),
        ("  acme.example ", NAME),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("a-b.c.example", "a-b.c.example"),
    ],
)
def test_domain_is_kept_as_the_dns_has_it(written: str, name: str) -> None:
    """In lower case and A-labels, so that no two spellings are two domains."""
    world = outside(WORLD, Answerer(domains={"Bücher.example": "xn--bcher-kva.example"}))
    outcome = world.when(AddOrganizationDomain(organization_id="acme", domain=written))
    outcome.then(DOMAINS.append("acme", OrganizationDomainAdded(domain=name)))
    assert outcome.result.domain == name
    outcome.world.when(AddOrganizationDomain(organization_id="acme", domain=name)).refused(AlreadyExists)


@pytest.mark.parametrize(
    "written",
    ["com", "a..example", "-a.example", "a-.example", "a_b.example", "127.0.0.1", "xn--nö.example", "a:80.example"],
)
def test_what_is_no_domain_is_refused(written: str) -> None:
    """Neither top-level domains nor addresses, ports, or what has no form in the DNS."""
    WORLD.when(AddOrganizationDomain(organization_id="acme", domain=written)).refused(InvalidInput)


def test_domains_of_an_organization_are_bounded() -> None:
    """More than a bounded number are refused."""
    many = (OrganizationDomainAdded(domain=f"d{number}.example") for number in range(MAX_DOMAINS))
    world = WORLD.given(DOMAINS.append("acme", *many))
    world.when(AddOrganizationDomain(organization_id="acme", domain=NAME)).refused(FailedPrecondition)


def test_unverified_domain_is_nobodys() -> None:
    """Many organizations may say that it is theirs; who is verified first has it."""
    world = WORLD.given(*added(), *added(organization_id="other"))
    root = world.as_(caller("INSTANCE_OWNER"))
    outcome = root.when(VERIFY.model_copy(update={"unchecked": True}))
    outcome.then(DOMAINS.append("acme", OrganizationDomainVerified(domain=NAME)), Claim(KEY, DOMAINS.ref("acme")))
    late = VerifyOrganizationDomain(organization_id="other", domain=NAME, unchecked=True)
    outcome.world.when(late).refused(AlreadyExists)


def test_only_the_instance_verifies_without_a_look() -> None:
    """An owner of the organization cannot take any domain for its own."""
    request = VERIFY.model_copy(update={"unchecked": True})
    WORLD.given(*added()).as_(OWNER).when(request).refused(PermissionDenied)


def test_validation_by_record_tells_what_to_publish() -> None:
    """A TXT record under a name of our own."""
    request = GenerateOrganizationDomainValidation(
        organization_id="acme", domain=NAME, method=DomainValidationMethod.DNS
    )
    outcome = WORLD.given(*added()).when(request)
    event = OrganizationDomainValidationGenerated(domain=NAME, method="dns", token="secret-1")
    outcome.then(DOMAINS.append("acme", event))
    assert (outcome.result.record, outcome.result.url, outcome.result.value) == (RECORD, "", "secret-1")


def test_validation_by_file_says_more_than_its_name() -> None:
    """A server that repeats what it is asked for proves nothing."""
    request = GenerateOrganizationDomainValidation(
        organization_id="acme", domain=NAME, method=DomainValidationMethod.HTTP
    )
    result = WORLD.given(*added()).when(request).result
    assert result.url == f"http://{NAME}/.well-known/hexkeep-challenge/secret-1"
    assert result.record == ""
    assert result.value == "secret-1.acme"


def test_validation_needs_a_method_and_an_unverified_domain() -> None:
    """What is verified needs no validation."""
    request = GenerateOrganizationDomainValidation(
        organization_id="acme", domain=NAME, method=DomainValidationMethod.UNSPECIFIED
    )
    WORLD.given(*added()).when(request).refused(InvalidInput)
    WORLD.given(*verified()).when(request).refused(FailedPrecondition)
    WORLD.when(request).refused(NotFound)


@pytest.mark.parametrize(
    ("records", "found"),
    [
        ({RECORD: (f" {TOKEN} ", "v=spf1 -all")}, ""),
        ({RECORD: ("another",)}, "other_record"),
        ({NAME: (TOKEN,)}, "no_record"),
        ({}, "no_record"),
    ],
)
def test_verification_by_record(records: dict[str, tuple[str, ...]], found: str) -> None:
    """One of the TXT records under our name is the token; elsewhere it counts for nothing."""
    world = outside(WORLD.given(*added(method="dns")), Answerer(records=records)).as_(OWNER)
    outcome = world.when(VERIFY)
    if found:
        assert outcome.refused(FailedPrecondition).details["found"] == found
        return
    outcome.then(DOMAINS.append("acme", OrganizationDomainVerified(domain=NAME)), Claim(KEY, DOMAINS.ref("acme")))
    assert state(outcome.world).verified == (NAME,)
    outcome.world.when(VERIFY).then()


@pytest.mark.parametrize(
    ("fetched", "found"),
    [
        (Fetched(200, f"{TOKEN}.acme\n"), ""),
        (Fetched(200, TOKEN), "other_file"),
        (Fetched(200, f"{TOKEN}.other"), "other_file"),
        (Fetched(200, f"<p>{TOKEN}.acme</p>"), "other_file"),
        (Fetched(302, f"{TOKEN}.acme"), "status_302"),
        (Fetched(failure="forbidden_address"), "forbidden_address"),
    ],
)
def test_verification_by_file(fetched: Fetched, found: str) -> None:
    """The file says exactly what it has to, at the very URL."""
    world = outside(WORLD.given(*added(method="http")), Answerer(pages={URL: fetched})).as_(OWNER)
    outcome = world.when(VERIFY)
    if found:
        assert outcome.refused(FailedPrecondition).details["found"] == found
    else:
        assert state(outcome.world).verified == (NAME,)


def test_verification_needs_a_validation() -> None:
    """Nothing is looked for before it was told what to publish."""
    WORLD.given(*added()).when(VERIFY).refused(FailedPrecondition)
    WORLD.when(VERIFY).refused(NotFound)


def test_looks_are_counted() -> None:
    """Each is a call to somebody's server: an organization has so many in a while."""
    world = WORLD.given(*added(method="dns")).as_(OWNER)
    for _ in range(ATTEMPTS):
        outcome = world.when(VERIFY)
        outcome.refused(FailedPrecondition)
        world = outcome.world
    world.when(VERIFY).refused(ResourceExhausted)
    world.later(seconds=WINDOW_SECONDS).when(VERIFY).refused(FailedPrecondition)


def test_primary_is_a_verified_domain() -> None:
    """One at a time; set again, nothing happens."""
    primary = SetPrimaryOrganizationDomain(organization_id="acme", domain="ACME.example")
    WORLD.given(*added()).when(primary).refused(FailedPrecondition)
    world = WORLD.given(*verified(), *verified("second.example"))
    outcome = world.when(primary)
    outcome.then(DOMAINS.append("acme", OrganizationPrimaryDomainSet(domain=NAME, former="")))
    outcome.world.when(primary).then()
    second = outcome.world.when(SetPrimaryOrganizationDomain(organization_id="acme", domain="second.example"))
    assert state(second.world).primary == "second.example"
    views = second.world.as_(OWNER).when(ListOrganizationDomains(organization_id="acme")).result.domains
    assert [(one.domain, one.is_primary) for one in views] == [(NAME, False), ("second.example", True)]


def test_removed_domain_is_free() -> None:
    """Its key is given back, and the primary one stays while another could take its place."""
    world = WORLD.given(*verified(), *verified("second.example"))
    world = world.when(SetPrimaryOrganizationDomain(organization_id="acme", domain=NAME)).world
    remove = RemoveOrganizationDomain(organization_id="acme", domain=NAME)
    world.when(remove).refused(FailedPrecondition)
    world = world.when(RemoveOrganizationDomain(organization_id="acme", domain="second.example")).world
    outcome = world.when(remove)
    outcome.then(DOMAINS.append("acme", OrganizationDomainRemoved(domain=NAME)), Release(KEY, DOMAINS.ref("acme")))
    assert state(outcome.world) == Domains()
    outcome.world.when(remove).refused(NotFound)
    unverified = WORLD.given(*added()).when(remove)
    unverified.then(DOMAINS.append("acme", OrganizationDomainRemoved(domain=NAME)))


def test_removed_organization_gives_its_domains_up() -> None:
    """All of them, verified or not, with what makes them unique."""
    world = WORLD.given(*verified(), *added("second.example"))
    gone = OrganizationDomainRemoved(domain=NAME), OrganizationDomainRemoved(domain="second.example")
    world.when(DeleteOrganization(organization_id="acme")).then(
        ORGANIZATION.append("acme", OrganizationRemoved()),
        DOMAINS.append("acme", *gone),
        Release(KEY, DOMAINS.ref("acme")),
    )


@pytest.mark.parametrize(
    "request_",
    [
        AddOrganizationDomain(organization_id="acme", domain="new.example"),
        GenerateOrganizationDomainValidation(
            organization_id="acme", domain="second.example", method=DomainValidationMethod.DNS
        ),
        SetPrimaryOrganizationDomain(organization_id="acme", domain=NAME),
        RemoveOrganizationDomain(organization_id="acme", domain=NAME),
    ],
    ids=lambda request: type(request).__name__,
)
def test_domains_are_changed_by_owners(request_: Message) -> None:
    """Owners may, readers may not, and strangers do not learn that there is such an organization."""
    world = WORLD.given(*verified(), *added("second.example"))
    assert world.as_(OWNER).when(request_).changes
    world.as_(caller("ORGANIZATION_VIEWER", "acme")).when(request_).refused(PermissionDenied)
    for who in (NOBODY, caller("ORGANIZATION_OWNER", "other")):
        world.as_(who).when(request_).refused(NotFound)


def test_list_of_domains_filters_and_shows_nobody_elses() -> None:
    """By a part of the name and by whether they are verified; only to whom the organization is shown."""
    world = WORLD.given(*verified(), *added("second.example"), *verified("third.example", "other"))

    def seen(**fields: object) -> list[str]:
        request = ListOrganizationDomains.model_validate({"organization_id": "acme", **fields})
        return [one.domain for one in world.as_(OWNER).when(request).result.domains]

    assert seen() == [NAME, "second.example"]
    assert seen(domain="SECOND") == ["second.example"]
    assert seen(is_verified=True) == [NAME]
    assert seen(is_verified=False) == ["second.example"]
    assert seen(organization_id="other") == []
    world.as_(NOBODY).when(ListOrganizationDomains(organization_id="acme")).refused(PermissionDenied)
