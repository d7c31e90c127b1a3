"""What of a client's metadata goes together, and what is refused with a word on which field is at fault."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from hexkeep.core.application.commands import (
    ApplicationCredentials,
    CreateOidcApplication,
    RegenerateClientSecret,
    UpdateOidcApplication,
)
from hexkeep.core.application.queries import GetApplication
from hexkeep.core.application.state import APPLICATION, Application, GrantType
from hexkeep.core.kernel.errors import InvalidInput
from hexkeep.core.kernel.outside import Fetched
from hexkeep.core.oidc.rfc7517 import public_keys
from hexkeep.testing.decisions import Outcome, World
from tests.unit.core.worlds import KIT, organization, project

CALLBACK = "https://shop.example.com/callback"
SECTOR = "https://example.com/sector.json"
SHOP = KIT.given(*organization(), *project())
EC: dict[str, JsonValue] = {"kty": "EC", "crv": "P-256", "x": "a" * 43, "y": "b" * 43}
RSA: dict[str, JsonValue] = {"kty": "RSA", "n": "u" * 342, "e": "AQAB", "kid": "1", "use": "enc"}
JWKS = json.dumps({"keys": [EC, RSA]})
ALONE: Mapping[str, object] = {}
"""No other settings than the usual ones."""
CODE = ("authorization_code",)
IMPLICIT = ("authorization_code", "implicit")


def created(metadata: Mapping[str, object], settings: Mapping[str, object] = ALONE, *, world: World = SHOP) -> Outcome:
    """The creation of a web application with this metadata."""
    usual = {"project_id": "shop", "name": "Shop", "application_type": "web", "redirect_uris": (CALLBACK,)}
    fields = {**usual, **settings, "client_metadata": metadata}
    return world.when(CreateOidcApplication.model_validate(fields))


def problems(outcome: Outcome) -> set[str]:
    """The fields that a refusal names, without the prefix that all of them have."""
    error = outcome.refused(InvalidInput)
    assert isinstance(error, InvalidInput)
    return {one.field.removeprefix("client_metadata.") for one in error.violations}


@pytest.mark.parametrize(
    ("metadata", "settings", "field"),
    [
        ({"jwks": JWKS, "jwks_uri": "https://a.example/jwks"}, {}, "jwks_uri"),
        ({}, {"auth_method": "self_signed_tls_client_auth"}, "jwks"),
        ({"id_token_encrypted_response_alg": "RSA-OAEP"}, {}, "id_token_encrypted_response_alg"),
        (
            {"jwks": json.dumps({"keys": [EC]}), "id_token_encrypted_response_alg": "RSA-OAEP"},
            {},
            "id_token_encrypted_response_alg",
        ),
        (
            {"jwks": json.dumps({"keys": [{**RSA, "use": "sig"}]}), "userinfo_encrypted_response_alg": "RSA-OAEP"},
            {},
            "userinfo_encrypted_response_alg",
        ),
        ({"jwks": JWKS, "userinfo_encrypted_response_enc": "A128GCM"}, {}, "userinfo_encrypted_response_enc"),
        ({"response_types": ("code id_token",)}, {}, "response_types"),
        ({"response_types": ("id_token",)}, {"grant_types": IMPLICIT}, "response_types"),
        ({}, {"grant_types": IMPLICIT}, "response_types"),
        ({"id_token_signed_response_alg": "HS256"}, {}, "id_token_signed_response_alg"),
        ({"access_token_signed_response_alg": "HS256"}, {}, "access_token_signed_response_alg"),
        ({"token_endpoint_auth_signing_alg": "ES256"}, {}, "token_endpoint_auth_signing_alg"),
        (
            {"token_endpoint_auth_signing_alg": "ES256"},
            {"auth_method": "client_secret_jwt"},
            "token_endpoint_auth_signing_alg",
        ),
        (
            {"token_endpoint_auth_signing_alg": "HS256"},
            {"auth_method": "private_key_jwt"},
            "token_endpoint_auth_signing_alg",
        ),
        (
            {"subject_type": "pairwise"},
            {"redirect_uris": (CALLBACK, "https://other.example/cb")},
            "sector_identifier_uri",
        ),
        ({"sector_identifier_uri": "http://localhost/sector"}, {}, "sector_identifier_uri"),
        ({}, {"auth_method": "tls_client_auth"}, "tls_client_auth_subject_dn"),
        (
            {"tls_client_auth_san_dns": "a.example", "tls_client_auth_san_uri": "urn:a"},
            {"auth_method": "tls_client_auth"},
            "tls_client_auth_san_dns",
        ),
        ({"tls_client_auth_san_ip": "::0001"}, {"auth_method": "tls_client_auth"}, "tls_client_auth_san_ip"),
        ({"tls_client_auth_subject_dn": "nobody"}, {"auth_method": "tls_client_auth"}, "tls_client_auth_subject_dn"),
        (
            {
                "backchannel_token_delivery_mode": "ping",
                "backchannel_client_notification_endpoint": "http://localhost/cb",
            },
            {},
            "backchannel_client_notification_endpoint",
        ),
        ({"frontchannel_logout_uri": "https://other.example/out"}, {}, "frontchannel_logout_uri"),
        ({"backchannel_logout_uri": "https://shop.example.com/../out"}, {}, "backchannel_logout_uri"),
        ({"default_max_age": -1}, {}, "default_max_age"),
        ({"profile": "oauth_2_1", "response_types": ("id_token",)}, {"grant_types": ("implicit",)}, "profile"),
        ({"profile": "fapi_2_security"}, {}, "profile"),
        (
            {"profile": "fapi_2_security", "token_endpoint_audience": True},
            {"auth_method": "private_key_jwt"},
            "token_endpoint_audience",
        ),
        (
            {"profile": "fapi_2_message_signing", "request_object_signing_alg": "RS256"},
            {"auth_method": "private_key_jwt"},
            "request_object_signing_alg",
        ),
        (
            {"profile": "fapi_2_security"},
            {"auth_method": "private_key_jwt", "redirect_uris": ("http://localhost/cb",)},
            "profile",
        ),
        ({"jwks": "{}"}, {}, "jwks"),
        *(
            ({name: "none"}, {}, name)
            for name in (
                *("id_token_signed_response_alg", "userinfo_signed_response_alg", "authorization_signed_response_alg"),
                *("introspection_signed_response_alg", "backchannel_authentication_request_signing_alg"),
            )
        ),
        *(
            ({"token_endpoint_auth_signing_alg": "none"}, {"auth_method": method}, "token_endpoint_auth_signing_alg")
            for method in ("private_key_jwt", "client_secret_jwt")
        ),
        *(
            ({"request_object_signing_alg": "none", **held}, {"auth_method": "none"}, "request_object_signing_alg")
            for held in (
                {"profile": "oauth_2_1"},
                {"require_signed_request_object": True},
                {"require_pushed_authorization_requests": True},
            )
        ),
        (
            {"profile": "fapi_2_security", "request_object_signing_alg": "none"},
            {"auth_method": "private_key_jwt"},
            "request_object_signing_alg",
        ),
        (
            {"profile": "fapi_2_security"},
            {"auth_method": "private_key_jwt", "grant_types": (*CODE, GrantType.DEVICE_CODE)},
            "profile",
        ),
    ],
)
def test_metadata_that_do_not_hold_are_refused(
    metadata: dict[str, object], settings: dict[str, object], field: str
) -> None:
    """Each rule by one example; the refusal names exactly the field at fault."""
    assert problems(created(metadata, settings)) == {field}


@pytest.mark.parametrize(
    ("metadata", "settings"),
    [
        ({"response_types": ("code", "code id_token token")}, {"grant_types": IMPLICIT}),
        ({"response_types": ("id_token token",)}, {"grant_types": ("implicit",)}),
        ({"profile": "fapi_2_security"}, {"auth_method": "private_key_jwt"}),
        ({"profile": "fapi_2_security", "jwks": JWKS}, {"auth_method": "self_signed_tls_client_auth"}),
        ({"profile": "oauth_2_1"}, {"auth_method": "none"}),
        ({"tls_client_auth_subject_dn": "CN=robot,O=Acme"}, {"auth_method": "tls_client_auth"}),
        ({"tls_client_auth_san_ip": "2001:db8::1"}, {"auth_method": "tls_client_auth"}),
        ({"token_endpoint_auth_signing_alg": "HS512"}, {"auth_method": "client_secret_jwt"}),
        ({"frontchannel_logout_uri": "https://shop.example.com/out"}, {}),
        ({"subject_type": "pairwise"}, {}),
        ({"request_object_signing_alg": "none"}, {}),
        ({"profile": "fapi_2_security"}, {"auth_method": "private_key_jwt", "grant_types": (*CODE, GrantType.CIBA)}),
    ],
)
def test_metadata_that_hold_are_registered(metadata: dict[str, object], settings: dict[str, object]) -> None:
    """What the rules are not about is as it was asked for."""
    made: ApplicationCredentials = (outcome := created(metadata, settings)).result
    shown = outcome.world.when(GetApplication(client_id=made.client_id)).result.client_metadata
    assert shown.model_dump(exclude_defaults=True, mode="json") == json.loads(json.dumps(metadata))


def test_encryption_is_completed() -> None:
    """OpenID Connect Dynamic Client Registration 1.0 section 2: without ``enc`` it is A128CBC-HS256."""
    outcome = created({"jwks": JWKS, "id_token_encrypted_response_alg": "RSA-OAEP"})
    shown = outcome.world.when(GetApplication(client_id=outcome.result.client_id)).result.client_metadata
    assert shown.id_token_encrypted_response_enc == "A128CBC-HS256"


def answering(*pages: Fetched) -> World:
    """The world in which something is found at the sector's address."""
    answerer = SHOP.answerer.copy()
    answerer.pages = dict.fromkeys((SECTOR,), pages[0]) if pages else {}
    return replace(SHOP, answerer=answerer)


