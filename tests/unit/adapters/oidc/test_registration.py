"""The registration endpoint, and the one of each client."""

import json
from urllib.parse import urlsplit

import httpx
import pytest

from tests.unit.adapters.site import ORIGIN, Tenant

REGISTER = "/oauth/register"
DOCUMENT = {"redirect_uris": ["https://client.example.com/cb"], "client_name": "Photos"}


@pytest.fixture
async def opened(tenant: Tenant) -> Tenant:
    """A tenant where everybody may register clients."""
    application = await tenant.application()
    project = (await tenant.do("GetApplication", client_id=application["client_id"]))["project_id"]
    await tenant.do("SetClientRegistration", mode="open", project_id=project)
    return tenant


@pytest.mark.usefixtures("opened")
async def test_client_registers_looks_changes_and_leaves(browser: httpx.AsyncClient) -> None:
    """RFC 7591 section 3.2.1, RFC 7592 section 2: the statuses, and nothing of it kept on the way."""
    made = await browser.post(REGISTER, json=DOCUMENT)
    assert made.status_code == 201, made.text
    assert (made.headers["content-type"], made.headers["cache-control"]) == ("application/json", "no-store")
    told = made.json()
    assert told["registration_client_uri"] == f"{ORIGIN}{REGISTER}/{told['client_id']}"
    own = urlsplit(told["registration_client_uri"]).path
    bearer = {"authorization": f"Bearer {told['registration_access_token']}"}
    assert (await browser.get(own, headers=bearer)).json()["client_name"] == "Photos"
    changed = {**DOCUMENT, "client_id": told["client_id"], "client_name": "Pictures"}
    assert (await browser.put(own, json=changed, headers=bearer)).json()["client_name"] == "Pictures"
    gone = await browser.delete(own, headers=bearer)
    assert (gone.status_code, gone.content) == (204, b"")
    refused = await browser.get(own, headers=bearer)
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith('Bearer error="invalid_token"')


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"redirect_uris": ["http://client.example.com/cb"]}, "invalid_redirect_uri"),
        ({**DOCUMENT, "grant_types": ["password"]}, "invalid_client_metadata"),
    ],
)
async def test_refusals_are_of_the_protocol(
    browser: httpx.AsyncClient, document: dict[str, object], error: str
) -> None:
    """RFC 7591 section 3.2.2: 400 with the error as JSON."""
    refused = await browser.post(REGISTER, json=document)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert refused.json()["error_description"]


async def test_registration_is_closed_at_first(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Nothing is offered that nobody has opened, neither here nor in discovery."""
    discovered = "/.well-known/openid-configuration"
    assert "registration_endpoint" not in (await browser.get(discovered)).json()
    assert (await browser.post(REGISTER, json=DOCUMENT)).status_code == 403
    await tenant.do("SetClientRegistration", mode="token")
    assert (await browser.get(discovered)).json()["registration_endpoint"] == f"{ORIGIN}{REGISTER}"
    asked = await browser.post(REGISTER, json=DOCUMENT)
    assert (asked.status_code, asked.headers["www-authenticate"]) == (401, 'Bearer realm="hexkeep"')
    wrong = await browser.post(REGISTER, json=DOCUMENT, headers={"authorization": "Bearer nonsense"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_token")


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"redirect_uris=a", {"content-type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"content-type": "application/json; charset=latin-1"}, 415),
        (b"\xff", {"content-type": "application/json"}, 400),
        (b"{" * 70_000, {"content-type": "application/json"}, 413),
        (json.dumps(DOCUMENT).encode(), {"content-type": "application/json", "authorization": "Basic YTpi"}, 401),
    ],
)
async def test_what_is_no_registration_is_refused(
    browser: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int
) -> None:
    """RFC 7591 section 3.1: JSON, within bounds, with a bearer token or none."""
    assert (await browser.post(REGISTER, content=content, headers=headers)).status_code == status


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("path", [f"{REGISTER}/", f"{REGISTER}/a/b", f"{REGISTER}/%2e%2e", f"{REGISTER}/nobody"])
async def test_only_clients_have_endpoints(browser: httpx.AsyncClient, path: str) -> None:
    """What is not there and what is another's look alike, and other paths lead nowhere."""
    answer = await browser.get(path, headers={"authorization": "Bearer nonsense"})
    assert answer.status_code in {401, 404}
    assert (await browser.get(path)).status_code in {401, 404}
