import json
from dataclasses import replace
from typing import Annotated, Any

import pytest
from pydantic import Field, StringConstraints, ValidationError

from hexkeep.core.idp import SLICE
from hexkeep.core.idp.catalog import KINDS
from hexkeep.core.idp.events import (
    AutoLinking,
    IdentityProviderAdded,
    IdentityProviderChanged,
    IdentityProviderDeactivated,
    IdentityProviderReactivated,
    IdentityProviderRemoved,
    IdentityProviderSecretsChanged,
    LoginProvidersReset,
    LoginProvidersSet,
)
from hexkeep.core.idp.factory import kind_operations
from hexkeep.core.idp.kinds import IdpKind, IdpSettings, Secret
from hexkeep.core.idp.login import (
    LoginProvidersOf,
    ResetLoginProviders,
    SetDefaultLoginProviders,
    SetLoginProviders,
)
from hexkeep.core.idp.messages import IdentityProviderChange, IdentityProviderId
from hexkeep.core.idp.queries import (
    IdentityProviderSort,
    ListAvailableIdentityProviders,
    ListIdentityProviders,
    ListInstanceIdentityProviders,
)
from hexkeep.core.idp.state import IDENTITY_PROVIDER, LOGIN_PROVIDERS, provider_name_key
from hexkeep.core.idplink import SLICE as LINKS
from hexkeep.core.idplink.events import IdentityProviderLinkAdded, IdentityProviderLinkRemoved
from hexkeep.core.idplink.state import IDENTITY_PROVIDER_LINK
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    VersionConflict,
)
from hexkeep.core.kernel.lifecycle import Status
from hexkeep.core.kernel.operation import Empty, Message
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.kernel.slice import Slice
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.kernel.urls import ServerUrl
from hexkeep.core.oidc.x509 import Certificate
from hexkeep.core.saml.xml import element, md
from hexkeep.engine.registry import RegistrationError, build_registry
from hexkeep.testing.decisions import NOW, Kit, Outcome, World
from tests.unit.core.worlds import NOBODY, SLICES, caller, organization


class BankSettings(IdpSettings):
    """What a plugin's own kind has to know: an identity scheme of banks, made up here."""

    endpoint: ServerUrl
    merchant: Annotated[str, StringConstraints(min_length=1, max_length=20)]
    api_secret: Secret
    pin: Secret = Field(repr=False)


BANK = IdpKind("bank", "Bank", "bank login", BankSettings, frozenset({"endpoint"}), frozenset({"endpoint"}))
PLUGIN = Slice("bank_login", operations=kind_operations(BANK))
KIT = Kit(*SLICES, SLICE, LINKS, PLUGIN)
WORLD = KIT.given(*organization(), *organization("other"))
OWNER, VIEWER, ROOT = (
    caller("ORGANIZATION_OWNER", "acme"),
    caller("ORGANIZATION_VIEWER", "acme"),
    caller("INSTANCE_OWNER"),
)
ISSUER = "https://login.example.net"
OIDC = {"issuer": ISSUER, "client_id": "hexkeep", "client_secret": "s3cret"}
OAUTH = {
    "client_id": "hexkeep",
    "client_secret": "s3cret",
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/me",
    "id_attribute": "id",
}
JWT = {"issuer": ISSUER, "jwks_endpoint": ISSUER, "jwt_endpoint": ISSUER, "header_name": "X-Auth-Token"}
LDAP = {"servers": ["ldaps://ldap.example.net"], "base_dn": "dc=example,dc=net"}
SAML = {"metadata_url": f"{ISSUER}/metadata"}
GITHUB = {"client_id": "hexkeep", "client_secret": "s3cret"}
ENTRA = {**GITHUB, "tenant": "common"}
APPLE = {
    "client_id": "net.example.login",
    "team_id": "ABCDE12345",
    "key_id": "ABCDE12345",
    "private_key": "-----BEGIN PRIVATE KEY-----\nMIGT",
}
GOOD: dict[str, dict[str, Any]] = {
    "oidc": OIDC,
    "oauth": OAUTH,
    "jwt": JWT,
    "ldap": LDAP,
    "saml": SAML,
    "google": GITHUB,
    "github": GITHUB,
    "github_enterprise": {**GITHUB, "base_url": "https://github.example.net"},
    "gitlab": GITHUB,
    "gitlab_self_hosted": {**GITHUB, "issuer": "https://gitlab.example.net"},
    "entra_id": ENTRA,
    "apple": APPLE,
}
"""What each kind needs at least."""


