"""Revocation and introspection over HTTP."""

import json

import httpx
import pytest
from joserfc import jwe, jwt
from joserfc.jwk import ECKey, KeySet

from tests.unit.adapters.site import CALLBACK, OTHER_ORIGIN, VERIFIER, Site, Tenant, code_for, redeem

FORM = {"content-type": "application/x-www-form-urlencoded"}
PATHS = ("/oauth/revoke", "/oauth/introspect")
OPAQUE = {"access_token_type": "opaque"}


def secret_of(client: dict[str, str]) -> tuple[str, str]:
    """What a client authenticates with."""
    return client["client_id"], client["client_secret"]


async def signed_in(browser: httpx.AsyncClient, client: dict[str, str]) -> dict[str, str]:
    """The tokens of somebody who signed in."""
    code = await code_for(browser, client, scope="openid offline_access")
    tokens: dict[str, str] = (await redeem(browser, client, code)).json()
    return tokens


@pytest.mark.parametrize("metadata", [{}, OPAQUE], ids=["jwt", "opaque"])
async def test_revoked_token_is_inactive_and_tells_nothing(
    browser: httpx.AsyncClient, tenant: Tenant, metadata: dict[str, str]
) -> None:
    """RFC 7009 section 2.2, RFC 7662 section 2.2: an empty answer that is not cached, and then nothing any more."""
    client = await tenant.application(client_metadata=metadata)
    tokens = await signed_in(browser, client)
    token = {"token": tokens["access_token"]}
    before = await browser.post("/oauth/introspect", data=token, auth=secret_of(client))
    assert (before.json()["active"], before.json()["scope"]) == (True, "openid offline_access")
    assert (before.headers["content-type"], before.headers["cache-control"]) == ("application/json", "no-store")
    revoked = await browser.post("/oauth/revoke", data=token, auth=secret_of(client))
    assert (revoked.status_code, revoked.content, revoked.headers["cache-control"]) == (200, b"", "no-store")
    after = await browser.post("/oauth/introspect", data=token, auth=secret_of(client))
    assert after.json() == {"active": False}
    told = await browser.get("/oidc/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert told.status_code == 401


async def test_revoked_refresh_token_gives_nothing(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 7009 section 2.1: a public client may do it with its id alone."""
    client = await tenant.application(application_type="spa")
    itself = {"client_id": client["client_id"]}
    code = await code_for(browser, client, scope="openid offline_access")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    token = (await browser.post("/oauth/token", data={**form, **itself})).json()["refresh_token"]
    assert (await browser.post("/oauth/revoke", data={"token": token, **itself})).status_code == 200
    form = {"grant_type": "refresh_token", "refresh_token": token}
    refused = await browser.post("/oauth/token", data={**form, **itself})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")


async def test_what_cannot_be_revoked_is_said(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 7009 section 2.2.1."""
    client = await tenant.application()
    body = {"token": "x", "token_type_hint": "id_token"}
    response = await browser.post("/oauth/revoke", data=body, auth=secret_of(client))
    assert (response.status_code, response.json()["error"]) == (400, "unsupported_token_type")


SIGNED = {"accept": "application/token-introspection+jwt"}


async def audited(tenant: Tenant, browser: httpx.AsyncClient, **metadata: str) -> tuple[httpx.Response, KeySet]:
    """A signed answer for an API with certain metadata about a token that does not hold, and the instance's keys."""
    project = await tenant.do("CreateProject", organization_id=tenant.organization_id, name="Orders")
    fields = {"project_id": project["project_id"], "name": "Orders", "client_metadata": metadata}
    api = {name: str(value) for name, value in (await tenant.do("CreateApiApplication", **fields)).items()}
    response = await browser.post("/oauth/introspect", data={"token": "x"}, headers=SIGNED, auth=secret_of(api))
    keys = KeySet.import_key_set((await browser.get("/oauth/jwks")).json())
    return response, keys


async def test_signed_answer_verifies_with_published_keys(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 9701 section 5, by a library that we did not write."""
    response, keys = await audited(tenant, browser)
    assert (response.status_code, response.headers["content-type"]) == (200, SIGNED["accept"])
    assert response.headers["cache-control"] == "no-store"
    token = jwt.decode(response.text, keys, algorithms=["RS256"])
    assert token.header["typ"] == "token-introspection+jwt"
    assert (token.claims["iss"], token.claims["token_introspection"]) == (tenant.origin, {"active": False})


async def test_answer_is_encrypted_to_who_registered_it(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 9701 section 5: signed, then encrypted."""
    key = ECKey.generate_key("P-256", {"use": "enc", "kid": "mine"})
    registered = {
        "jwks": json.dumps({"keys": [key.as_dict(private=False)]}),
        "introspection_signed_response_alg": "ES256",
        "introspection_encrypted_response_alg": "ECDH-ES+A256KW",
        "introspection_encrypted_response_enc": "A256GCM",
    }
    response, keys = await audited(tenant, browser, **registered)
    opened = jwe.decrypt_compact(response.content, key, algorithms=["ECDH-ES+A256KW", "A256GCM"])
    token = jwt.decode((opened.plaintext or b"").decode(), keys, algorithms=["ES256"])
    assert token.claims["token_introspection"] == {"active": False}


@pytest.mark.parametrize("path", PATHS)
async def test_wrong_secret_is_told_the_scheme(browser: httpx.AsyncClient, tenant: Tenant, path: str) -> None:
    """RFC 6749 section 5.2, RFC 7662 section 2.3."""
    client = await tenant.application()
    response = await browser.post(path, data={"token": "x"}, auth=(client["client_id"], "wrong"))
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("path", PATHS)
async def test_who_fails_too_often_is_told_to_wait(browser: httpx.AsyncClient, tenant: Tenant, path: str) -> None:
    """RFC 6585 section 4. Who knows the secret is not held up by who does not."""
    client = await tenant.application()
    answers = [
        await browser.post(path, data={"token": "x"}, auth=(client["client_id"], f"wrong {number}"))
        for number in range(31)
    ]
    assert [one.status_code for one in answers] == [401] * 30 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert (await browser.post(path, data={"token": "x"}, auth=secret_of(client))).status_code == 200


@pytest.mark.parametrize("path", PATHS)
async def test_another_instances_token_is_unknown(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant, path: str
) -> None:
    """Instances share nothing; the token goes on where it is from."""
    client = await tenant.application(client_metadata=OPAQUE)
    token = (await signed_in(browser, client))["access_token"]
    stranger = await (await site.tenant(OTHER_ORIGIN)).application()
    async with site.browser(OTHER_ORIGIN) as elsewhere:
        response = await elsewhere.post(path, data={"token": token}, auth=secret_of(stranger))
    assert (response.status_code, response.text in {"", '{"active":false}'}) == (200, True)
    told = await browser.get("/oidc/userinfo", headers={"authorization": f"Bearer {token}"})
    assert told.status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b'{"token": "x"}', {"content-type": "application/json"}, 415),
        (b"token=" + b"x" * 70_000, FORM, 413),
        (b"token=" + b"x" * 20_000, FORM, 400),
        (b"token=%ff%fe", FORM, 400),
        (b"token=a&token=b", FORM, 400),
        (b"", FORM, 401),
        (b"token=a%00b", FORM, 400),
    ],
)
async def test_malformed_request_is_a_client_error(
    browser: httpx.AsyncClient, path: str, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Whatever comes, the answer is an error of RFC 6749 section 5.2 with a 4xx, never a 500."""
    response = await browser.post(path, content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"error", "error_description"}


async def test_tokens_do_not_stand_in_queries(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 7662 section 4: GET would leave them in logs; parameters of the query of a POST count for nothing."""
    client = await tenant.application()
    for path in PATHS:
        assert (await browser.get(path, params={"token": "x"})).status_code == 405
        response = await browser.post(path, params={"token": "x"}, headers=FORM, auth=secret_of(client))
        assert (response.status_code, response.json()["error"]) == (400, "invalid_request")


async def test_scripts_may_revoke_but_not_introspect(browser: httpx.AsyncClient) -> None:
    """A page gives back its own tokens; what tokens are worth is asked by servers."""
    asked = {"origin": "https://spa.example", "access-control-request-method": "POST"}
    assert (await browser.options("/oauth/revoke", headers=asked)).headers["access-control-allow-origin"] == "*"
    refused = await browser.options("/oauth/introspect", headers=asked)
    assert "access-control-allow-origin" not in refused.headers
