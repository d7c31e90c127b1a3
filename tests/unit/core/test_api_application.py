import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from pydantic import JsonValue

from hexkeep.core.application.api_applications import CreateApiApplication, UpdateApiApplication
from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.commands import (
    ApplicationCredentials,
    CreateOidcApplication,
    DeleteApplication,
    RegenerateClientSecret,
    UpdateOidcApplication,
)
from hexkeep.core.application.events import ApiApplicationAdded, ApiApplicationChanged, ApplicationDeactivated
from hexkeep.core.application.queries import GetApplication
from hexkeep.core.application.state import APPLICATION, ApplicationType, AuthMethod, resource_key
from hexkeep.core.applicationkey.commands import FILE_TYPE, CreateApplicationKey, DeleteApplicationKey
from hexkeep.core.applicationkey.events import ApplicationKeyCreated, ApplicationKeyDeleted
from hexkeep.core.applicationkey.queries import ListApplicationKeys
from hexkeep.core.applicationkey.state import APPLICATION_KEY
from hexkeep.core.domain.events import OrganizationDomainAdded, OrganizationDomainVerified
from hexkeep.core.domain.state import DOMAINS, domain_key
from hexkeep.core.kernel.aggregate import Append
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.errors import (
    AlreadyExists,
    FailedPrecondition,
    InvalidInput,
    NotFound,
    PermissionDenied,
    Unauthenticated,
)
from hexkeep.core.kernel.operation import Message
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.key.events import SigningKeyCreated
from hexkeep.core.key.state import SIGNING_KEYS
from hexkeep.core.oidc import rfc7523
from hexkeep.core.oidc.algorithms import SigningAlgorithm
from hexkeep.core.oidc.client_keys import MAX_KEYS, USUAL
from hexkeep.core.oidc.errors import InvalidClient, UnauthorizedClient
from hexkeep.core.project.commands import DeleteProject
from hexkeep.core.project.events import ProjectDeactivated
from hexkeep.core.project.state import PROJECT
from hexkeep.core.token.messages import ExchangeToken
from hexkeep.testing.answers import claims_of, jwt, keyed_hash, signing_key
from hexkeep.testing.decisions import ISSUER, NOW, World
from tests.unit.core.oidc_world import application, basic, world
from tests.unit.core.people import caller

MANAGER, STRANGER, READER = (
    caller("eve", role, place)
    for role, place in (
        ("ORGANIZATION_OWNER", "acme"),
        ("ORGANIZATION_OWNER", "other"),
        ("ORGANIZATION_VIEWER", "acme"),
    )
)
LATER = NOW + timedelta(minutes=5)
SECONDS = int(LATER.timestamp())
CLAIMS: dict[str, JsonValue] = {
    "iss": "keyed",
    "sub": "keyed",
    "aud": ISSUER,
    "iat": SECONDS,
    "exp": SECONDS + 60,
    "jti": "first",
}
PRIVATE = json.dumps({**json.loads(signing_key("ES256", 1).private), "kid": "key-of-app"})
PUBLIC: dict[str, JsonValue] = {"alg": "ES256", "use": "sig", "kty": "kit"}


def added(**changes: Any) -> ApiApplicationAdded:
    """An API of the project `shop`."""
    usual: dict[str, Any] = {
        "organization_id": "acme",
        "project_id": "shop",
        "name": "Orders",
        "auth_method": "basic",
        "secret_hash": keyed_hash("client_secret", "secret-1"),
    }
    return ApiApplicationAdded(**usual | changes)


def key(client_id: str = "keyed") -> ApplicationKeyCreated:
    """A key of an application."""
    return ApplicationKeyCreated(
        client_id=client_id, organization_id="acme", project_id="shop", public=PUBLIC, expires_at=LATER + USUAL
    )


def keyed(*more: Append, **changes: object) -> World:
    """A web application that authenticates with a key, and nobody calls."""
    facts = {"auth_method": "private_key_jwt", "secret_hash": "", **changes}
    return world(application("keyed", **facts), APPLICATION_KEY.append("key-of-app", key()), *more)


# --- API applications ----------------------------------------------------------------------------------------------