def asked(operation: str, /, **fields: object) -> Message:
    """The input of an operation."""
    made: Message = KIT.operation(operation).input.model_validate(fields)
    return made


def call(world: World, operation: str, /, **fields: object) -> Outcome:
    """Call an operation by its name."""
    return world.when(asked(operation, **fields), operation=operation)


def made(world: World = WORLD, /, noun: str = "Oidc", **fields: object) -> World:
    """The world with one more provider of ``acme``: ``id-1`` is the first."""
    given = {**GOOD.get(noun.lower(), {}), **fields}
    return call(world, f"Create{noun}IdentityProvider", **{"organization_id": "acme", "name": "Login", **given}).world


def added(**changes: object) -> IdentityProviderAdded:
    """The event behind an OpenID provider, or another."""
    fields: dict[str, object] = {
        "organization_id": "acme",
        "kind": "oidc",
        "name": "Login",
        "linking_allowed": True,
        "creation_allowed": True,
        "auto_creation": False,
        "auto_update": False,
        "auto_linking": AutoLinking.NONE,
        "settings": {
            "issuer": ISSUER,
            "client_id": "hexkeep",
            "scopes": ["openid", "profile", "email"],
            "pkce": True,
            "id_token_mapping": False,
        },
        "secrets": '{"client_secret": "s3cret"}',
    }
    return IdentityProviderAdded.model_validate({**fields, **changes})


def changed(**changes: object) -> IdentityProviderChanged:
    """The event behind a change of that provider."""
    fields = added().model_dump(exclude={"organization_id", "kind", "secrets"})
    return IdentityProviderChanged.model_validate({**fields, **changes})


def named(provider_id: str, organization_id: str = "acme", name: str = "Login") -> Change:
    """The claim of a provider's name."""
    return Claim(provider_name_key(organization_id, name), IDENTITY_PROVIDER.ref(provider_id))


def test_create_keeps_settings_and_secrets_apart() -> None:
    """The secret is in the sealed field alone, and the settings are whole."""
    outcome = call(WORLD.as_(OWNER), "CreateOidcIdentityProvider", organization_id="acme", name="Login", **OIDC)
    outcome.then(IDENTITY_PROVIDER.append("id-1", added()), named("id-1"))
    assert outcome.result.identity_provider_id == "id-1"
    assert "s3cret" not in repr(outcome.changes)
    assert "s3cret" not in repr(asked("CreateOidcIdentityProvider", organization_id="acme", name="L", **OIDC))
    assert "s3cret" not in repr(outcome.world.history("main"))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_made_read_and_changed(kind: IdpKind) -> None:
    """Of an organization and of the instance alike; what was set is read back, and no secret among it."""
    fields = GOOD[kind.name]
    for of, owner, name in (("", {"organization_id": "acme"}, "acme"), ("Instance", {}, "")):
        noun = f"{of}{kind.noun}IdentityProvider"
        world = call(WORLD, f"Create{noun}", name="Login", **owner, **fields).world
        view = call(world, f"Get{noun}", identity_provider_id="id-1").result
        assert (view.provider.kind, view.provider.organization_id, view.provider.version) == (kind.name, name, 1)
        shown = view.settings.model_dump(mode="json")
        assert shown.keys() == kind.settings.model_fields.keys() - kind.secrets
        assert {field: shown[field] for field in fields if field in shown} == {
            field: value for field, value in fields.items() if field in shown
        }
        secrets = kind.secrets & fields.keys()
        assert view.provider.has_secret == bool(secrets)
        assert not any(fields[secret] in view.model_dump_json() for secret in secrets)
        renamed = call(world, f"Update{noun}", identity_provider_id="id-1", name="Other")
        (change, *_) = renamed.changes
        assert change == IDENTITY_PROVIDER.append("id-1", changed(name="Other", settings=_stored(world)))
        call(renamed.world, f"Update{noun}", identity_provider_id="id-1", name="Other", **fields).then()


