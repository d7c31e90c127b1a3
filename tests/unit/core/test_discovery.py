from typing import Any

from pydantic import JsonValue

from hexkeep.core.kernel.operation import Empty
from hexkeep.core.key.events import SigningKeyActivated, SigningKeyCreated, SigningKeyRemoved
from hexkeep.core.key.state import SIGNING_KEYS, SIGNING_KEYS_ID
from hexkeep.testing.decisions import ISSUER
from tests.unit.core.oidc_world import world


def discovered() -> dict[str, Any]:
    """The document as it is published."""
    document: dict[str, Any] = world().when(Empty(), "GetDiscovery").result.model_dump(mode="json", exclude_none=True)
    return document


def test_required_metadata_is_there() -> None:
    """OIDC Discovery section 3 and RFC 8414 section 2: what a provider must publish."""
    document = discovered()
    assert document["issuer"] == ISSUER
    endpoints = [value for name, value in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"} <= document.keys()
    assert all(endpoint.startswith(ISSUER + "/") for endpoint in endpoints)
    hybrid = ["code id_token", "code token", "code id_token token"]
    assert document["response_types_supported"] == ["code", "id_token", "id_token token", *hybrid]
    assert document["claims_parameter_supported"] is True
    assert document["acr_values_supported"] == ["phr", "urn:hexkeep:acr:mfa", "urn:hexkeep:acr:pwd"]
    assert document["response_modes_supported"] == [
        *("query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"),
    ]
    assert document["subject_types_supported"] == ["public", "pairwise"]
    assert "RS256" in document["id_token_signing_alg_values_supported"]


def test_safe_choices_are_advertised() -> None:
    """PKCE with S256 alone, the issuer in responses (RFC 9207), request objects from registered places."""
    document = discovered()
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert {"ES256", "PS256", "Ed25519"} <= set(document["dpop_signing_alg_values_supported"])
    assert not {"HS256", "none"} & set(document["dpop_signing_alg_values_supported"])
    assert document["tls_client_certificate_bound_access_tokens"] is True
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is document["require_request_uri_registration"] is True
    assert {"RSA-OAEP-256", "ECDH-ES"} <= set(document["request_object_encryption_alg_values_supported"])
    assert "A256GCM" in document["request_object_encryption_enc_values_supported"]
    assert "HS256" not in document["request_object_signing_alg_values_supported"]
    assert document["request_object_signing_alg_values_supported"][-1] == "none"
    unsigned = {name for name in document if name.endswith("alg_values_supported") and "none" in document[name]}
    assert unsigned == {"request_object_signing_alg_values_supported"}
    assert set(document["token_endpoint_auth_methods_supported"]) == {
        *("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"),
        *("tls_client_auth", "self_signed_tls_client_auth"),
    }
    assert {"openid", "address", "phone", "offline_access", "urn:hexkeep:roles"} <= set(document["scopes_supported"])
    assert {"picture", "updated_at", "address", "phone_number", "gender"} <= set(document["claims_supported"])


def test_keys_are_published_without_private_parts() -> None:
    """RFC 7517: active and rotated keys, of which only public members leave, even if a key held more."""
    public: dict[str, JsonValue] = {"kty": "EC", "kid": "k", "alg": "ES256", "use": "sig", "crv": "P-256", "x": "x"}
    created = SigningKeyCreated(key_id="k", algorithm="ES256", private="{}", public={**public, "y": "y", "d": "no"})
    changed = world(
        SIGNING_KEYS.append(
            SIGNING_KEYS_ID, created, SigningKeyActivated(key_id="k"), SigningKeyRemoved(key_id="key-1")
        )
    )
    keys = changed.when(Empty(), "GetJwks").result.model_dump(exclude_none=True)["keys"]
    assert [key["kid"] for key in keys] == ["key-2", "k"]
    assert keys[1] == {**public, "y": "y"}
