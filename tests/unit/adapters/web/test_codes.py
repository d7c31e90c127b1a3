"""The pages behind the links in mails: a forgotten password, an invitation, an address to confirm."""

from urllib.parse import urlsplit

import httpx
import pytest

from tests.mailbox import Message
from tests.unit.adapters.site import PASSWORD, USER_NAME, Site, Tenant, hidden, sign_in

NEW = "another quite long sentence"
NOT_VALID = "This link or code is not valid, or not any more. Ask for another one"


async def send(browser: httpx.AsyncClient, page: str, **fields: str) -> httpx.Response:
    """Open a page, fill its form in and send it to where it says."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    return await browser.post(urlsplit(page).path, data={**hidden(shown.text), **fields})


def choice(password: str = NEW, repeated: str = NEW) -> dict[str, str]:
    """What is filled in on a page on which a password is chosen."""
    return {"new_password": password, "repeated_password": repeated}


async def forgotten(site: Site, browser: httpx.AsyncClient, tenant: Tenant) -> Message:
    """The mail to the administrator who has forgotten the password."""
    await tenant.do("UpdateHumanUser", user_id=tenant.user_id, email_verified=True)
    await send(browser, "/ui/forgotten-password", user_name=USER_NAME)
    return await site.mail.next("reset_password")


async def test_forgotten_password_is_reset(site: Site, browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """By the link in the mail; the old password and all sessions are worth nothing then."""
    await sign_in(browser)
    mail = await forgotten(site, browser, tenant)
    assert mail.to == "ada@example.com"
    assert (await browser.get("/ui/account")).status_code == 200
    done = await send(browser, mail.values["link"], **choice())
    assert "Your password is set" in done.text
    assert (await browser.get("/ui/account")).headers["location"] == "/ui/login"
    assert (await sign_in(browser)).status_code == 403
    assert (await sign_in(browser, password=NEW)).status_code == 303


async def test_the_answer_is_the_same_for_nobody(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Byte for byte."""
    await tenant.do("UpdateHumanUser", user_id=tenant.user_id, email_verified=True)
    known = await send(browser, "/ui/forgotten-password", user_name=USER_NAME)
    unknown = await send(browser, "/ui/forgotten-password", user_name="nobody")
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text)
    assert "If there is an account" in known.text


async def test_a_link_works_once_and_opening_it_does_nothing(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant
) -> None:
    """Programs that look at mail open links as well."""
    mail = await forgotten(site, browser, tenant)
    for _ in range(3):
        assert (await browser.get(mail.values["link"])).status_code == 200
    assert (await send(browser, mail.values["link"], **choice())).status_code == 200
    again = await send(browser, mail.values["link"], **choice("a third good sentence", "a third good sentence"))
    assert again.status_code == 400
    assert NOT_VALID in again.text


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (choice("", ""), "Fill in both fields"),
        (choice(repeated="something else"), "The two new passwords are not the same"),
        (choice("short", "short"), "The new password must have 8 to 128 characters"),
        (choice("password1", "password1"), "The new password is one of the commonest passwords"),
    ],
)
async def test_refusal_says_why_and_leaves_the_link(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant, fields: dict[str, str], problem: str
) -> None:
    """The form is there again, and works."""
    mail = await forgotten(site, browser, tenant)
    refused = await send(browser, mail.values["link"], **fields)
    assert refused.status_code == 400
    assert f">{problem}</p>" in refused.text
    assert not fields["new_password"] or fields["new_password"] not in refused.text
    again = await browser.post("/ui/reset-password", data={**hidden(refused.text), **choice()})
    assert "Your password is set" in again.text


async def test_too_many_wishes_have_to_wait(browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """Nobody's mailbox is filled from here."""
    answers = [await send(browser, "/ui/forgotten-password", user_name="nobody") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 6 + [429]
    assert "Too many tries. Wait 60 minutes" in answers[-1].text
    assert answers[-1].headers["retry-after"] == "3600"
    empty = await send(browser, "/ui/forgotten-password", user_name=" ")
    assert (empty.status_code, "Enter your user name" in empty.text) == (400, True)


async def test_invited_person_chooses_a_password_and_signs_in(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant
) -> None:
    """The address is confirmed by that."""
    user_id = await tenant.user(password="")
    await tenant.do("CreateInvitation", user_id=user_id)
    mail = await site.mail.next("invite_user")
    assert (await sign_in(browser, user_name="grace", password=PASSWORD)).status_code == 403
    done = await send(browser, mail.values["link"], **choice())
    assert "Your account is ready" in done.text
    assert (await sign_in(browser, user_name="grace", password=NEW)).status_code == 303
    assert (await tenant.do("GetUser", user_id=user_id))["email_verified"] is True


async def test_address_is_confirmed_by_the_link(site: Site, browser: httpx.AsyncClient, tenant: Tenant) -> None:
    """The form is filled in already; a wrong code says so in the same words as a used one."""
    user_id = await tenant.user()
    await tenant.do("ResendEmailCode", user_id=user_id)
    mail = await site.mail.next("verify_email")
    shown = await browser.get(mail.values["link"])
    assert f'value="{mail.values["code"]}"' in shown.text
    assert (await tenant.do("GetUser", user_id=user_id))["email_verified"] is False
    wrong = await send(browser, mail.values["link"], code="ZZZZZZZZ")
    empty = await send(browser, mail.values["link"], code="")
    done = await send(browser, mail.values["link"], code=mail.values["code"].lower())
    used = await send(browser, mail.values["link"], code=mail.values["code"])
    assert NOT_VALID in wrong.text
    assert "Enter the code" in empty.text
    assert "Your e-mail address is confirmed" in done.text
    assert NOT_VALID in used.text
    assert (await tenant.do("GetUser", user_id=user_id))["email_verified"] is True


@pytest.mark.parametrize("path", ["/ui/reset-password", "/ui/invitation", "/ui/verify-email"])
async def test_broken_links_and_foreign_forms(browser: httpx.AsyncClient, tenant: Tenant, path: str) -> None:
    """A link without its end leads to an explanation; a form of another site is refused; malformed ids are wrong."""
    assert (await browser.get(path)).status_code == 400
    assert "This link is not complete" in (await browser.get(path)).text
    page = f"{path}?user=nobody&code=BCDFGHJK"
    form = hidden((await browser.get(page)).text)
    foreign = await browser.post(path, data={**form, **choice()}, headers={"origin": "https://evil.example.com"})
    assert foreign.status_code == 403
    odd = await send(browser, f"{path}?user=%3Cscript%3E&code=BCDFGHJK", **choice(), code="BCDFGHJK")
    assert odd.status_code == 400
    assert NOT_VALID in odd.text
    assert "<script>" not in odd.text


async def test_a_link_of_one_instance_is_nothing_in_another(
    site: Site, browser: httpx.AsyncClient, tenant: Tenant
) -> None:
    """The code is looked for in the instance of the host alone."""
    await site.tenant("https://id.example.net")
    mail = await forgotten(site, browser, tenant)
    async with site.browser("https://id.example.net") as there:
        link = mail.values["link"].replace("https://id.example.com", "https://id.example.net")
        refused = await send(there, link, **choice())
        assert NOT_VALID in refused.text
    assert "Your password is set" in (await send(browser, mail.values["link"], **choice())).text