def _stored(world: World) -> object:
    return dict(world.history("main").state(IDENTITY_PROVIDER, "id-1").settings)


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("Oidc", {"issuer": "http://login.example.net"}),
        ("Oidc", {"issuer": "https://user@login.example.net"}),
        ("Oidc", {"issuer": "https://login.example.net/#x"}),
        ("Oidc", {"issuer": "https://"}),
        ("Oidc", {"issuer": "file:///etc/passwd"}),
        ("Oidc", {"issuer": "https://login.example.net/" + "x" * 2000}),
        ("Oidc", {"scopes": ["profile"]}),
        ("Oidc", {"scopes": ["openid", "two words"]}),
        ("Oauth", {"token_endpoint": "ftp://login.example.net"}),
        ("Oauth", {"client_secret": ""}),
        ("Jwt", {"header_name": "X-Auth\r\nHost"}),
        ("Ldap", {"servers": []}),
        ("Ldap", {"servers": ["https://ldap.example.net"]}),
        ("Ldap", {"servers": ["ldaps://ldap.example.net/dc=example?uid"]}),
        ("Ldap", {"user_filters": ["uid)(|(uid=*"]}),
        ("Ldap", {"timeout": "PT10M"}),
        ("Saml", {"metadata_url": "http://login.example.net"}),
        ("Saml", {"metadata_xml": "<html/>", "metadata_url": ""}),
        ("Saml", {"metadata_xml": '<!DOCTYPE x [<!ENTITY a "b">]><EntityDescriptor/>', "metadata_url": ""}),
        ("Apple", {"team_id": "short"}),
        ("Apple", {"private_key": "-----BEGIN RSA PRIVATE KEY-----"}),
    ],
)
def test_settings_that_do_not_fit_are_malformed(noun: str, fields: dict[str, object]) -> None:
    """URLs are https without user and fragment, names have no syntax in them, and everything has a bound."""
    base = {"organization_id": "acme", "name": "Login", **GOOD[noun.lower()]}
    asked(f"Create{noun}IdentityProvider", **base)
    with pytest.raises(ValidationError) as refused:
        asked(f"Create{noun}IdentityProvider", **{**base, **fields})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("noun", "fields"),
    [
        ("Oidc", {"client_secret": "", "pkce": False}),
        ("Ldap", {"servers": ["ldap://ldap.example.net"]}),
        ("Ldap", {"start_tls": True}),
        ("Ldap", {"servers": ["ldap://a.example.net", "ldaps://b.example.net"], "start_tls": True}),
        ("Ldap", {"bind_dn": "cn=reader"}),
        ("Ldap", {"bind_password": "s3cret"}),
        ("Saml", {"metadata_url": ""}),
        ("Saml", {"metadata_xml": "<EntityDescriptor/>"}),
        ("Saml", {"name_id_format": "transient"}),
        ("Entra_Id", {"tenant": "single"}),
        ("Entra_Id", {"directory": "example.net"}),
        ("Entra_Id", {"email_verified": True}),
        ("Oidc", {"auto_creation": True, "creation_allowed": False}),
        ("Oidc", {"auto_linking": "user_name", "linking_allowed": False}),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(noun: str, fields: dict[str, object]) -> None:
    """When something is made, and when it becomes so by a change."""
    name, good = noun.replace("_", ""), GOOD[noun.lower()]
    base = {"organization_id": "acme", "name": "Login", **good}
    error = call(WORLD, f"Create{name}IdentityProvider", **{**base, **fields}).refused(InvalidInput)
    assert "s3cret" not in repr(error)
    world = call(WORLD, f"Create{name}IdentityProvider", **base).world
    given = {key: value for key, value in fields.items() if value != ""}
    mask = ",".join(fields)
    update = {"identity_provider_id": "id-1", "update_mask": mask, **given}
    call(world, f"Update{name}IdentityProvider", **update).refused(InvalidInput)


@pytest.mark.parametrize(
    "url", ["http://localhost:8080", "http://127.0.0.1:9/x", "http://[::1]:8080", "https://10.0.0.1"]
)
def test_providers_in_ones_own_network_and_on_this_machine_can_be_recorded(url: str) -> None:
    """Plain http on the loopback interface alone, for development; addresses are judged when they are connected to."""
    assert made(issuer=url).history("main").state(IDENTITY_PROVIDER, "id-1").settings["issuer"] == url


def test_names_are_unique_within_their_owner() -> None:
    """Whatever the case; another organization and the instance may have one of the same name."""
    world = made()
    fields = {"name": "LOGIN", **GITHUB}
    call(world, "CreateGitHubIdentityProvider", organization_id="acme", **fields).refused(AlreadyExists)
    assert call(world, "CreateGitHubIdentityProvider", organization_id="other", **fields).changes
    assert call(world, "CreateInstanceGitHubIdentityProvider", **fields).changes
    call(world, "CreateGitHubIdentityProvider", organization_id="nowhere", **fields).refused(NotFound)


def test_a_secret_that_is_left_out_stays() -> None:
    """Without a mask and with one for everything; named by a mask it goes, where there may be none."""
    world = made()
    outcome = call(world, "UpdateOidcIdentityProvider", identity_provider_id="id-1", pkce=False)
    outcome.then(
        IDENTITY_PROVIDER.append("id-1", changed(settings={**added().settings, "pkce": False})),
    )
    everything = {"name": "Login", "issuer": ISSUER, "client_id": "hexkeep", "scopes": ["openid"], "pkce": True}
    options = {"linking_allowed": True, "creation_allowed": True}
    whole = call(
        world, "UpdateOidcIdentityProvider", identity_provider_id="id-1", update_mask="*", **everything, **options
    )
    whole.then(IDENTITY_PROVIDER.append("id-1", changed(settings={**added().settings, "scopes": ["openid"]})))
    gone = call(world, "UpdateOidcIdentityProvider", identity_provider_id="id-1", update_mask="client_secret")
    gone.then(IDENTITY_PROVIDER.append("id-1", IdentityProviderSecretsChanged(secrets="{}")))
    view = call(gone.world, "GetOidcIdentityProvider", identity_provider_id="id-1").result
    assert view.provider.has_secret is False
    other = call(world, "UpdateOidcIdentityProvider", identity_provider_id="id-1", client_secret="an0ther", name="New")
    other.then(
        IDENTITY_PROVIDER.append(
            "id-1",
            changed(name="New"),
            IdentityProviderSecretsChanged(secrets='{"client_secret": "an0ther"}'),
        ),
        Release(provider_name_key("acme", "Login"), IDENTITY_PROVIDER.ref("id-1")),
        named("id-1", name="New"),
    )
    google = made(noun="Google", name="G")
    removing = {"identity_provider_id": "id-1", "update_mask": "client_secret"}
    call(google, "UpdateGoogleIdentityProvider", **removing).refused(InvalidInput)


def test_a_kept_secret_is_not_sent_anywhere_else() -> None:
    """Who moves the endpoint that gets the secret has to know the secret."""
    world = made()
    move = {"identity_provider_id": "id-1", "issuer": "https://evil.example.org"}
    error = call(world, "UpdateOidcIdentityProvider", **move).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["client_secret"]
    assert call(world, "UpdateOidcIdentityProvider", **move, client_secret="s3cret").changes
    public = made(client_secret="", name="Public")
    assert call(public, "UpdateOidcIdentityProvider", **move).changes, "there is nothing to send"


def linked(world: World) -> World:
    """Somebody is linked to an account at the provider."""
    place = {"user_id": "ada", "organization_id": "acme", "identity_provider_id": "id-1"}
    link = IdentityProviderLinkAdded(**place, external_id="1", display_name="")
    return world.given(IDENTITY_PROVIDER_LINK.append("link", link))


ELSEWHERE = "https://elsewhere.example.org"
MOVES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Oidc", {"issuer": ELSEWHERE}),
    ("Oauth", {"authorization_endpoint": ELSEWHERE}),
    ("Oauth", {"token_endpoint": ELSEWHERE}),
    ("Oauth", {"userinfo_endpoint": ELSEWHERE}),
    ("Oauth", {"id_attribute": "email"}),
    ("Jwt", {"issuer": ELSEWHERE}),
    ("Ldap", {"servers": ["ldaps://elsewhere.example.org"]}),
    ("Ldap", {"attributes": {"id": "uid"}}),
    ("Saml", {"metadata_url": ELSEWHERE}),
    ("Saml", {"transient_mapping_attribute": "employeeNumber"}),
    ("GitHubEnterprise", {"base_url": ELSEWHERE}),
    ("GitLabSelfHosted", {"issuer": ELSEWHERE}),
    ("Bank", {"endpoint": ELSEWHERE}),
)