@pytest.mark.parametrize(
    "found",
    [
        Fetched(failure="refused"),
        Fetched(404, "[]"),
        Fetched(200, "no JSON"),
        Fetched(200, json.dumps({"redirect_uris": [CALLBACK]})),
        Fetched(200, json.dumps(["https://shop.example.com/other"])),
        Fetched(200, "[" * 30_000),
    ],
)
def test_sector_has_to_list_the_redirect_uris(found: Fetched) -> None:
    """OIDC Core section 8.1: otherwise a client could put itself into a sector that is not its own."""
    refused = created({"sector_identifier_uri": SECTOR, "subject_type": "pairwise"}, world=answering(found))
    assert problems(refused) == {"sector_identifier_uri"}


def test_sector_is_looked_at_when_it_matters() -> None:
    """A redirect URI more is looked for in the list; other changes fetch nothing, so they work while nobody answers."""
    world = answering(Fetched(200, json.dumps([CALLBACK, "https://b.example/cb"])))
    metadata = {"sector_identifier_uri": SECTOR, "subject_type": "pairwise"}
    made = created(metadata, world=world)
    client_id = made.result.client_id
    silent = replace(made.world, answerer=SHOP.answerer.copy())
    assert silent.when(UpdateOidcApplication(client_id=client_id, name="Other")).changes
    two = UpdateOidcApplication(client_id=client_id, redirect_uris=(CALLBACK, "https://b.example/cb"))
    assert problems(silent.when(two)) == {"sector_identifier_uri"}
    assert made.world.when(two).changes


