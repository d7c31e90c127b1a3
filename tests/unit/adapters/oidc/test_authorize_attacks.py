"""What RFC 9700 section 4 has attackers do at the authorization endpoint, by GET and by POST."""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.unit.adapters.site import CALLBACK, Tenant, authorization, hidden, sign_in

PATH = "/oauth/authorize"
TYPES = ("code", "id_token", "id_token token", "code id_token", "code token", "code id_token token")
MODES = ("query", "fragment", "form_post")
ISSUER = "https://id.example.com"


@pytest.fixture
async def client(tenant: Tenant) -> dict[str, str]:
    """An application that registered for everything there is."""
    return await tenant.application(
        grant_types=("authorization_code", "implicit"), client_metadata={"response_types": TYPES}
    )


async def asked(browser: httpx.AsyncClient, method: str, params: Mapping[str, Any]) -> httpx.Response:
    """A request by GET or POST; who has no cookie is led through the hop first, as a browser is."""
    if method == "GET":
        return await browser.get(PATH, params=params)
    response = await browser.post(PATH, data=dict(params))
    hop = response.status_code == 303 and urlsplit(response.headers["location"]).path == PATH
    return await browser.get(response.headers["location"]) if hop else response


def said(response: httpx.Response) -> dict[str, str]:
    """What an answer tells the application, however it is carried; insists that it goes nowhere else."""
    if response.status_code == 200:
        assert f'<form id="answer" method="post" action="{CALLBACK}">' in response.text
        return hidden(response.text)
    parts = urlsplit(response.headers["location"])
    assert parts._replace(query="", fragment="").geturl() == CALLBACK
    assert not (parts.query and parts.fragment)
    return dict(parse_qsl(parts.query or parts.fragment))


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("response_type", TYPES)
async def test_answers_name_their_issuer_in_every_mode(
    browser: httpx.AsyncClient, client: dict[str, str], method: str, response_type: str
) -> None:
    """RFC 9700 section 4.4 and RFC 9207: mix-up; errors say it as well, and echo the state once."""
    for mode in MODES:
        params = authorization(client, response_type=response_type, response_mode=mode, prompt="none")
        refused = said(await asked(browser, method, params))
        assert (refused["iss"], refused["state"]) == (ISSUER, "xyz")
        assert refused["error"] in {"login_required", "invalid_request"}
    await sign_in(browser)
    for mode in MODES if response_type == "code" else MODES[1:]:
        params = authorization(client, response_type=response_type, response_mode=mode)
        answer = said(await asked(browser, method, params))
        assert (answer["iss"], answer["state"]) == (ISSUER, "xyz")
        assert {"code", "id_token"} & answer.keys()


@pytest.mark.parametrize("mode", ["query", "form_post"])
async def test_stranger_is_told_of_an_error_by_the_persons_choice(
    browser: httpx.AsyncClient, tenant: Tenant, client: dict[str, str], mode: str
) -> None:
    """RFC 9700 section 4.11.2: a page names the error and the site, and its one button has the very answer."""
    project = (await tenant.do("GetApplication", client_id=client["client_id"]))["project_id"]
    await tenant.do("SetClientRegistration", mode="open", project_id=project)
    made = await browser.post("/oauth/register", json={"redirect_uris": [CALLBACK]})
    wrong = authorization(made.json(), max_age="<soon>", response_mode=mode, state="a&b")
    response = await browser.get(PATH, params=wrong)
    assert (response.status_code, "location" in response.headers) == (400, False)
    assert ("form-action" in _csp(response), "script-src" in _csp(response)) == (mode == "query", False)
    assert "<code>invalid_request</code>" in response.text
    assert "Go on to https://app.example.com<" in response.text
    if mode == "form_post":
        assert f'<form method="post" action="{CALLBACK}">' in response.text
        answer = hidden(response.text)
    else:
        (link,) = re.findall(r'<a class="button quiet" href="([^"]+)">', response.text)
        assert html.unescape(link).startswith(f"{CALLBACK}?")
        answer = dict(parse_qsl(urlsplit(html.unescape(link)).query))
    assert (answer["error"], html.unescape(answer["state"]), answer["iss"]) == ("invalid_request", "a&b", ISSUER)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_redirects_never_repeat_a_form(browser: httpx.AsyncClient, client: dict[str, str], method: str) -> None:
    """RFC 9700 section 4.12: nothing of a POST, least of all a password, goes on to an application.

    A request leads there by 303, a form of ours by a page that goes on by itself, with GET.
    """
    assert (await asked(browser, method, authorization(client))).status_code == 303
    began = await browser.get(PATH, params=authorization(client))
    assert (await sign_in(browser, began.headers["location"])).headers["refresh"].startswith(f"0; url={CALLBACK}?")
    assert (await asked(browser, method, authorization(client))).status_code == 303