@pytest.mark.parametrize(("noun", "move"), MOVES, ids=lambda one: str(one) if isinstance(one, str) else min(one))
def test_no_other_server_takes_over_the_links_of_one(noun: str, move: dict[str, Any]) -> None:
    """Its ids may be other people's; while nobody is linked, or once nobody is any more, it is free."""
    by_name = {kind.noun: kind.name for kind in KINDS}
    bank = {"endpoint": "https://bank.example.net", "merchant": "ACME", "api_secret": "s3cret", "pin": "0000"}
    given = bank if noun == "Bank" else GOOD[by_name[noun]]
    world = call(WORLD.as_(OWNER), f"Create{noun}IdentityProvider", organization_id="acme", name="Login", **given).world
    secrets = {name: given[name] for name in ("client_secret", "api_secret", "pin") if name in given}
    update: dict[str, Any] = {"identity_provider_id": "id-1", **secrets, **move}
    operation = f"Update{noun}IdentityProvider"
    assert call(world, operation, **update).changes
    error = call(linked(world), operation, **update).refused(FailedPrecondition)
    assert isinstance(error, FailedPrecondition)
    assert min(move) in error.message
    free = linked(world).given(IDENTITY_PROVIDER_LINK.append("link", IdentityProviderLinkRemoved()))
    assert call(free, operation, **update).changes
    assert call(linked(world), operation, identity_provider_id="id-1", name="Else").changes


