"""Whatever is wrong gets the right error of the right RFC: nothing written, nothing leaked, no redirect astray."""

import re
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.person import sign_in
from tests.e2e.attacker import BACK, authorize, get, grant, nothing_written, raw, token
from tests.e2e.rest import MANAGEMENT, Credentials, World
from tests.e2e.storages import kept_by

PROBLEM = "application/problem+json"
PROJECTS = f"{MANAGEMENT}/projects"
MEGABYTE = 1 << 20


@pytest.fixture(scope="module")
def shop(world: World) -> Credentials:
    """A confidential client, and ada signed in."""
    assert world.ada_session
    return world.application(BACK)


@pytest.fixture(scope="module")
def phone(world: World) -> Credentials:
    """A public client."""
    return world.application(BACK, kind="spa")


# --- the authorization endpoint -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": f"{BACK}?next=https://evil.example"},
        {"redirect_uri": f"{BACK}/../evil"},
        {"redirect_uri": f"{BACK}#fragment"},
        {"redirect_uri": BACK.upper()},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "//evil.example"},
        {"redirect_uri": f"{BACK}\r\nset-cookie: a=b"},
        {"client_id": "nobody"},
        {"client_id": "nobody\x00"},
    ],
    ids=repr,
)
def test_nobody_is_sent_to_an_unregistered_place(world: World, shop: Credentials, changed: dict[str, str]) -> None:
    """RFC 6749 section 4.1.2.1: an error page and no redirect, although ada is signed in."""
    with nothing_written(world):
        answer = authorize(world, shop, **changed)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.headers["content-type"].startswith("text/html")
    assert not {"location", "refresh"} & set(answer.headers)
    assert "evil.example" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"request": "e30.e30."}, "invalid_request_object"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
    ],
    ids=repr,
)
def test_other_errors_go_to_the_application(
    world: World, shop: Credentials, changed: dict[str, str], error: str
) -> None:
    """To the registered redirect URI alone, with the state and the issuer, and without a code."""
    with nothing_written(world):
        answer = authorize(world, shop, **changed)
    place, _, told = re.split(r"([?#])", answer.headers["location"], maxsplit=1)
    said = httpx.QueryParams(told)
    assert place == BACK
    assert (said["error"], said["state"]) == (error, "of-mine")
    assert said["iss"] == world.server.origin
    assert not {"code", "access_token", "id_token"} & set(said)


@pytest.fixture(scope="module")
def stranger(world: World) -> Credentials:
    """A client that has registered itself while everybody might."""
    document = {"redirect_uris": [BACK], "application_type": "native", "token_endpoint_auth_method": "none"}
    rule = {"mode": "open", "project_id": world.project_id}
    assert world.rest.send("PUT", "/admin/v1/client-registration", json=rule).is_success
    made = world.rest.send("POST", "/oauth/register", json=document, headers={"authorization": ""})
    assert world.rest.send("PUT", "/admin/v1/client-registration", json={**rule, "mode": "closed"}).is_success
    assert made.is_success, made.text
    world.server.secrets.add(made.json()["registration_access_token"])
    return Credentials(made.json()["client_id"])


def test_strangers_are_told_by_choice_alone(world: World, shop: Credentials, stranger: Credentials) -> None:
    """RFC 9700 section 4.11.2: no error goes to where nobody has invited a client before somebody wants that."""
    with nothing_written(world):
        answer = authorize(world, stranger, max_age="soon")
        silent = authorize(world, stranger, max_age="soon", prompt="none")
        known = authorize(world, shop, max_age="soon")
    assert (answer.status_code, "location" in answer.headers) == (httpx.codes.BAD_REQUEST, False)
    assert f'href="{BACK}?error=invalid_request' in answer.text
    assert silent.headers["location"].startswith(f"{BACK}?error=invalid_request")
    assert known.headers["location"].startswith(f"{BACK}?error=invalid_request")