async def test_posted_answer_can_be_framed_by_nobody_and_goes_to_one_place(
    browser: httpx.AsyncClient, client: dict[str, str]
) -> None:
    """RFC 9700 section 4.16 and Form Post Response Mode section 4: one hashed script, one target, not kept."""
    await sign_in(browser)
    params = authorization(client, response_mode="form_post", state='"><script>alert(1)</script>')
    page = await browser.get(PATH, params=params)
    policy = {name: value for name, _, value in (one.strip().partition(" ") for one in _csp(page).split(";"))}
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["script-src"].startswith("'sha256-")
    assert "form-action" not in policy  # the application's site may lead on from there, and nothing is typed here
    assert re.findall(r'action="([^"]*)"', page.text) == [CALLBACK]
    assert "unsafe-inline" not in _csp(page)
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "<script>alert" not in page.text
    assert '<button type="submit">Continue</button>' in page.text


def _csp(page: httpx.Response) -> str:
    return str(page.headers["content-security-policy"])


@pytest.mark.parametrize("page", ["/ui/login", "/ui/consent", "/ui/accounts"])
async def test_pages_of_a_request_can_be_framed_by_nobody(
    browser: httpx.AsyncClient, tenant: Tenant, page: str
) -> None:
    """RFC 9700 section 4.16: clickjacking."""
    client = await tenant.application(consent_required=True)
    await sign_in(browser)
    began = await browser.get(PATH, params=authorization(client))
    request = urlsplit(began.headers["location"]).query
    shown = await browser.get(f"{page}?{request}")
    assert shown.status_code == 200
    assert "frame-ancestors 'none'" in _csp(shown)
    assert shown.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["state", "nonce", "scope", "response_type", "response_mode", "prompt", "claims"])
async def test_repeated_parameters_are_refused(
    browser: httpx.AsyncClient, client: dict[str, str], method: str, name: str
) -> None:
    """RFC 6749 section 3.1: which one counts is not guessed; an ambiguous state is not echoed."""
    await sign_in(browser)
    body = str(httpx.QueryParams(authorization(client)).add(name, "a").add(name, "b"))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    send = browser.get(f"{PATH}?{body}") if method == "GET" else browser.post(PATH, content=body, headers=kind)
    answer = said(await send)
    assert (answer["error"], answer["iss"]) == ("invalid_request", ISSUER)
    assert ("state" in answer) is (name != "state")


@pytest.mark.parametrize("name", ["state", "nonce"])
async def test_endless_values_are_not_carried(browser: httpx.AsyncClient, client: dict[str, str], name: str) -> None:
    """Neither into our log nor into an address."""
    await sign_in(browser)
    response = await browser.get(PATH, params=authorization(client, **{name: "x" * 5000}))
    assert said(response)["error"] == "invalid_request"
    assert len(response.headers["location"]) < 500


@pytest.mark.parametrize("smuggled", ["#", "#/", "#access_token=x", "%23x", "?code=x", "&code=x", "\\@evil.example"])
@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_smuggled_into_the_address(
    browser: httpx.AsyncClient, client: dict[str, str], smuggled: str, mode: str
) -> None:
    """RFC 9700 section 4.1: the redirect URI is one of the registered ones, to the letter."""
    await sign_in(browser)
    params = authorization(client, redirect_uri=CALLBACK + smuggled, response_mode=mode)
    response = await browser.get(PATH, params=params)
    assert response.status_code == 400
    assert "location" not in response.headers
    assert "oauth_invalid_redirect" in response.text


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge_method": "plain"},
        {"code_challenge_method": ""},
        {"code_challenge": ""},
        {"code_challenge": "x"},
    ],
    ids=str,
)
async def test_pkce_is_not_talked_down(browser: httpx.AsyncClient, tenant: Tenant, changes: dict[str, str]) -> None:
    """RFC 9700 section 4.8: a public client's request without a proper challenge gets no code."""
    public = await tenant.application(application_type="spa")
    await sign_in(browser)
    answer = said(await browser.get(PATH, params=authorization(public, **changes)))
    assert answer["error"] == "invalid_request"
    assert "code" not in answer


async def test_implicit_is_off_unless_registered(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """RFC 9700 section 2.1.2: tokens in an address leak by histories, referrers and logs."""
    usual = await tenant.application()
    await sign_in(browser)
    for response_type in TYPES[1:]:
        response = await browser.get(PATH, params=authorization(usual, response_type=response_type))
        assert said(response)["error"] == "unauthorized_client"
        assert "token=" not in response.headers["location"]


async def test_scripts_of_other_sites_read_nothing(browser: httpx.AsyncClient, client: dict[str, str]) -> None:
    """RFC 9700 section 2.6: browsers go there, scripts do not; nobody answers a preflight or lets an answer be read."""
    await sign_in(browser)
    origin = {"origin": "https://app.example.com", "access-control-request-method": "GET"}
    preflight = await browser.options(PATH, headers=origin)
    answer = await browser.get(PATH, params=authorization(client, prompt="none"), headers=origin)
    assert preflight.status_code == 405
    for response in (preflight, answer):
        assert not [name for name in response.headers if name.startswith("access-control-")]