def test_a_directory_may_get_more_servers_and_lose_some() -> None:
    """As long as one of them stays it is the same directory."""
    world = linked(made(noun="Ldap"))
    for servers in (["ldaps://b", *LDAP["servers"]], ["ldaps://b"]):
        moved = call(world, "UpdateLdapIdentityProvider", identity_provider_id="id-1", servers=servers)
        assert moved.changes
        world = moved.world


def test_metadata_of_saml_may_have_other_keys_of_the_same_entity() -> None:
    """What names the other side is its entity id; what is no XML names nobody."""
    first, second, third, broken = (f"<EntityDescriptor>{number}</EntityDescriptor>" for number in range(4))
    world = linked(made(noun="Saml", metadata_url="", metadata_xml=first))
    for text, entity_id in ((first, "urn:idp"), (second, "urn:idp"), (third, "urn:other")):
        world.answerer.documents.read[text.encode()] = element(md("EntityDescriptor"), entityID=entity_id)
    update = {"identity_provider_id": "id-1", "metadata_url": ""}
    assert call(world, "UpdateSamlIdentityProvider", **update, metadata_xml=second).changes
    for other in (third, broken):
        call(world, "UpdateSamlIdentityProvider", **update, metadata_xml=other).refused(FailedPrecondition)


def vouched(*, by: str = "federation") -> World:
    """The world in which a document is metadata that somebody has signed, also at a URL, and two certificates are."""
    world = replace(WORLD, answerer=WORLD.answerer.copy())
    text = "<EntityDescriptor/>"
    world.answerer.documents.read[text.encode()] = element(md("EntityDescriptor"), entityID="urn:idp")
    world.answerer.documents.signed = {text.encode(): by}
    world.answerer.pages[SAML["metadata_url"]] = Fetched(200, text)
    read = Certificate((), (), (), (), (), {"kty": "RSA", "n": "n" * 342, "e": "AQAB"}, NOW, NOW)
    world.answerer.certificates |= {"federation": read, "another": read}
    return world


def wrong(outcome: Outcome) -> dict[str, str]:
    """What is wrong with an input, by field."""
    error = outcome.refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    return {one.field: one.message for one in error.violations}


PINNED: dict[str, object] = {"metadata_certificates": ["-----BEGIN CERTIFICATE-----\nfede\nration\n"]}


@pytest.mark.parametrize("way", [{}, {"metadata_url": "", "metadata_xml": "<EntityDescriptor/>"}], ids=["url", "file"])
def test_metadata_of_saml_is_vouched_for_when_it_is_set_up(way: dict[str, object]) -> None:
    """SAML 2.0 Metadata section 3; who sets it up is told what is wrong, and where."""
    fields = {**SAML, "organization_id": "acme", "name": "Login", **PINNED, **way}
    made = call(vouched(), "CreateSamlIdentityProvider", **fields).world
    shown = call(made, "GetSamlIdentityProvider", identity_provider_id="id-1").result.settings
    assert shown.metadata_certificates == ("federation",)
    field = "metadata_url" if not way else "metadata_xml"
    for world, changes, where in (
        (vouched(by="another"), {}, field),
        (vouched(by=""), {}, field),
        (vouched(), {"metadata_certificates": ["federation", "none"]}, "metadata_certificates.1"),
        (vouched(), {"entity_id": "urn:another"}, "entity_id"),
    ):
        assert where in wrong(call(world, "CreateSamlIdentityProvider", **{**fields, **changes}))
    assert call(vouched(), "CreateSamlIdentityProvider", **fields, entity_id="urn:idp").changes


