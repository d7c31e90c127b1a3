"""Changing one's password."""

import httpx
import pytest

from tests.unit.adapters.site import PASSWORD, Tenant, answered, authorization, hidden, sign_in

PATH = "/ui/password"
NEW = "another quite long sentence"


async def change(
    browser: httpx.AsyncClient, page: str = PATH, present: str = PASSWORD, new: str = NEW, repeated: str = NEW
) -> httpx.Response:
    """Fill in the form."""
    form = hidden((await browser.get(page)).text)
    fields = {"present_password": present, "new_password": new, "repeated_password": repeated}
    return await browser.post(PATH, data={**form, **fields})


async def test_changed_password_is_the_one_that_works(browser: httpx.AsyncClient) -> None:
    """The old one signs nobody in any more."""
    await sign_in(browser)
    before = browser.cookies["__Host-hexkeep-session"]
    response = await change(browser)
    assert browser.cookies["__Host-hexkeep-session"] != before
    assert "Your password is changed" in (await browser.get(response.headers["location"])).text
    browser.cookies.clear()
    assert (await sign_in(browser)).status_code == 403
    assert (await sign_in(browser, password=NEW)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"present": "not the password"}, "The present password is not right"),
        ({"repeated": "something else"}, "The two new passwords are not the same"),
        ({"new": "", "repeated": ""}, "Fill in all three fields"),
        ({"new": "short", "repeated": "short"}, "The new password must have 8 to 128 characters"),
        ({"new": "password1", "repeated": "password1"}, "The new password is one of the commonest passwords"),
        ({"new": PASSWORD, "repeated": PASSWORD}, "The new password must differ from the present one"),
        ({"new": "x" * 2000, "repeated": "x" * 2000}, "The new password is too long or malformed"),
    ],
)
async def test_refusal_says_why(browser: httpx.AsyncClient, fields: dict[str, str], problem: str) -> None:
    """In one sentence, with the form to try again, and nothing that was typed."""
    await sign_in(browser)
    response = await change(browser, **fields)
    assert response.status_code == 400
    assert f">{problem}</p>" in response.text
    assert PASSWORD not in response.text


async def test_too_many_tries_have_to_wait(browser: httpx.AsyncClient) -> None:
    """A stolen session does not help to guess the password."""
    await sign_in(browser)
    statuses = [(await change(browser, present="not the password")).status_code for _ in range(11)]
    assert statuses[-1] == 429


async def test_required_change_comes_before_anything_else(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Who was given a password chooses another one, and then gets where the sign-in was to lead."""
    await tenant.user(password_change_required=True)
    client = await tenant.application()
    began = await browser.get("/oauth/authorize", params=authorization(client))
    stopped = await sign_in(browser, began.headers["location"], "grace")
    assert stopped.headers["location"].startswith(f"{PATH}?request=")
    assert (await browser.get("/ui/account")).headers["location"] == PATH
    page = await browser.get(stopped.headers["location"])
    assert "Choose a password of your own" in page.text
    ended = await change(browser, stopped.headers["location"])
    assert "code" in answered(ended.headers["location"])