def test_api_application_has_a_secret_unless_it_has_keys() -> None:
    """The secret is shown once."""
    outcome = world().as_(MANAGER).when(CreateApiApplication(project_id="shop", name="Orders"))
    outcome.then(APPLICATION.append("id-1", added()))
    assert outcome.result == ApplicationCredentials(client_id="id-1", client_secret="secret-1")
    request = CreateApiApplication(project_id="shop", name="Orders", auth_method=AuthMethod.PRIVATE_KEY_JWT)
    keys = world().as_(MANAGER).when(request)
    keys.then(APPLICATION.append("id-1", added(auth_method="private_key_jwt", secret_hash="")))
    assert keys.result.client_secret == ""


@pytest.mark.parametrize("method", [AuthMethod.POST, AuthMethod.NONE])
def test_api_application_authenticates_in_two_ways(method: AuthMethod) -> None:
    """An API can keep a secret, and has no browser."""
    start = world(APPLICATION.append("orders", added())).as_(MANAGER)
    start.when(CreateApiApplication(project_id="shop", name="Orders", auth_method=method)).refused(InvalidInput)
    start.when(UpdateApiApplication(client_id="orders", auth_method=method)).refused(InvalidInput)


def test_update_changes_name_and_method() -> None:
    """Nothing is written for nothing; another method discards the secret."""
    start = world(APPLICATION.append("orders", added())).as_(MANAGER)
    changed = ApiApplicationChanged(name="Bills", auth_method="private_key_jwt")
    request = UpdateApiApplication(client_id="orders", name="Bills", auth_method=AuthMethod.PRIVATE_KEY_JWT)
    outcome = start.when(request).then(APPLICATION.append("orders", changed))
    shown = outcome.world.when(GetApplication(client_id="orders")).result
    assert (shown.name, shown.auth_method, shown.has_secret) == ("Bills", "private_key_jwt", False)
    assert (shown.application_type, shown.grant_types) == (ApplicationType.API, ())
    outcome.world.when(request).then()
    outcome.world.when(RegenerateClientSecret(client_id="orders")).refused(FailedPrecondition)
    back = outcome.world.when(UpdateApiApplication(client_id="orders", auth_method=AuthMethod.BASIC)).world
    assert not back.when(GetApplication(client_id="orders")).result.has_secret
    assert back.when(RegenerateClientSecret(client_id="orders")).result.client_secret


def test_what_an_api_wants_answers_signed_with_makes_a_key() -> None:
    """ADR 27: in the same unit, when it is created and when it is changed, and once."""
    manager = world().as_(MANAGER)
    manager.answerer.keys = 2

    def registered(algorithm: str) -> ClientMetadata:
        return ClientMetadata(introspection_signed_response_alg=SigningAlgorithm(algorithm))

    made = manager.when(CreateApiApplication(project_id="shop", name="Orders", client_metadata=registered("PS256")))
    changed = made.world.when(
        UpdateApiApplication(client_id=made.result.client_id, client_metadata=registered("ES384"))
    )
    for outcome, algorithm in ((made, "PS256"), (changed, "ES384")):
        (keys,) = [one for one in outcome.changes if isinstance(one, Append) and one.ref.type == SIGNING_KEYS.name]
        created, _ = keys.events
        assert isinstance(created, SigningKeyCreated)
        assert created.algorithm == algorithm
    again = CreateApiApplication(project_id="shop", name="Again", client_metadata=registered("PS256"))
    assert len(changed.world.when(again).changes) == 1


def test_what_an_api_is_called_and_how_it_is_answered_is_registered() -> None:
    """It is kept as a whole and shown; the rest of what clients register means nothing for who asks alone."""
    signed = SigningAlgorithm.ES256
    described = ClientMetadata(resources=("https://orders.example.com/api",), introspection_signed_response_alg=signed)
    request = CreateApiApplication(project_id="shop", name="Orders", client_metadata=described)
    made = world().as_(MANAGER).when(request)
    own = APPLICATION.ref("id-1")
    taken = resource_key("https://orders.example.com/api")
    made.then(APPLICATION.append("id-1", added(client_metadata=described)), Claim(taken, own))
    assert made.world.when(GetApplication(client_id="id-1")).result.client_metadata == described
    renamed = made.world.when(UpdateApiApplication(client_id="id-1", name="Bills"))
    assert renamed.world.when(GetApplication(client_id="id-1")).result.client_metadata == described
    nothing = renamed.world.when(UpdateApiApplication(client_id="id-1", client_metadata=ClientMetadata()))
    assert nothing.changes[1:] == (Release(taken, own),)
    assert nothing.world.when(GetApplication(client_id="id-1")).result.client_metadata == ClientMetadata()