def test_who_has_to_vouch_for_metadata_of_saml_may_change() -> None:
    """It is looked at again with what is handed in, be that the same: so a manager learns what has become of it."""
    fields = {**SAML, "organization_id": "acme", "name": "Login"}
    world = call(vouched(), "CreateSamlIdentityProvider", **fields).world
    one = {"identity_provider_id": "id-1"}
    assert call(world, "UpdateSamlIdentityProvider", **one, **PINNED).changes
    call(world, "UpdateSamlIdentityProvider", **one, metadata_certificates=["another"]).refused(InvalidInput)
    pinned = call(world, "UpdateSamlIdentityProvider", **one, **PINNED).world
    assert call(pinned, "UpdateSamlIdentityProvider", **one, metadata_certificates=[]).changes
    gone = replace(pinned, answerer=pinned.answerer.copy())
    gone.answerer.pages.clear()
    assert call(gone, "UpdateSamlIdentityProvider", **one, signed_requests=False).changes
    assert "cannot be fetched" in wrong(call(gone, "UpdateSamlIdentityProvider", **one, **SAML))["metadata_url"]


def test_changes_insist_on_kind_level_and_version() -> None:
    """A provider is changed as what it is, where it is."""
    world = made()
    one = {"identity_provider_id": "id-1"}
    call(world, "UpdateGoogleIdentityProvider", **one, name="x").refused(NotFound)
    call(world, "GetGoogleIdentityProvider", **one).refused(NotFound)
    call(world, "UpdateInstanceOidcIdentityProvider", **one, name="x").refused(NotFound)
    call(world, "GetInstanceIdentityProvider", **one).refused(NotFound)
    call(world, "GetInstanceOidcIdentityProvider", **one).refused(NotFound)
    call(world, "DeleteInstanceIdentityProvider", **one).refused(NotFound)
    call(world, "UpdateOidcIdentityProvider", **one, name="x", expected_version=7).refused(VersionConflict)
    instance = call(WORLD, "CreateInstanceOidcIdentityProvider", name="Login", **OIDC).world
    call(instance, "DeleteIdentityProvider", **one).refused(NotFound)
    call(instance, "GetIdentityProvider", **one).refused(NotFound)


def test_life_of_a_provider() -> None:
    """It is switched off and on, and removed; its name is free then, and nothing of it is left."""
    one = IdentityProviderChange(identity_provider_id="id-1")

    def do(world: World, verb: str) -> Outcome:
        return world.when(one, operation=f"{verb}IdentityProvider")

    off = do(made(), "Deactivate").then(IDENTITY_PROVIDER.append("id-1", IdentityProviderDeactivated()))
    do(off.world, "Deactivate").refused(FailedPrecondition)
    on = do(off.world, "Reactivate").then(IDENTITY_PROVIDER.append("id-1", IdentityProviderReactivated()))
    do(on.world, "Reactivate").refused(FailedPrecondition)
    stale = one.model_copy(update={"expected_version": 1})
    on.world.when(stale, operation="DeleteIdentityProvider").refused(VersionConflict)
    gone = do(on.world, "Delete")
    key = provider_name_key("acme", "Login")
    gone.then(IDENTITY_PROVIDER.append("id-1", IdentityProviderRemoved()), Release(key, IDENTITY_PROVIDER.ref("id-1")))
    for verb in ("Get", "Delete", "Deactivate"):
        request = IdentityProviderId(identity_provider_id="id-1") if verb == "Get" else one
        gone.world.when(request, operation=f"{verb}IdentityProvider").refused(NotFound)
    assert not gone.world.history("main").state(IDENTITY_PROVIDER, "id-1").secrets
    assert made(gone.world).history("main").state(IDENTITY_PROVIDER, "id-2").exists


