"""Clients that register themselves (RFC 7591), and look after their registration (RFC 7592)."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from hexkeep.core.application.commands import UpdateOidcApplication
from hexkeep.core.application.events import ApplicationDeactivated
from hexkeep.core.application.queries import GetApplication
from hexkeep.core.application.state import APPLICATION, Application, ApplicationType, AuthMethod
from hexkeep.core.kernel.errors import InvalidInput, NotFound, PermissionDenied, ResourceExhausted, Unauthenticated
from hexkeep.core.kernel.operation import Empty
from hexkeep.core.kernel.permission import ANONYMOUS
from hexkeep.core.oidc.errors import AccessDenied, InvalidClientMetadata, InvalidRegisteredRedirectUri, InvalidToken
from hexkeep.core.project.commands import DeactivateProject
from hexkeep.core.registration.clients import (
    CHANGES,
    OPEN_FROM_ADDRESS,
    DeleteRegisteredClient,
    GetRegisteredClient,
    RegisterClient,
    UpdateRegisteredClient,
)
from hexkeep.core.registration.settings import SetClientRegistration
from hexkeep.core.registration.state import RegistrationMode
from hexkeep.core.registration.tokens import (
    CreateInitialAccessToken,
    DeleteInitialAccessToken,
    ListInitialAccessTokens,
)
from hexkeep.testing.decisions import ISSUER, Outcome, World
from tests.unit.core.oidc_world import KIT
from tests.unit.core.worlds import caller, organization, project

CALLBACK = "https://client.example.com/callback"
SHOP = KIT.given(*organization(), *project())
Document = dict[str, JsonValue]


def opened(mode: str = "open", world: World = SHOP, **settings: object) -> World:
    """The world in which clients may register themselves."""
    fields = {"mode": mode, "project_id": "shop", **settings}
    return world.when(SetClientRegistration.model_validate(fields)).world


def registers(world: World, token: str = "", /, **document: JsonValue) -> Outcome:
    """A registration by nobody in particular."""
    body = {"redirect_uris": [CALLBACK], **document}
    outcome = world.as_(ANONYMOUS).when(RegisterClient(document=json.dumps(body), token=token))
    return replace(outcome, before=world)


def told(outcome: Outcome) -> Document:
    """What the client is told."""
    document: Document = json.loads(outcome.result.document)
    return document


def state(world: World, client_id: JsonValue) -> Application:
    """What became of a client."""
    return world.history("main").state(APPLICATION, str(client_id))


def test_client_is_told_all_that_is_registered() -> None:
    """RFC 7591 section 3.2.1: with defaults, a secret and a way back; what nobody knows is left out."""
    outcome = registers(opened(), client_name="Photos", unknown_member={"any": ["thing"]}, tos_uri=None)
    document = told(outcome)
    client_id = str(document["client_id"])
    assert document == {
        "client_id": client_id,
        "client_id_issued_at": document["client_id_issued_at"],
        "client_secret": "secret-1",
        "client_secret_expires_at": 0,
        "registration_access_token": "secret-2",
        "registration_client_uri": f"{ISSUER}/oauth/register/{client_id}",
        "client_name": "Photos",
        "application_type": "web",
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "redirect_uris": [CALLBACK],
        "subject_type": "public",
        "id_token_signed_response_alg": "RS256",
    }
    made = state(outcome.world, client_id)
    assert (made.project_id, made.registered, made.consent_required, made.api_access) == ("shop", True, True, False)
    assert made.strange
    shown = outcome.world.when(GetApplication(client_id=client_id)).result
    assert (shown.registered, shown.has_secret, shown.name) == (True, True, "Photos")


def test_metadata_come_back_as_they_were_registered() -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: numbers, lists and objects keep their form."""
    key: Document = {"kty": "EC", "crv": "P-256", "x": "a" * 43, "y": "b" * 43, "kid": "1"}
    asked: Document = {
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [key]},
        "response_types": ["code", "id_token code"],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "default_max_age": 3600,
        "require_auth_time": True,
        "contacts": ["ada@example.com"],
        "post_logout_redirect_uris": ["https://client.example.com/bye"],
        "backchannel_logout_uri": "https://client.example.com/logout",
        "subject_type": "pairwise",
        "dpop_bound_access_tokens": True,
    }
    document = told(registers(opened(), **asked))
    again = {**asked, "response_types": ["code", "code id_token"]}
    assert {name: document[name] for name in asked} == again
    assert "client_secret" not in document


