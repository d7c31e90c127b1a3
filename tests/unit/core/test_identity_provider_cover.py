from typing import Any

import pytest

from hexkeep.core.idp.catalog import KINDS
from hexkeep.core.idp.kinds import IdpKind
from hexkeep.core.idp.login import ResetLoginProviders, SetDefaultLoginProviders, SetLoginProviders
from hexkeep.core.idp.messages import IdentityProviderChange
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.errors import PermissionDenied
from hexkeep.core.kernel.permission import SYSTEM, Caller, CallerKind, Level, Membership, Role, Scope
from hexkeep.core.saml.xml import element, md
from hexkeep.core.user.events import UserRemoved
from hexkeep.core.user.state import USER
from hexkeep.testing.decisions import Outcome, World
from tests.unit.core.test_identity_provider import GOOD, LDAP, OIDC, OWNER, ROOT, WORLD, call, made
from tests.unit.core.worlds import human, member

MINE, OTHER = (f"<EntityDescriptor>{number}</EntityDescriptor>" for number in range(2))


def provider(noun: str = "Oidc", **fields: object) -> World:
    """A provider of ``acme`` that Ada is linked to, and her manager, who holds ``acme`` alone."""
    world = made(WORLD.given(*human("ada")).as_(SYSTEM), noun, **fields)
    place = {"user_id": "ada", "organization_id": "acme", "identity_provider_id": "id-1"}
    link = IdentityProviderLinkAdded(**place, external_id="1", display_name="")
    return world.given(IDENTITY_PROVIDER_LINK.append("link", link)).as_(OWNER)


def update(world: World, noun: str = "Oidc", **changes: object) -> Outcome:
    """Change that provider."""
    return call(world, f"Update{noun}IdentityProvider", identity_provider_id="id-1", **changes)


def saml() -> World:
    """A provider of SAML whose metadata can have another certificate."""
    world = provider("Saml", metadata_url="", metadata_xml=MINE)
    for text in (MINE, OTHER):
        world.answerer.documents.read[text.encode()] = element(md("EntityDescriptor"), entityID="urn:idp")
    return world


BANK = {"endpoint": "https://bank.example.net", "merchant": "ACME", "api_secret": "s3cret", "pin": "0000"}
TAKEOVERS: tuple[tuple[str, World, dict[str, Any]], ...] = (
    ("Saml", saml(), {"metadata_xml": OTHER}),
    ("Jwt", provider("Jwt"), {"jwks_endpoint": "https://elsewhere.example.org"}),
    ("Jwt", provider("Jwt"), {"header_name": "X-Other"}),
    ("Ldap", provider("Ldap"), {"servers": ["ldaps://elsewhere.example.org", *LDAP["servers"]]}),
    ("Ldap", provider("Ldap"), {"base_dn": "ou=mine,dc=example,dc=net"}),
    ("Oidc", provider(), {"client_id": "mine"}),
    ("Google", provider("Google"), {"hosted_domains": ["example.org"]}),
    (
        "EntraId",
        provider("EntraId", **GOOD["entra_id"]),
        {"allowed_directories": ["0" * 8 + "-0000" * 3 + "-" + "0" * 12]},
    ),
    ("Bank", provider("Bank", **BANK), {"pin": "0001"}),
    ("Bank", provider("Bank", **BANK), {"merchant": "MINE"}),
    ("Oidc", provider(auto_update=True), {"email_trusted": True}),
    ("Oidc", provider(auto_update=True), {"claim_mapping": {"email": "nickname"}}),
    ("Oidc", provider(email_trusted=True), {"auto_update": True}),
)


@pytest.mark.parametrize(
    ("noun", "world", "change"), TAKEOVERS, ids=lambda one: min(one) if isinstance(one, dict) else ""
)
def test_nobody_becomes_who_holds_more_by_changing_who_is_believed(
    noun: str, world: World, change: dict[str, Any]
) -> None:
    """Who changes keys, servers or what becomes an address could be any linked user, and so holds what they hold."""
    assert update(world, noun, **change).changes, "nobody linked holds anything"
    for role, scope_id in (("INSTANCE_OWNER", ""), ("INSTANCE_VIEWER", ""), ("ORGANIZATION_OWNER", "other")):
        more = world.given(*member("ada", role, scope_id))
        update(more, noun, **change).refused(PermissionDenied)
        for one in (ROOT, SYSTEM):
            assert update(more.as_(one), noun, **change).changes
    assert update(world.given(*member("ada", "ORGANIZATION_OWNER", "acme")), noun, **change).changes, "no more than I"


HARMLESS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Oidc", {"name": "Else"}),
    ("Oidc", {"client_secret": "another", "scopes": ["openid"]}),
    ("Oidc", {"issuer": "https://login.example.net", "client_secret": "s3cret"}),
    ("Oidc", {"email_trusted": True, "claim_mapping": {"email": "mail"}}),
    ("Oidc", {"linking_allowed": False, "creation_allowed": False, "provider_logout": True}),
    ("Apple", {"key_id": "FGHIJ67890", "private_key": "-----BEGIN PRIVATE KEY-----\nMIGU"}),
    ("Saml", {"signed_requests": False}),
)


@pytest.mark.parametrize(("noun", "change"), HARMLESS, ids=lambda one: min(one) if isinstance(one, dict) else one)
def test_what_says_nothing_of_who_is_believed_is_for_whoever_manages_the_provider(
    noun: str, change: dict[str, Any]
) -> None:
    """Names, our own secret, what is asked for; options as long as nothing of them is taken over at sign-ins."""
    world = provider(noun).given(*member("ada", "INSTANCE_OWNER"))
    update(world, noun, **change)


