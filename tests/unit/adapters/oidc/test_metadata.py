"""Discovery and keys."""

from datetime import timedelta

import httpx
import pytest

from hexkeep.core.key.events import AHEAD
from tests.unit.adapters.site import ORIGIN, Site, Tenant

DOCUMENTS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_discovery_names_the_issuer_and_its_endpoints(browser: httpx.AsyncClient, path: str) -> None:
    """The issuer is the instance's origin, and each endpoint it names is one that answers."""
    response = await browser.get(path)
    document = response.json()
    assert response.headers["content-type"] == "application/json"
    assert document["issuer"] == ORIGIN
    assert document.pop("grant_management_endpoint") == f"{ORIGIN}/oauth/grants"  # what answers is below it
    endpoints = [url for name, url in document.items() if name.endswith(("_endpoint", "_uri"))]
    assert len(endpoints) >= 8
    assert all(url.startswith(ORIGIN) for url in endpoints)
    assert [(await browser.get(url)).status_code for url in endpoints].count(404) == 0


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_discovery_at_another_host_redirects_to_the_origin(site: Site, tenant: Tenant, path: str) -> None:
    """Under another host the document would not match its issuer (OIDC Discovery section 4.3)."""
    await tenant.do("AddInstanceHost", instance_id=tenant.id, host="login.example.com")
    async with site.browser("https://login.example.com:8443") as browser:
        response = await browser.get(path)
    assert (response.status_code, response.headers["location"]) == (307, ORIGIN + path)


async def test_unknown_host_has_no_discovery(site: Site) -> None:
    """No instance, no document, and nothing told of the others."""
    async with site.browser("https://nobody.example") as browser:
        response = await browser.get(DOCUMENTS[0])
    assert response.status_code == 404
    assert response.json()["error"] == "invalid_request"


async def test_jwks_holds_public_keys_alone(browser: httpx.AsyncClient) -> None:
    """RFC 7517: nothing of a private key is published."""
    keys = (await browser.get("/oauth/jwks")).json()["keys"]
    assert {key["kty"] for key in keys} == {"EC", "RSA"}
    assert not {"d", "p", "q", "dp", "dq", "qi", "k"} & {name for key in keys for name in key}


async def test_a_known_set_of_keys_is_not_sent_again(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 9110 section 13.1.2; after a rotation it is another one."""
    first = await browser.get("/oauth/jwks")
    known = {"if-none-match": first.headers["etag"]}
    again = await browser.get("/oauth/jwks", headers=known)
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert again.headers["cache-control"] == first.headers["cache-control"]
    await tenant.do("RotateSigningKeys", algorithm="ES256")
    rotated = await browser.get("/oauth/jwks", headers=known)
    assert rotated.status_code == 200
    before, after = ({key["kid"] for key in response.json()["keys"]} for response in (first, rotated))
    assert before < after


async def test_keys_are_known_before_they_sign(browser: httpx.AsyncClient) -> None:
    """Nobody keeps the set for as long as a key is published ahead."""
    _, _, seconds = (await browser.get("/oauth/jwks")).headers["cache-control"].partition("max-age=")
    assert timedelta(seconds=int(seconds)) < AHEAD


@pytest.mark.parametrize("path", [*DOCUMENTS, "/oauth/jwks"])
async def test_metadata_is_for_every_origin_and_may_be_cached(browser: httpx.AsyncClient, path: str) -> None:
    """Scripts of single-page applications read it from anywhere, without credentials."""
    headers = (await browser.get(path, headers={"origin": "https://spa.example"})).headers
    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    assert "max-age" in headers["cache-control"]


async def test_head_answers_as_get_without_the_body(browser: httpx.AsyncClient) -> None:
    """RFC 9110 section 9.3.2."""
    head, get = await browser.head("/oauth/jwks"), await browser.get("/oauth/jwks")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


async def test_wrong_method_is_told_the_right_ones(browser: httpx.AsyncClient) -> None:
    """RFC 9110 section 15.5.6."""
    response = await browser.delete("/oauth/jwks")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert response.json()["error"] == "invalid_request"


async def test_unknown_path_is_not_found(browser: httpx.AsyncClient) -> None:
    """Below our segments there is nothing else."""
    assert (await browser.get("/oauth/introspect-everything")).status_code == 404


async def test_methods_by_certificate_are_told_where_certificates_are(browser: httpx.AsyncClient) -> None:
    """RFC 8705: nobody is told to use a method that cannot work, as nobody here tells of certificates."""
    document = (await browser.get("/.well-known/openid-configuration")).json()
    for endpoint in ("token", "revocation", "introspection"):
        methods = document[f"{endpoint}_endpoint_auth_methods_supported"]
        assert "private_key_jwt" in methods
        assert not {"tls_client_auth", "self_signed_tls_client_auth"} & set(methods)