ORDERS, BILLS = "https://orders.example.com/api", "https://bills.example.com"
PROJECT_URN = "urn:hexkeep:project:shop"


def answering(*resources: str, project_id: str = "shop") -> CreateApiApplication:
    """The creation of an API that answers for these."""
    metadata = ClientMetadata(resources=resources)
    return CreateApiApplication(project_id=project_id, name="Orders", client_metadata=metadata)


def test_one_api_answers_for_a_resource() -> None:
    """RFC 8707: of two that say so one would be told what is for the other. It is free again once it is given up."""
    made = world().as_(MANAGER).when(answering(ORDERS, PROJECT_URN))
    client_id = made.result.client_id
    made.world.when(answering(BILLS, "HTTPS://orders.example.com/API")).refused(AlreadyExists)
    assert made.world.when(answering(PROJECT_URN)).changes, "all APIs of a project answer for it"
    other = made.world.when(answering(BILLS))
    taking = UpdateApiApplication(
        client_id=other.result.client_id, client_metadata=ClientMetadata(resources=(ORDERS, BILLS))
    )
    other.world.when(taking).refused(AlreadyExists)
    changed = UpdateApiApplication(client_id=client_id, client_metadata=ClientMetadata(resources=(PROJECT_URN,)))
    for giving_up in (changed, DeleteApplication(client_id=client_id)):
        free = other.world.when(giving_up)
        assert Release(resource_key(ORDERS), APPLICATION.ref(client_id)) in free.changes
        assert free.world.when(taking).changes
    gone = made.world.when(DeleteProject(project_id="shop"))
    assert gone.changes[1:] == (
        Release(resource_key(ORDERS), APPLICATION.ref(client_id)),
        Release(resource_key(PROJECT_URN), APPLICATION.ref(client_id)),
    )


def verified(domain: str, organization_id: str) -> tuple[Change, ...]:
    """A domain that is known to be an organization's."""
    told = OrganizationDomainAdded(domain=domain), OrganizationDomainVerified(domain=domain)
    return DOMAINS.append(organization_id, *told), Claim(domain_key(domain), DOMAINS.ref(organization_id))


@pytest.mark.parametrize(
    ("resource", "theirs"),
    [
        ("https://other.example", True),
        ("https://API.deep.other.example:8443/orders?a=b", True),
        ("api://other.example./orders", True),
        ("https://another.example", False),
        ("https://other.example.acme.example/", False),
        ("https://api.acme.example", False),
        ("https://ours.other.example/", False),
        ("https://theirs.acme.example/", True),
        ("https://nobodys.example/other.example", False),
        ("urn:other.example", False),
        ("https://[bad", False),
    ],
)
def test_resource_is_not_at_a_domain_of_another_organization(resource: str, *, theirs: bool) -> None:
    """At a verified one, or below it: the longest counts. What was registered before stays until it is given up."""
    domains = [
        *verified("other.example", "other"),
        *verified("theirs.acme.example", "other"),
        *verified("acme.example", "acme"),
        *verified("ours.other.example", "acme"),
    ]
    before = world().as_(MANAGER)
    after = world(*domains).as_(MANAGER)
    if theirs:
        error = after.when(answering(BILLS, resource)).refused(InvalidInput)
        assert isinstance(error, InvalidInput)
        assert [one.field for one in error.violations] == ["client_metadata.resources.1"]
    else:
        assert after.when(answering(BILLS, resource)).changes
    old = before.when(answering(resource))
    kept = UpdateApiApplication(client_id=old.result.client_id, name="Other")
    assert old.world.given(*domains).when(kept).changes