@pytest.mark.parametrize(
    "key",
    [
        [],
        "key",
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {**EC, "d": "a" * 43},
        {**RSA, "p": "u" * 171},
        {**EC, "x": "a" * 42},
        {**EC, "crv": "secp256k1"},
        {**EC, "kid": 7},
        {**RSA, "n": "A" * 200 + "u" * 170},
        {**RSA, "n": "u" * 1500},
        {**RSA, "e": 3},
        {"kty": "OKP", "crv": "Ed448", "x": "a" * 76},
    ],
)
def test_what_is_no_public_key_is_not_registered(key: JsonValue) -> None:
    """Private and secret ones least of all: whoever can read the application could then sign as it."""
    with pytest.raises(InvalidInput) as refused:
        public_keys(json.dumps({"keys": [EC, key]}), "jwks")
    assert [one.field for one in refused.value.violations] == ["jwks.keys.1"]


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "[" * 5000, json.dumps({"keys": []}), json.dumps({"keys": [EC] * 51})]
)
def test_what_is_no_key_set_is_not_registered(text: str) -> None:
    """RFC 7517 section 5, with our bounds."""
    with pytest.raises(InvalidInput):
        public_keys(text, "jwks")


def test_secret_is_kept_readable_for_macs_alone() -> None:
    """OIDC Core section 9: client_secret_jwt needs the secret itself; for all other methods a hash is enough."""
    outcome = created({}, {"auth_method": "client_secret_jwt"})
    client_id, secret = outcome.result.client_id, outcome.result.client_secret
    assert _state(outcome.world, client_id).secret == secret
    plain = outcome.world.when(UpdateOidcApplication.model_validate({"client_id": client_id, "auth_method": "basic"}))
    assert _state(plain.world, client_id).secret == ""
    assert _state(plain.world, client_id).secret_hash
    again = plain.world.when(
        UpdateOidcApplication.model_validate({"client_id": client_id, "auth_method": "client_secret_jwt"})
    )
    assert _state(again.world, client_id).secret_hash == ""
    assert again.world.when(GetApplication(client_id=client_id)).result.has_secret is False
    renewed = again.world.when(RegenerateClientSecret(client_id=client_id))
    assert _state(renewed.world, client_id).secret == renewed.result.client_secret
    assert renewed.world.when(GetApplication(client_id=client_id)).result.has_secret is True


def _state(world: World, client_id: str) -> Application:
    return world.history("main").state(APPLICATION, client_id)