def test_names_are_found_for_clients_without() -> None:
    """Applications have names; a client that says none is called by where it is."""
    assert told(registers(opened()))["client_name"] == "client.example.com"
    native: Document = {"redirect_uris": ["com.example.app:/cb"], "application_type": "native"}
    assert told(registers(opened(), **native))["client_name"] == "Client"


def test_grant_types_follow_from_response_types() -> None:
    """A client that names response types alone is given the grants they need."""
    document = told(registers(opened(), response_types=["id_token"]))
    assert document["grant_types"] == ["implicit"]


@pytest.mark.parametrize("value", ["nonsense", "RS256", ["RS256", "ES256"], None, 7])
def test_algorithm_of_assertions_is_nothing_to_who_makes_none(value: JsonValue) -> None:
    """Clients send it whatever their method is, and sometimes in odd forms; where it means something it has to hold."""
    assert told(registers(opened(), token_endpoint_auth_signing_alg=value))["client_id"]
    keyed: Document = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://a.example/jwks"}
    outcome = registers(opened(), **keyed, token_endpoint_auth_signing_alg=value)
    assert (outcome.error is None) is (value in ("RS256", None))


@pytest.mark.parametrize(
    "document",
    [
        {"redirect_uris": ["http://client.example.com/cb"]},
        {"redirect_uris": ["https://client.example.com/cb#fragment"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"redirect_uris": ["https://*.example.com/cb"]},
        {"redirect_uris": []},
        {"redirect_uris": "https://client.example.com/cb"},
        {"redirect_uris": [7]},
    ],
)
def test_unfit_redirect_uris_have_an_error_of_their_own(document: Document) -> None:
    """RFC 7591 section 3.2.2: invalid_redirect_uri."""
    error = registers(opened(), **document).refused(InvalidRegisteredRedirectUri)
    assert isinstance(error, InvalidRegisteredRedirectUri)
    assert error.error == "invalid_redirect_uri"


@pytest.mark.parametrize(
    "document",
    [
        {"token_endpoint_auth_method": "none_such"},
        {"token_endpoint_auth_method": "private_key_jwt"},
        {"token_endpoint_auth_method": "self_signed_tls_client_auth"},
        {"grant_types": ["password"]},
        {"grant_types": "authorization_code"},
        {"response_types": ["token"]},
        {"response_types": ["code id_token"], "grant_types": ["authorization_code"]},
        {"id_token_signed_response_alg": "none"},
        {"id_token_signed_response_alg": "HS256"},
        {"logo_uri": "javascript:alert(1)"},
        {"jwks_uri": "http://client.example.com/jwks"},
        {"jwks": {"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}},
        {"jwks": {"keys": []}, "jwks_uri": "https://client.example.com/jwks"},
        {"sector_identifier_uri": "https://client.example.com/sector"},
        {"application_type": "spa"},
        {"client_name": "two\nlines"},
        {"default_max_age": "soon"},
        {"post_logout_redirect_uris": ["ftp://client.example.com"]},
    ],
)
def test_unfit_metadata_are_named(document: Document) -> None:
    """RFC 7591 section 3.2.2: invalid_client_metadata, with a description in the allowed characters."""
    error = registers(opened(), **document).refused(InvalidClientMetadata)
    assert isinstance(error, InvalidClientMetadata)
    assert error.error == "invalid_client_metadata"
    assert next(iter(document)).split(".")[0][:6] in error.message or "code" in error.message
    assert error.message.isascii()
    assert not {'"', "\\"} & set(error.message)


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '"text"', "[" * 3000, '{"a": 1, "a": 2}', '{"a": "\\u0000"}'])
def test_what_is_no_document_is_refused(body: str) -> None:
    """RFC 7591 section 3.1: a JSON object."""
    opened().as_(ANONYMOUS).when(RegisterClient(document=body)).refused(InvalidClientMetadata)


def test_administrators_settings_cannot_be_asked_for() -> None:
    """What is Hexkeep's own is ignored, as any unknown member is."""
    own: Document = {"token_endpoint_audience": True, "group_assertion": True, "profile": "fapi_2_security"}
    outcome = registers(opened(), **own)
    metadata = state(outcome.world, told(outcome)["client_id"]).client_metadata
    assert (metadata.token_endpoint_audience, metadata.group_assertion, metadata.profile) == (
        False,
        False,
        "unspecified",
    )


def test_audience_of_assertions_is_what_the_instance_lets_clients_name() -> None:
    """One switch of the instance's gives it to whoever registers from then on; a client that changes keeps its own."""
    usual = registers(opened(), token_endpoint_audience=True)
    assert not state(usual.world, told(usual)["client_id"]).client_metadata.token_endpoint_audience
    legacy = opened(token_endpoint_audience=True)
    assert legacy.when(Empty(), "GetClientRegistration").result.token_endpoint_audience
    rule = SetClientRegistration(mode=RegistrationMode.OPEN, project_id="shop", token_endpoint_audience=True)
    legacy.when(rule).then()
    outcome = registers(legacy)
    document = told(outcome)
    closed = opened(world=outcome.world)
    body = json.dumps({"client_id": document["client_id"], "redirect_uris": [CALLBACK], "client_name": "Other"})
    changed = closed.as_(ANONYMOUS).when(UpdateRegisteredClient(**managed(closed, document), document=body))
    after = state(changed.world, document["client_id"])
    assert (after.name, after.client_metadata.token_endpoint_audience) == ("Other", True)


def test_registered_native_client_may_have_a_secret() -> None:
    """RFC 8252 section 8.4: each installation has its own, so it is no secret of everybody's."""
    outcome = registers(opened(), application_type="native", redirect_uris=["http://127.0.0.1/cb"])
    made = state(outcome.world, told(outcome)["client_id"])
    assert (made.type, made.auth_method) == (ApplicationType.NATIVE, AuthMethod.BASIC)


def test_registration_is_closed_unless_somebody_opens_it() -> None:
    """Nobody registers in an instance that nobody has opened, not even with a token."""
    token = SHOP.when(CreateInitialAccessToken(project_id="shop", name="Partner"))
    registers(token.world).refused(AccessDenied)
    registers(token.world, token.result.token).refused(AccessDenied)
    registers(opened("token")).refused(Unauthenticated)


def test_initial_access_token_lets_in_as_often_as_it_says() -> None:
    """RFC 7591 section 3: within its time and its number of uses, in its own project, and never in a log."""
    made = opened("token").when(CreateInitialAccessToken(project_id="shop", name="Partner", uses=2))
    token = made.result.token
    assert token not in repr(made.result)
    first = registers(made.world, token)
    second = registers(first.world, token)
    invited = state(second.world, told(second)["client_id"])
    assert (invited.project_id, invited.registered, invited.strange) == ("shop", True, False)
    registers(second.world, token).refused(InvalidToken)
    registers(first.world.later(days=2), token).refused(InvalidToken)
    registers(first.world, f"{token}x").refused(InvalidToken)
    registers(first.world, "anything").refused(InvalidToken)
    (view,) = first.world.when(ListInitialAccessTokens(project_id="shop")).result.tokens
    assert (view.name, view.uses_left) == ("Partner", 1)
    gone = first.world.when(DeleteInitialAccessToken(token_id=view.token_id)).world
    registers(gone, token).refused(InvalidToken)
    registers(first.world.when(DeactivateProject(project_id="shop")).world, token).refused(AccessDenied)


def test_open_registration_has_limits() -> None:
    """An address cannot fill the instance with clients."""
    now = opened()
    for _ in range(OPEN_FROM_ADDRESS):
        now = registers(now).world
    error = registers(now).refused(ResourceExhausted)
    assert isinstance(error, ResourceExhausted)
    assert error.retry_after > 0
    assert registers(replace(now, address="198.51.100.1")).changes


@pytest.mark.parametrize(
    "grant",
    [
        "client_credentials",
        "urn:openid:params:grant-type:ciba",
        "urn:ietf:params:oauth:grant-type:token-exchange",
        "urn:ietf:params:oauth:grant-type:jwt-bearer",
    ],
)
def test_who_was_not_invited_gets_nothing_without_a_person(grant: str) -> None:
    """Anybody may register in an open instance: not to be let in by APIs, nor to write to people out of the blue."""
    grants: list[JsonValue] = ["authorization_code", grant]
    error = registers(opened(), grant_types=grants).refused(InvalidClientMetadata)
    assert isinstance(error, InvalidClientMetadata)
    assert "grant_types" in error.message
    stranger = registers(opened())
    document, world = told(stranger), stranger.world.as_(ANONYMOUS)
    body = {"client_id": document["client_id"], "redirect_uris": [CALLBACK], "grant_types": grants}
    later = UpdateRegisteredClient(**managed(world, document), document=json.dumps(body))
    world.when(later).refused(InvalidClientMetadata)
    made = opened().when(CreateInitialAccessToken(project_id="shop", name="Partner"))
    invited = registers(made.world, made.result.token, grant_types=grants)
    assert told(invited)["grant_types"] == sorted(map(str, grants))
    own = {**body, "client_id": told(invited)["client_id"], "redirect_uris": [f"{CALLBACK}/2"]}
    again = UpdateRegisteredClient(**managed(invited.world, told(invited)), document=json.dumps(own))
    assert invited.world.as_(ANONYMOUS).when(again).changes


def test_client_cannot_have_us_look_at_sectors_without_end() -> None:
    """Every change may have us fetch from a place that the client names."""
    outcome = registers(opened())
    document, world = told(outcome), outcome.world.as_(ANONYMOUS)
    for number in range(CHANGES + 1):
        sector = f"https://client.example.com/{number}"
        body = {"client_id": document["client_id"], "redirect_uris": [CALLBACK], "sector_identifier_uri": sector}
        changed = world.when(UpdateRegisteredClient(**managed(world, document), document=json.dumps(body)))
        changed.refused(InvalidClientMetadata if number < CHANGES else ResourceExhausted)
        world = changed.world


def test_rules_are_the_instances_and_tokens_the_projects() -> None:
    """Who manages a project may invite to it; who may register at all is not for projects to say."""
    owner = caller("PROJECT_OWNER", "shop")
    SHOP.as_(owner).when(SetClientRegistration(mode=RegistrationMode.OPEN, project_id="shop")).refused(PermissionDenied)
    assert SHOP.as_(owner).when(CreateInitialAccessToken(project_id="shop", name="Partner")).changes
    SHOP.as_(caller("PROJECT_OWNER", "other")).when(CreateInitialAccessToken(project_id="shop", name="x")).refused(
        NotFound
    )
    SHOP.when(SetClientRegistration(mode=RegistrationMode.OPEN)).refused(InvalidInput)
    rule = opened().when(Empty(), "GetClientRegistration").result
    assert (rule.mode, rule.project_id, rule.version) == ("open", "shop", 1)
    SHOP.when(SetClientRegistration(mode=RegistrationMode.CLOSED)).then()


def managed(world: World, document: Mapping[str, JsonValue]) -> dict[str, str]:
    """What a client presents to look after its registration."""
    return {"client_id": str(document["client_id"]), "token": str(document["registration_access_token"])}


def test_client_reads_what_is_registered() -> None:
    """RFC 7592 section 2.1: all but the secret, which is not kept."""
    outcome = registers(opened(), client_name="Photos")
    document, world = told(outcome), outcome.world.as_(ANONYMOUS)
    read = told(world.when(GetRegisteredClient(**managed(world, document))))
    assert read == {
        name: value for name, value in document.items() if "secret" not in name and "issued" not in name
    } | {"token_endpoint_auth_method": "client_secret_basic"}


def test_client_replaces_what_is_registered() -> None:
    """RFC 7592 section 2.2: what it leaves out is gone; what administrators have set stays."""
    outcome = registers(opened(), client_name="Photos", logo_uri="https://client.example.com/logo.png")
    document = told(outcome)
    client_id = str(document["client_id"])
    administered = outcome.world.when(
        UpdateOidcApplication.model_validate(
            {"client_id": client_id, "role_assertion": True, "consent_required": False}
        )
    ).world.as_(ANONYMOUS)
    body = {"client_id": client_id, "client_secret": document["client_secret"], "redirect_uris": [f"{CALLBACK}/2"]}
    changed = administered.when(UpdateRegisteredClient(**managed(administered, document), document=json.dumps(body)))
    after = told(changed)
    assert (after["redirect_uris"], after["client_name"]) == ([f"{CALLBACK}/2"], "client.example.com")
    assert "logo_uri" not in after
    assert "client_secret" not in after
    made = state(changed.world, client_id)
    assert (made.role_assertion, made.consent_required, made.secret_hash != "") == (True, False, True)


def test_client_that_takes_up_a_secret_is_told_it() -> None:
    """A change of the method to one with a secret makes one, once."""
    outcome = registers(opened(), token_endpoint_auth_method="none")
    document = told(outcome)
    world = outcome.world.as_(ANONYMOUS)
    body = {
        "client_id": document["client_id"],
        "redirect_uris": [CALLBACK],
        "token_endpoint_auth_method": "client_secret_post",
    }
    changed = world.when(UpdateRegisteredClient(**managed(world, document), document=json.dumps(body)))
    assert told(changed)["client_secret"]
    again = changed.world.when(UpdateRegisteredClient(**managed(world, document), document=json.dumps(body)))
    assert "client_secret" not in told(again)
    assert not again.changes


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"client_secret": "not the present one"},
        {"registration_access_token": "secret-2"},
        {"client_id_issued_at": 0},
        {"application_type": "native"},
    ],
)
def test_change_in_a_wrong_form_is_refused(wrong: Document) -> None:
    """RFC 7592 section 2.2: the client names itself, and says nothing that is the server's to say."""
    outcome = registers(opened())
    document, world = told(outcome), outcome.world.as_(ANONYMOUS)
    body = {"client_id": document["client_id"], "redirect_uris": [CALLBACK], **wrong}
    changed = world.when(UpdateRegisteredClient(**managed(world, document), document=json.dumps(body)))
    changed.refused(InvalidClientMetadata)