@pytest.mark.parametrize("host", ["\u00f6ther.example", "other\u3002example", "other%2eexample"])
def test_resource_names_its_host_as_verified_domains_are_named(host: str) -> None:
    """RFC 3986 has no other letters; written otherwise it would be at nobody's domain."""
    error = world().as_(MANAGER).when(answering(BILLS, f"https://{host}/")).refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    assert [one.field for one in error.violations] == ["client_metadata.resources.1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject_type": "pairwise"},
        {"backchannel_logout_uri": "https://orders.example.com/logout"},
        {"introspection_encrypted_response_alg": "RSA-OAEP-256"},
        {"introspection_signed_response_alg": "HS256"},
        {"token_endpoint_auth_signing_alg": "ES256"},
        {"jwks": "{}"},
    ],
    ids=str,
)
def test_metadata_of_an_api_that_do_not_go_together_are_refused(wrong: dict[str, str]) -> None:
    """The same rules as for clients, and nothing beside."""
    metadata = ClientMetadata.model_validate(wrong)
    start = world(APPLICATION.append("orders", added())).as_(MANAGER)
    start.when(CreateApiApplication(project_id="shop", name="x", client_metadata=metadata)).refused(InvalidInput)
    start.when(UpdateApiApplication(client_id="orders", client_metadata=metadata)).refused(InvalidInput)


def test_kinds_of_applications_are_kept_apart() -> None:
    """What is an OIDC client stays one, and none is made of the kind of the other."""
    start = world(APPLICATION.append("orders", added())).as_(MANAGER)
    start.when(UpdateApiApplication(client_id="web", name="x")).refused(FailedPrecondition)
    start.when(UpdateOidcApplication(client_id="orders", name="x")).refused(FailedPrecondition)
    request = CreateOidcApplication(project_id="shop", name="x", application_type=ApplicationType.API)
    start.when(request).refused(InvalidInput)


@pytest.mark.parametrize(
    "request_",
    [
        CreateApiApplication(project_id="shop", name="x"),
        UpdateApiApplication(client_id="orders", name="x"),
        CreateApplicationKey(client_id="keyed"),
        DeleteApplicationKey(key_id="key-of-app"),
    ],
    ids=lambda request: type(request).__name__,
)
def test_strangers_change_nothing(request_: Message) -> None:
    """Who may not see it is told that there is none; who may see but not change it is refused."""
    start = keyed(APPLICATION.append("orders", added()))
    start.as_(STRANGER).when(request_).refused(NotFound)
    start.as_(READER).when(request_).refused(PermissionDenied)


def test_api_application_gets_no_tokens() -> None:
    """It authenticates to ask about those of others."""
    asked = ExchangeToken(params={"grant_type": "client_credentials"}, authorization=basic("orders", "secret-1"))
    world(APPLICATION.append("orders", added())).when(asked).refused(UnauthorizedClient)


# --- keys ----------------------------------------------------------------------------------------------------------


def test_key_is_made_for_who_authenticates_with_one() -> None:
    """The file says all that a client has to know; what is recorded is the public part."""
    outcome = keyed().as_(MANAGER).when(CreateApplicationKey(client_id="keyed"))
    outcome.then(APPLICATION_KEY.append("id-1", key()))
    told = json.loads(outcome.result.key_file)
    assert (told["type"], told["client_id"], told["key_id"]) == (FILE_TYPE, "keyed", "id-1")
    assert told["private_key"]["kid"] == "id-1"
    brought = keyed().as_(MANAGER).when(CreateApplicationKey(client_id="keyed", public_key="ES256"))
    assert brought.result.key_file == ""
    keyed().as_(MANAGER).when(CreateApplicationKey(client_id="web")).refused(FailedPrecondition)


def test_number_of_keys_is_bounded() -> None:
    """An application has twenty at most."""
    full = keyed(*(APPLICATION_KEY.append(f"key-{n}", key()) for n in range(MAX_KEYS)))
    full.as_(MANAGER).when(CreateApplicationKey(client_id="keyed")).refused(FailedPrecondition)


def test_key_of_an_application_with_api_access_takes_instance_wide_rights() -> None:
    """Whoever has one can have administrators' tokens."""
    start = keyed(api_access=True)
    start.as_(MANAGER).when(CreateApplicationKey(client_id="keyed")).refused(PermissionDenied)
    assert start.as_(caller("root", "INSTANCE_OWNER")).when(CreateApplicationKey(client_id="keyed")).changes