def test_what_is_taken_over_no_more_needs_no_cover() -> None:
    """To switch it off makes nobody anybody else."""
    world = provider(auto_update=True, email_trusted=True).given(*member("ada", "INSTANCE_OWNER"))
    assert update(world, auto_update=False, email_trusted=False).changes


def test_a_provider_is_switched_on_by_who_holds_what_its_users_hold() -> None:
    """Somebody who holds more may have switched it off because of what it is."""
    change = IdentityProviderChange(identity_provider_id="id-1")
    world = provider()
    off = world.when(change, operation="DeactivateIdentityProvider").world
    assert off.when(change, operation="ReactivateIdentityProvider").changes
    more = off.given(*member("ada", "INSTANCE_OWNER"))
    more.when(change, operation="ReactivateIdentityProvider").refused(PermissionDenied)
    assert more.as_(ROOT).when(change, operation="ReactivateIdentityProvider").changes


def offers(world: World, *providers: str, organization_id: str = "acme") -> Outcome:
    """Set what is offered in an organization, or in the instance where none is named."""
    if not organization_id:
        return world.when(SetDefaultLoginProviders(identity_provider_ids=providers))
    return world.when(SetLoginProviders(organization_id=organization_id, identity_provider_ids=providers))


def test_a_provider_is_offered_again_by_who_holds_what_its_users_hold() -> None:
    """Somebody who holds more may have taken it off the list because of what it is."""
    world = provider()
    assert offers(world, "id-1").changes, "nobody linked holds anything"
    more = world.given(*member("ada", "INSTANCE_OWNER"))
    offers(more, "id-1").refused(PermissionDenied)
    listed = offers(more.as_(ROOT), "id-1").world.as_(OWNER)
    listed = offers(made(listed, name="Second"), "id-2", "id-1").world
    off = offers(listed, "id-2").world
    offers(off, "id-1", "id-2").refused(PermissionDenied)
    assert offers(off.as_(ROOT), "id-1", "id-2").changes


def test_the_list_of_the_instance_counts_again_by_who_holds_what_users_hold_whom_it_lets_in() -> None:
    """To take an organization's own list back offers its people what the instance offers; others stay what they are."""
    people = WORLD.as_(ROOT).given(*human("ada"), *human("bob", "other"))
    world = call(people, "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world
    for user, home in (("ada", "acme"), ("bob", "other")):
        place = {"user_id": user, "organization_id": home, "identity_provider_id": "id-1"}
        link = IdentityProviderLinkAdded(**place, external_id=user, display_name="")
        world = world.given(IDENTITY_PROVIDER_LINK.append(f"of-{user}", link))
    world = offers(offers(world, "id-1", organization_id="").world.as_(OWNER)).world
    reset, bobs = ResetLoginProviders(organization_id="acme"), world.given(*member("bob", "INSTANCE_OWNER"))
    for allowed in (world, bobs):
        assert allowed.when(reset).changes
        assert offers(allowed, "id-1").changes
    adas = world.given(*member("ada", "INSTANCE_OWNER"))
    adas.when(reset).refused(PermissionDenied)
    offers(adas, "id-1").refused(PermissionDenied)
    role = Role("POLICIES", Level.INSTANCE, frozenset({"policy.*"}))
    manager = Caller(CallerKind.USER, user_id="caller", memberships=(Membership(role, Scope(Level.INSTANCE)),))
    for held in (adas, bobs):
        emptied = offers(held.as_(ROOT), organization_id="").world
        offers(emptied.as_(manager), "id-1", organization_id="").refused(PermissionDenied)
        assert offers(emptied, "id-1", organization_id="").changes


def test_only_who_is_linked_and_there_counts() -> None:
    """Not somebody who is linked no more, is gone, or is linked to another provider."""
    world, change = provider(), {"client_id": "mine"}
    holds = member("ada", "INSTANCE_OWNER")
    assert update(world.given(*member("bob", "INSTANCE_OWNER")), **change).changes, "not linked"
    unlinked = IDENTITY_PROVIDER_LINK.append("link", IdentityProviderLinkRemoved(user_id="ada"))
    assert update(world.given(*holds, unlinked), **change).changes
    assert update(world.given(*holds, USER.append("ada", UserRemoved())), **change).changes
    second = made(world.given(*holds).as_(SYSTEM), name="Second").as_(OWNER)
    one = {"identity_provider_id": "id-2", **change}
    assert call(second, "UpdateOidcIdentityProvider", **one).changes


def test_one_among_many_who_hold_something_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who hold more are looked through in portions; where there are too many, it is the instance's business."""
    monkeypatch.setattr("hexkeep.core.idp.accounts.SIZE", 3)
    many = [change for number in range(8) for change in member(f"a{number}", "ORGANIZATION_OWNER", "other")]
    world = provider().given(*many)
    assert update(world, client_id="mine").changes
    update(world.given(*member("ada", "INSTANCE_OWNER")), client_id="mine").refused(PermissionDenied)
    monkeypatch.setattr("hexkeep.core.idp.accounts.PORTIONS", 2)
    update(world, client_id="mine").refused(PermissionDenied)
    assert update(world.as_(ROOT), client_id="mine").changes
    free = world.given(IDENTITY_PROVIDER_LINK.append("link", IdentityProviderLinkRemoved(user_id="ada")))
    assert update(free, client_id="mine").changes, "nobody is linked"


def test_what_is_harmless_are_settings_of_the_kind() -> None:
    """A kind that names another is refused where it is declared; of a plugin's kind that names none, nothing is."""
    kind = next(one for one in KINDS if one.name == "oidc")
    with pytest.raises(ValueError, match="nothing"):
        IdpKind("bank", "Bank", "bank", kind.settings, harmless=frozenset({"nothing"}))
    assert not IdpKind("bank", "Bank", "bank", kind.settings).harmless