def test_logout_leads_nowhere_unregistered(world: World, shop: Credentials) -> None:
    """RP-Initiated Logout section 3: a place that is not registered gets an error page, whoever asks."""
    asked = {"client_id": shop.client_id, "post_logout_redirect_uri": "https://evil.example/"}
    with nothing_written(world):
        answer = world.rest.send("GET", "/oidc/logout", params=asked)
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert "location" not in answer.headers


# --- the token endpoint --------------------------------------------------------------------------------------------


def test_code_is_good_once(world: World, shop: Credentials) -> None:
    """RFC 6749 section 4.1.2: the second use fails, and ends the tokens that the first one got."""
    issued = grant(world, shop)
    first = token(world, shop, **issued.fields())
    assert first.status_code == httpx.codes.OK
    tokens: dict[str, Any] = first.json()
    world.server.secrets |= {tokens["access_token"], tokens["refresh_token"], tokens["id_token"]}
    assert _userinfo(world, tokens["access_token"]).status_code == httpx.codes.OK
    assert _error(token(world, shop, **issued.fields())) == (400, "invalid_grant")
    dead = _userinfo(world, tokens["access_token"])
    assert (dead.status_code, dead.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in dead.headers["www-authenticate"]
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert _error(token(world, shop, **again)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "v" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": f"{BACK}2"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code": "guessed"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
        ({"grant_type": "password", "username": "ada", "password": "x"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
    ],
    ids=repr,
)
def test_code_is_bound(world: World, shop: Credentials, changed: dict[str, str], error: str) -> None:
    """To its verifier (RFC 7636 section 4.6), its redirect URI, its grant: anything else gets nothing."""
    issued = grant(world, shop)
    with nothing_written(world):
        assert _error(token(world, shop, **issued.fields(**changed))) == (400, error)


def test_code_is_bound_to_its_client(world: World, shop: Credentials, phone: Credentials) -> None:
    """RFC 6749 section 5.2: a code that was issued to another client."""
    issued = grant(world, shop)
    with nothing_written(world):
        assert _error(token(world, phone, **issued.fields())) == (400, "invalid_grant")


def test_unknown_client_and_wrong_secret_look_alike(world: World, shop: Credentials, phone: Credentials) -> None:
    """RFC 6749 section 5.2: 401 with a challenge, in the same words; neither is a secret for those who have none."""
    issued = grant(world, shop)
    attempts = (Credentials("nobody", "x"), Credentials(shop.client_id, "x"), Credentials(phone.client_id, "x"))
    with nothing_written(world):
        answers = [token(world, one, **issued.fields()) for one in attempts]
    assert {_error(answer) for answer in answers} == {(401, "invalid_client")}
    assert len({answer.text for answer in answers}) == 1
    assert all(answer.headers["www-authenticate"].startswith("Basic") for answer in answers)
    assert all(answer.headers["cache-control"] == "no-store" for answer in answers)


# --- signing in ----------------------------------------------------------------------------------------------------


def test_wrong_password_and_unknown_user_look_alike(world: World) -> None:
    """The same status, headers and text, so that nobody learns who has an account."""
    answers = []
    for name in (world.ada.user_name, "nobody-of-that-name"):
        answer = world.rest.send("POST", "/auth/v1/sessions", json={"login_name": name, "password": "wrong-as-can-be"})
        problem = {key: value for key, value in answer.json().items() if key != "instance"}
        answers.append((answer.status_code, sorted(answer.headers), problem))
    assert answers[0] == answers[1]
    assert answers[0][0] == httpx.codes.UNAUTHORIZED
    world.server.secrets.add("wrong-as-can-be")


@pytest.mark.browser
async def test_login_page_says_the_same_for_both(world: World, page: Page) -> None:
    """So does the page, which keeps the name and not the password."""
    said = []
    for name in (world.ada.user_name, "nobody-of-that-name"):
        await page.goto(f"{world.server.origin}/ui/login")
        await sign_in(page, name, "wrong-as-can-be")
        problem = page.get_by_role("alert")
        await expect(problem).to_be_visible()
        said.append(await problem.inner_text())
        await expect(page.get_by_label("Password")).to_have_value("")
    assert said[0] == said[1] == "The user name or the password is wrong"


# --- REST ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"null",
        b"[]",
        b'"text"',
        b'{"name": "a", "name": "b"}',
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 5000,
        b'{"a":' * 5000,
        b'{"organization_id": 7, "name": ["a"]}',
        b'{"organization_id": "x", "name": "Shop", "colour": "red"}',
        b'{"organization_id": "x", "name": "a\\u0000b"}',
        b"1" * 5000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_body_that_is_not_right_is_a_problem(world: World, body: bytes) -> None:
    """RFC 9457: 400 with a code, whatever the bytes are."""
    with nothing_written(world):
        answer = world.rest.send("POST", PROJECTS, content=body, headers={"content-type": "application/json"})
    assert answer.status_code == httpx.codes.BAD_REQUEST
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert (problem["status"], problem["code"]) == (400, "invalid_input")
    assert "Traceback" not in answer.text


def test_unknown_field_is_named(world: World) -> None:
    """So that a misspelt field is never silently nothing."""
    fields = {"organization_id": world.organization_id, "name": "Shop", "colour": "red"}
    answer = world.rest.send("POST", PROJECTS, json=fields)
    assert [one["field"] for one in answer.json()["violations"]] == ["colour"]


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("text/plain", PROJECTS),
        ("application/x-www-form-urlencoded", PROJECTS),
        ("multipart/form-data; boundary=x", PROJECTS),
        ("application/json; charset=utf-16", PROJECTS),
        ("application/json", "/oauth/token"),
    ],
)
def test_body_of_another_kind_is_refused(world: World, kind: str, path: str) -> None:
    """RFC 9110 section 15.5.16; forms of other sites among them, which browsers send without asking."""
    with nothing_written(world):
        answer = world.rest.send("POST", path, content=b'{"name": "a"}', headers={"content-type": kind})
    assert answer.status_code == httpx.codes.UNSUPPORTED_MEDIA_TYPE