def test_trusted_client_is_not_its_own_master() -> None:
    """One that an administrator gave API access cannot redirect administrators elsewhere by itself."""
    outcome = registers(opened())
    document = told(outcome)
    grant = UpdateOidcApplication.model_validate({"client_id": document["client_id"], "api_access": True})
    world = outcome.world.when(grant).world.as_(ANONYMOUS)
    body = {"client_id": document["client_id"], "redirect_uris": ["https://elsewhere.example/cb"]}
    world.when(UpdateRegisteredClient(**managed(world, document), document=json.dumps(body))).refused(AccessDenied)


def test_client_is_forgotten_at_its_wish() -> None:
    """RFC 7592 section 2.3: nothing of it holds any more, its token included."""
    outcome = registers(opened())
    document, world = told(outcome), outcome.world.as_(ANONYMOUS)
    gone = world.when(DeleteRegisteredClient(**managed(world, document))).world
    gone.when(GetRegisteredClient(**managed(world, document))).refused(InvalidToken)
    assert not state(gone, document["client_id"]).exists


def test_only_the_clients_own_token_reaches_it() -> None:
    """RFC 7592 section 2: unknown clients, others' tokens and clients that are switched off look the same."""
    first = registers(opened())
    second = registers(first.world)
    world, one, other = second.world.as_(ANONYMOUS), told(first), told(second)
    for client_id, token in (
        (one["client_id"], other["registration_access_token"]),
        ("nobody", one["registration_access_token"]),
        (one["client_id"], ""),
    ):
        world.when(GetRegisteredClient(client_id=str(client_id), token=str(token))).refused(InvalidToken)
    off = world.given(APPLICATION.append(str(one["client_id"]), ApplicationDeactivated()))
    off.when(GetRegisteredClient(**managed(world, one))).refused(InvalidToken)