def test_lists_filter_sort_and_keep_levels_apart() -> None:
    """Providers of organizations in one, the instance's in the other."""
    world = made(made(name="B"), noun="GitHub", name="A", **GITHUB)
    world = call(world, "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world
    world = call(world, "CreateOidcIdentityProvider", organization_id="other", name="C", **OIDC).world

    def names(request: Message) -> list[str]:
        page = world.when(request).result
        return [one.name for one in page.identity_providers]

    assert names(ListIdentityProviders(sort=IdentityProviderSort.NAME, count=True)) == ["A", "B", "C"]
    assert names(ListIdentityProviders(organization_id="acme", sort=IdentityProviderSort.NAME, descending=True)) == [
        "B",
        "A",
    ]
    assert names(ListIdentityProviders(kind="github")) == ["A"]
    assert names(ListIdentityProviders(name="c")) == ["C"]
    assert names(ListIdentityProviders(status=Status.INACTIVE)) == []
    assert names(ListInstanceIdentityProviders()) == ["Everybody's"]
    assert "s3cret" not in world.when(ListIdentityProviders()).result.model_dump_json()


def test_organizations_are_apart() -> None:
    """Who manages one neither sees nor touches the providers of another, nor the instance's."""
    world = call(made(), "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world
    stranger = world.as_(caller("ORGANIZATION_OWNER", "other"))
    assert stranger.when(ListIdentityProviders(organization_id="acme")).result.identity_providers == ()
    for verb in ("Get", "Deactivate", "Delete", "GetOidc"):
        name = f"{verb}IdentityProvider"
        call(stranger, name, identity_provider_id="id-1").refused(NotFound)
    call(stranger, "UpdateOidcIdentityProvider", identity_provider_id="id-1", name="x").refused(NotFound)
    create = {"organization_id": "acme", "name": "x", **OIDC}
    call(stranger, "CreateOidcIdentityProvider", **create).refused(PermissionDenied)
    call(world.as_(OWNER), "CreateInstanceOidcIdentityProvider", name="x", **OIDC).refused(PermissionDenied)
    call(world.as_(OWNER), "GetInstanceIdentityProvider", identity_provider_id="id-2").refused(NotFound)
    assert world.as_(OWNER).when(ListInstanceIdentityProviders()).result.identity_providers == ()
    viewer = world.as_(VIEWER)
    assert call(viewer, "GetOidcIdentityProvider", identity_provider_id="id-1").result.provider.name == "Login"
    call(viewer, "UpdateOidcIdentityProvider", identity_provider_id="id-1", name="x").refused(PermissionDenied)
    call(world.as_(NOBODY), "GetIdentityProvider", identity_provider_id="id-1").refused(PermissionDenied)
    assert call(world.as_(caller("INSTANCE_VIEWER")), "GetInstanceIdentityProvider", identity_provider_id="id-2").result


def test_instances_are_apart() -> None:
    """In another instance there is no such provider, whoever asks."""
    world = call(made(), "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world.within("elsewhere")
    for of, number in (("", 1), ("Instance", 2)):
        one = {"identity_provider_id": f"id-{number}"}
        for verb in ("Get", "Deactivate", "Delete", "GetOidc"):
            noun = f"{of}OidcIdentityProvider" if verb == "GetOidc" else f"{of}IdentityProvider"
            call(world, f"{verb.removesuffix('Oidc')}{noun}", **one).refused(NotFound)
        call(world, f"Update{of}OidcIdentityProvider", **one, name="x").refused(NotFound)
    assert world.when(ListInstanceIdentityProviders()).result.identity_providers == ()
    world.when(SetDefaultLoginProviders(identity_provider_ids=("id-2",))).refused(NotFound)


def test_what_an_organization_may_offer_is_its_own_and_the_instances() -> None:
    """Active ones, and nobody else's."""
    world = call(made(), "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world
    world = call(world, "CreateInstanceOidcIdentityProvider", name="Off", **OIDC).world
    world = call(world, "DeactivateInstanceIdentityProvider", identity_provider_id="id-3").world
    world = call(world, "CreateOidcIdentityProvider", organization_id="other", name="Theirs", **OIDC).world
    available = world.as_(OWNER).when(ListAvailableIdentityProviders(organization_id="acme", count=True)).result
    assert [one.name for one in available.identity_providers] == ["Login", "Everybody's"]
    assert available.total == 2
    world.as_(OWNER).when(ListAvailableIdentityProviders(organization_id="other")).refused(NotFound)


def test_what_is_offered_for_sign_in_is_an_ordered_list() -> None:
    """The organization's own, else the instance's; each once, in the order that is given."""
    world = call(made(), "CreateInstanceOidcIdentityProvider", name="Everybody's", **OIDC).world
    world = call(world, "CreateOidcIdentityProvider", organization_id="other", name="Theirs", **OIDC).world
    read = LoginProvidersOf(organization_id="acme")

    def listed(at: World) -> tuple[list[str], bool, int]:
        found = at.when(read).result
        return [one.name for one in found.providers], found.is_default, found.version

    assert listed(world) == ([], True, 0)
    default = world.when(SetDefaultLoginProviders(identity_provider_ids=("id-2",)))
    default.then(LOGIN_PROVIDERS.append("instance", LoginProvidersSet(identity_provider_ids=("id-2",))))
    assert listed(default.world) == (["Everybody's"], True, 0)
    mine = default.world.as_(OWNER).when(
        SetLoginProviders(organization_id="acme", identity_provider_ids=("id-2", "id-1", "id-2"))
    )
    mine.then(LOGIN_PROVIDERS.append("acme", LoginProvidersSet(identity_provider_ids=("id-2", "id-1"))))
    assert listed(mine.world) == (["Everybody's", "Login"], False, 1)
    again = SetLoginProviders(organization_id="acme", identity_provider_ids=("id-2", "id-1"))
    mine.world.when(again).then()
    mine.world.when(again.model_copy(update={"expected_version": 9})).refused(VersionConflict)
    for foreign in ("id-3", "nowhere"):
        wrong = SetLoginProviders(organization_id="acme", identity_provider_ids=("id-1", foreign))
        mine.world.when(wrong).refused(NotFound)
    world.as_(ROOT).when(SetDefaultLoginProviders(identity_provider_ids=("id-1",))).refused(NotFound)
    gone = call(mine.world.as_(OWNER), "DeleteIdentityProvider", identity_provider_id="id-1").world
    assert listed(gone) == (["Everybody's"], False, 1)
    reset = mine.world.when(ResetLoginProviders(organization_id="acme"))
    reset.then(LOGIN_PROVIDERS.append("acme", LoginProvidersReset()))
    assert listed(reset.world) == (["Everybody's"], True, 2)
    reset.world.when(ResetLoginProviders(organization_id="acme")).then()
    assert default.world.as_(ROOT).when(Empty(), operation="GetDefaultLoginProviders").result.version == 1


def test_who_may_set_what_is_offered() -> None:
    """Whoever sets the policies of the place."""
    world = made()
    setting = SetLoginProviders(organization_id="acme", identity_provider_ids=("id-1",))
    world.as_(VIEWER).when(setting).refused(PermissionDenied)
    world.as_(caller("ORGANIZATION_OWNER", "other")).when(setting).refused(NotFound)
    world.as_(OWNER).when(SetDefaultLoginProviders(identity_provider_ids=())).refused(PermissionDenied)
    world.as_(OWNER).when(Empty(), operation="GetDefaultLoginProviders").refused(PermissionDenied)


def test_a_plugin_adds_a_kind_by_the_same_factory() -> None:
    """With settings of its own, several secrets among them; common operations know it without a word."""
    fields = {"endpoint": "https://bank.example.net", "merchant": "ACME", "api_secret": "s3cret", "pin": "0000"}
    outcome = call(WORLD.as_(OWNER), "CreateBankIdentityProvider", organization_id="acme", name="Bank", **fields)
    event = added(
        kind="bank",
        name="Bank",
        settings={"endpoint": "https://bank.example.net", "merchant": "ACME"},
        secrets=json.dumps({"api_secret": "s3cret", "pin": "0000"}),
    )
    outcome.then(IDENTITY_PROVIDER.append("id-1", event), named("id-1", name="Bank"))
    view = call(outcome.world, "GetBankIdentityProvider", identity_provider_id="id-1").result
    assert view.settings.model_dump() == {"endpoint": "https://bank.example.net", "merchant": "ACME"}
    (listed,) = outcome.world.when(ListIdentityProviders(kind="bank")).result.identity_providers
    assert listed.has_secret
    update = {"identity_provider_id": "id-1", "endpoint": "https://evil.example.org", "pin": "0000"}
    error = call(outcome.world, "UpdateBankIdentityProvider", **update).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["api_secret"]
    assert call(outcome.world, "DeleteIdentityProvider", identity_provider_id="id-1").changes


def test_a_kind_that_does_not_fit_is_refused_where_it_is_declared() -> None:
    """Its name, what it says of where secrets go, and the type of a secret."""

    class Wrong(IdpSettings):
        number: int = Field(repr=False)

    for name, settings, sent_to in (("Bank", BankSettings, ""), ("bank", BankSettings, "nothing"), ("bank", Wrong, "")):
        with pytest.raises(ValueError, match=r"bank|Bank"):
            IdpKind(name, "Bank", "bank", settings, frozenset({sent_to} if sent_to else ()))
    for wrong in ({"accounts_at": frozenset({"nothing.id"})}, {"metadata": "nothing"}):
        with pytest.raises(ValueError, match="bank"):
            IdpKind("bank", "Bank", "bank", BankSettings, **wrong)
    with pytest.raises(RegistrationError):
        build_registry((SLICE, PLUGIN, Slice("again", operations=kind_operations(BANK))))