def test_keys_are_listed_until_they_or_their_application_are_gone() -> None:
    """With their public parts."""
    start = keyed().as_(MANAGER)
    (shown,) = start.when(ListApplicationKeys(client_id="keyed")).result.keys
    assert (shown.key_id, json.loads(shown.public_key)) == ("key-of-app", {**PUBLIC, "kid": "key-of-app"})
    assert start.when(ListApplicationKeys(client_id="web")).result.keys == ()
    assert start.as_(STRANGER).when(ListApplicationKeys()).result.keys == ()
    deleted = start.when(DeleteApplicationKey(key_id="key-of-app"))
    deleted.then(APPLICATION_KEY.append("key-of-app", ApplicationKeyDeleted()))
    assert deleted.world.when(ListApplicationKeys()).result.keys == ()
    removed = start.when(DeleteApplication(client_id="keyed")).world
    assert removed.when(ListApplicationKeys()).result.keys == ()


# --- private_key_jwt -----------------------------------------------------------------------------------------------


def signed(changes: Mapping[str, JsonValue], private: str = PRIVATE) -> ExchangeToken:
    """A token request that an assertion authenticates, some claims changed or, with ``None``, left out."""
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    params = {
        "grant_type": "client_credentials",
        "client_assertion_type": rfc7523.CLIENT_ASSERTION_TYPE,
        "client_assertion": jwt(private, "", claims),
    }
    return ExchangeToken(params=params)


def test_application_authenticates_by_what_its_key_signed() -> None:
    """And gets what it would get with a secret; the same assertion is good for no second time."""
    outcome = keyed().when(signed({}))
    assert claims_of(outcome.result.access_token)["sub"] == "keyed"
    outcome.world.when(signed({})).refused(InvalidClient)
    assert outcome.world.when(signed({"jti": "second"})).result.access_token


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "web"},
        {"iss": "web", "sub": "web"},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": None},
        {"sub": None},
        {"aud": f"{ISSUER}/oauth/token"},
        {"aud": [ISSUER]},
        {"aud": None},
        {"exp": None},
        {"exp": SECONDS},
        {"exp": SECONDS + 3600 + rfc7523.LEEWAY_SECONDS + 1},
        {"jti": None},
    ],
    ids=str,
)
def test_assertion_with_wrong_claims_is_refused(changes: Mapping[str, JsonValue]) -> None:
    """The client, the audience (the issuer, as one string), times and id must all hold."""
    keyed().when(signed(changes)).refused(InvalidClient)


@pytest.mark.parametrize(
    "gone",
    [
        APPLICATION.append("keyed", ApplicationDeactivated()),
        PROJECT.append("shop", ProjectDeactivated()),
        APPLICATION_KEY.append("key-of-app", ApplicationKeyDeleted()),
    ],
    ids=lambda change: type(change.events[0]).__name__,
)
def test_assertion_ends_with_what_it_rests_on(gone: Append) -> None:
    """The application with what it belongs to, and the key."""
    keyed(gone).when(signed({})).refused(InvalidClient)


def test_only_the_registered_method_and_ones_own_key_count() -> None:
    """Neither a key for who has a secret, nor a secret or nothing for who has a key, nor another's key."""
    of_web = json.dumps({**json.loads(signing_key("ES256", 2).private), "kid": "key-of-web"})
    start = keyed(APPLICATION_KEY.append("key-of-web", key("web")))
    start.when(signed({"iss": "web", "sub": "web"}, of_web)).refused(InvalidClient)
    start.when(signed({}, of_web)).refused(InvalidClient)
    credentials = {"grant_type": "client_credentials"}
    start.when(ExchangeToken(params=credentials, authorization=basic("keyed", "x"))).refused(InvalidClient)
    start.when(ExchangeToken(params={**credentials, "client_id": "keyed"})).refused(InvalidClient)


def test_expired_key_signs_nothing() -> None:
    """Whatever the assertion says."""
    over = LATER + USUAL
    late = signed({"iat": int(over.timestamp()) - 1, "exp": int(over.timestamp()) + 60})
    assert keyed().at(over - timedelta(seconds=1)).when(late).result.access_token
    keyed().at(over).when(late).refused(InvalidClient)


def test_nobody_makes_keys() -> None:
    """Management is for who has signed in."""
    keyed().when(ListApplicationKeys()).refused(Unauthenticated)