@pytest.mark.parametrize(
    ("path", "kind", "size"),
    [
        (PROJECTS, "application/json", MEGABYTE + 1),
        ("/oauth/token", "application/x-www-form-urlencoded", MEGABYTE),
        ("/ui/login", "application/x-www-form-urlencoded", MEGABYTE),
    ],
)
@pytest.mark.parametrize("length", ["announced", "chunked"])
def test_oversized_body_is_refused(world: World, path: str, kind: str, size: int, length: str) -> None:
    """413, before it is read where its length is announced, else as soon as it is too long."""
    body = b"a" * size
    content = body if length == "announced" else iter([body[: size // 2], body[size // 2 :]])
    headers = {"content-type": kind, "origin": world.server.origin}
    with nothing_written(world):
        answer = world.rest.send("POST", path, content=content, headers=headers)
    assert answer.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE


def test_nobody_and_strangers_are_told_nothing(world: World) -> None:
    """Without credentials 401; a person without rights sees no difference between what is and what is not."""
    for wrong in ("", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", f"Bearer {'x' * 9000}"):
        answer = world.rest.send("GET", PROJECTS, headers={"authorization": wrong})
        assert answer.status_code in {400, 401}, wrong
    ada = {"authorization": f"Bearer {world.ada_session}"}
    answers = [
        world.rest.send("GET", f"{PROJECTS}/{one}", headers=ada) for one in (world.project_id, "no-such-project")
    ]
    assert answers[0].status_code in {403, 404}
    assert len({(one.status_code, one.json()["code"], one.json()["detail"]) for one in answers}) == 1


# --- HTTP itself ---------------------------------------------------------------------------------------------------

TARGETS = [
    b"/../../../../etc/passwd",
    b"/ui/static/../../../../etc/passwd",
    b"/ui/static/%2e%2e/%2e%2e/etc/passwd",
    b"/ui/static/..%2f..%2f..%2fetc/passwd",
    b"/ui/static/%00",
    b"/management/v1/projects/%00",
    b"/management/v1/users/..%2f..%2fadmin",
    b"/management/v1/projects/" + b"a" * 20_000,
    b"/management/v1/projects/%ff%fe",
    b"/%",
    b"//evil.example/",
    b"/\\evil.example",
    b"/oauth/authorize?%zz=%",
    b"/oauth/authorize?" + b"a=b&" * 500,
    b"/oauth/authorize?client_id=%00&redirect_uri=%00",
    b"/ui/login?request=%00",
    b"/ui/login?request=../../x",
    b"/ui/consent?request=' OR 1=1 --".replace(b" ", b"%20"),
    b"/management/v1/projects?limit=-1",
    b"/management/v1/projects?limit=1e9",
    b"/management/v1/projects?cursor=AAAA",
    b"/management/v1/projects?cursor=%00",
    b"*",
]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: repr(target[:40]))
def test_strange_targets_are_the_callers_fault(world: World, target: bytes) -> None:
    """4xx or a redirect of our own, with nothing of the machine's files in it."""
    with nothing_written(world):
        status, answer = get(world, target)
    assert 300 <= status < 500, answer[:300]
    assert b"root:" not in answer
    assert b"Traceback" not in answer
    assert b"location: //" not in answer.lower()
    assert b"location: http://evil" not in answer.lower()


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a/b@c\r\n\r\n",
        b"GET /%00 HTTP/1.1\r\nhost: localhost\r\nx: \x00\r\n\r\n",
        b"GET / HTTP/9.9\r\nhost: localhost\r\n\r\n",
        b"not http at all\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"POST /oauth/token HTTP/1.1\r\nhost: localhost\r\ncontent-length: -1\r\n\r\n",
        b"POST /docs HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\n" + b"a: b\r\n" * 500 + b"\r\n",
        b"GET / HTTP/1.1\r\nhost: localhost\r\ncookie: " + b"a" * 60_000 + b"\r\n\r\n",
    ],
    ids=lambda request: repr(request[:50]),
)
def test_requests_that_are_not_right_are_refused(world: World, request_: bytes) -> None:
    """Each gets a 4xx or a closed connection; foreign hosts are nobody's."""
    port = b"localhost:%d" % world.server.port
    with nothing_written(world):
        status, answer = raw(world, request_.replace(b"host: localhost", b"host: " + port))
    assert status == 0 or 400 <= status < 500, answer[:300]


@pytest.mark.parametrize("method", [b"TRACE", b"PUT", b"DELETE", b"BREW"])
@pytest.mark.parametrize(
    "path", [b"/oauth/authorize", b"/oauth/token", b"/ui/login", b"/management/v1/projects", b"/docs"]
)
def test_other_methods_are_not_allowed(world: World, method: bytes, path: bytes) -> None:
    """RFC 9110 section 15.5.6, and the answer names those that are."""
    status, answer = get(world, path, method)
    assert status in {400, 405}, answer[:300]
    assert status == 400 or b"\nallow:" in answer.lower()


def _userinfo(world: World, access_token: str) -> httpx.Response:
    return world.rest.send("GET", "/oidc/userinfo", headers={"authorization": f"Bearer {access_token}"})


def _error(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of an OAuth error."""
    return answer.status_code, answer.json()["error"]


# --- in the end ----------------------------------------------------------------------------------------------------


def test_no_secret_is_anywhere_to_be_read(world: World) -> None:
    """Neither in what the server said, with everything logged that it ever logs, nor in what it keeps."""
    server = world.server
    assert [one for one in server.records if one["logger"] == "hexkeep.access"]
    assert len(server.secrets) > 50
    assert server.defects() == []
    assert server.leaks() == []
    secrets = [one.encode() for one in server.secrets]
    kept = kept_by(server)
    assert any(b"user.human.added" in content for content in kept.values())
    assert [name for name, content in kept.items() if any(secret in content for secret in secrets)] == []
