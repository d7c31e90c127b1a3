"""A mail that a real server sends through a real mail server, and the link in it."""

import asyncio
import re
from pathlib import Path

import httpx

from tests.e2e.rest import Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.fakes.mail_server import mail_server
from tests.fakes.web_server import certified

PROVIDERS = "/admin/v1/notification-providers"
NEW_PASSWORD = "seven sad seagulls"
SMTP_PASSWORD = "nobody guesses this"


async def test_forgotten_password_is_reset_by_the_link_in_a_mail(tmp_path: Path) -> None:
    """An administrator sets a mail server up over REST and tests it; ada gets her link, in German, and uses it."""
    certificate, context = certified("localhost", tmp_path)
    settings = {"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true", "HEXKEEP_OUTBOUND__CERTIFICATES": str(certificate)}
    async with mail_server(starttls=context, login=("hexkeep", SMTP_PASSWORD)) as mails:
        with installed(tmp_path, settings) as server:
            server.secrets |= {SMTP_PASSWORD, NEW_PASSWORD, "ada@example.com"}
            await asyncio.to_thread(server.start)
            with Rest(server) as rest:
                world = await asyncio.to_thread(World, server, rest)
                provider = await asyncio.to_thread(_provider, rest, mails.port)
                tested = await mails.next()
                assert (tested["To"], tested["Subject"]) == ("admin@example.com", "Eine Testnachricht")
                await asyncio.to_thread(_switch_on, rest, provider)
                await asyncio.to_thread(rest.post, "/auth/v1/password-resets", login_name="ada")
                mail = await mails.next()
                assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Wählen Sie ein neues Passwort")
                text = mail.get_body(("plain",))
                assert text is not None
                await asyncio.to_thread(_reset, server, text.get_content())
                await asyncio.to_thread(rest.sign_in, world.ada.user_name, NEW_PASSWORD)
            await asyncio.to_thread(server.stop)
        assert mails.encrypted == [True] * len(mails.encrypted)
        assert_well_behaved(server)


def _provider(rest: Rest, port: int) -> str:
    created: str = rest.post(
        f"{PROVIDERS}/smtp",
        name="Our mails",
        host="localhost",
        port=port,
        user_name="hexkeep",
        password=SMTP_PASSWORD,
        sender_address="noreply@example.com",
        sender_name="Example",
    )["provider_id"]
    assert SMTP_PASSWORD not in str(rest.get(f"{PROVIDERS}/{created}"))
    rest.post(f"{PROVIDERS}/{created}/test", address="admin@example.com", language="de")
    return created


def _switch_on(rest: Rest, provider: str) -> None:
    rest.post(f"{PROVIDERS}/{provider}/activate")
    response = rest.send("PUT", "/admin/v1/settings/default-language", json={"language": "de"})
    assert response.is_success, response.text


def _reset(server: HexkeepServer, text: str) -> None:
    """Open the link and choose a password, as a browser does."""
    [link] = re.findall(r"http\S+", text)
    server.secrets.add(link.partition("code=")[2])
    assert link.startswith(f"{server.origin}/ui/reset-password?")
    with httpx.Client(trust_env=False, headers={"origin": server.origin}) as browser:
        page = browser.get(link, follow_redirects=True)
        assert page.status_code == 200, page.text
        fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        filled = dict.fromkeys(re.findall(r'<input[^>]*type="password"[^>]*name="([^"]+)"', page.text), NEW_PASSWORD)
        filled |= dict.fromkeys(re.findall(r'<input[^>]*name="([^"]+)"[^>]*type="password"', page.text), NEW_PASSWORD)
        kept = "; ".join(f"{cookie.name}={cookie.value}" for cookie in browser.cookies.jar)
        sent = {"cookie": kept}  # browsers keep Secure cookies of http://localhost, this client does not send them
        done = browser.post(str(page.url), data={**fields, **filled}, headers=sent, follow_redirects=True)
        assert done.status_code == 200, done.text
