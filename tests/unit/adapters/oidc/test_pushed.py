"""The pushed authorization request endpoint (RFC 9126), and what a browser does with what comes of it."""

import json

import httpx
import pytest

from tests.unit.adapters.site import Tenant, answered, authorization, hidden, redeem, sign_in

FORM = {"content-type": "application/x-www-form-urlencoded"}
PAR = "/oauth/par"


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """A confidential client."""
    return await tenant.application()


async def push(browser: httpx.AsyncClient, client: dict[str, str], **changes: str) -> httpx.Response:
    """Push a well-formed request, changed by `changes`."""
    credentials = (client["client_id"], client["client_secret"])
    return await browser.post(PAR, data=authorization(client, **changes), auth=credentials)


async def test_pushed_request_signs_somebody_in(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Sections 2.2 and 4: created, never cached, for scripts of any origin; then by its reference, once."""
    pushed = await push(browser, client)
    assert pushed.status_code == 201
    assert set(pushed.json()) == {"request_uri", "expires_in"}
    assert pushed.headers["cache-control"] == "no-store"
    assert pushed.headers["access-control-allow-origin"] == "*"
    sent = {"client_id": client["client_id"], "request_uri": pushed.json()["request_uri"]}
    began = await browser.get("/oauth/authorize", params=sent)
    ended = await sign_in(browser, began.headers["location"])
    assert (await redeem(browser, client, answered(ended.headers["location"])["code"])).status_code == 200
    again = await browser.get("/oauth/authorize", params=sent)
    assert again.status_code == 400
    assert "location" not in again.headers
    assert again.headers["content-type"].startswith("text/html")


async def test_errors_are_told_the_client_directly(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """Section 2.3: as at the token endpoint."""
    wrong = await push(browser, client, redirect_uri="https://evil.example.com/")
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_request")
    unknown = await push(browser, {**client, "client_secret": "wrong"})
    assert (unknown.status_code, unknown.json()["error"]) == (401, "invalid_client")
    assert unknown.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_pushing_is_a_post(browser: httpx.AsyncClient, method: str) -> None:
    """Module par-attempt-invalid-http-method."""
    response = await browser.request(method, PAR)
    assert (response.status_code, response.headers["allow"]) == (405, "OPTIONS, POST")


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"{}", {"content-type": "application/json"}, 415),
        (b"a=" + b"x" * 70_000, FORM, 413),
        (b"a=" + b"x" * 20_000, FORM, 400),
        (b"client_id=%ff", FORM, 400),
        (b"", FORM, 401),
        (b"client_id=a&client_id=b", FORM, 400),
        (b"client_id=a&request=%00", FORM, 400),
    ],
)
async def test_malformed_request_is_a_client_error(
    browser: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    """Whatever comes: a 4xx in the words of OAuth."""
    response = await browser.post(PAR, content=content, headers=headers)
    assert response.status_code == status
    assert set(response.json()) == {"error", "error_description"}


async def test_details_are_shown_and_come_with_the_tokens(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 9396 sections 7 and 11.2: people read what is asked for; the answer has it as JSON."""
    details = [{"type": "payment", "amount": "<b>5 EUR</b>"}]
    fields = [{"name": "amount", "kind": "text", "required": True, "label": "Amount"}]
    await tenant.do("CreateAuthorizationDetailsType", type="payment", name="A payment", details_fields=fields)
    client = await tenant.application(client_metadata={"authorization_details_types": ["payment"]})
    params = authorization(client, authorization_details=json.dumps(details))
    began = await browser.get("/oauth/authorize", params=params)
    asked = await sign_in(browser, began.headers["location"])
    page = await browser.get(asked.headers["location"])
    assert "A payment" in page.text
    assert "Amount: &lt;b&gt;5 EUR&lt;/b&gt;" in page.text
    agreed = await browser.post(asked.headers["location"], data={**hidden(page.text), "decision": "allow"})
    tokens = await redeem(browser, client, answered(agreed.headers["location"])["code"])
    assert tokens.json()["authorization_details"] == details
