"""Single logout with service providers that we did not write: each signs out, and hears that somebody did."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

import httpx
import pytest
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, BINDING_SOAP  # type: ignore[import-untyped]  # has no types

from tests.e2e.authlib_party import Party, came_back
from tests.e2e.rest import Person, World
from tests.e2e.server import HexkeepServer, serving
from tests.e2e.test_saml import registered
from tests.fakes.web_server import answer, web_server
from tests.saml_node import AVAILABLE, WHY_NOT, NodeSaml
from tests.saml_parties import Fields, OneLogin, PySaml2, Rejected, ServiceProvider, Told, form_of, swapped, tampered
from tests.waiting import until

SP = "https://wiki.example.com"
UNSIGNED = "saml_request_unsigned"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """One server for all of them, which may reach those beside it."""
    settings = {"HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true"}
    with serving(tmp_path_factory.mktemp("slo"), settings) as server:
        yield server


class Browser:
    """A browser of somebody who has signed in: it goes where it is sent, as far as that is here."""

    def __init__(self, world: World, person: Person | None = None) -> None:
        who = person or world.ada
        self.http = httpx.Client(base_url=world.server.origin, trust_env=False)
        opened = world.rest.post("/auth/v1/sessions", login_name=who.user_name, password=who.password)
        self.session, self.session_id = str(opened["session_token"]), str(opened["session_id"])
        self.cookies = {"__Host-hexkeep-session": self.session}
        self.origin = world.server.origin

    def signed_in(self) -> bool:
        """Whether the session that it began with goes on."""
        return self.http.get("/auth/v1/me", headers={"authorization": f"Bearer {self.session}"}).is_success

    def refused(self, url: str, fields: Fields) -> str:
        """The page for a message that ends nothing."""
        answer = self.http.post(url, data=dict(fields)) if fields else self.http.get(url)
        assert answer.status_code in {400, 403}
        assert self.signed_in()
        return answer.text

    def go(self, url: str, fields: Fields | None = None) -> tuple[str, Fields]:
        """Where it leaves for, with which form; a form of another site brings no cookies (SameSite=Lax)."""
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if fields:
            answer = self.http.post(url, data=dict(fields), headers={"origin": SP})
        else:
            answer = self.http.get(url, headers={"cookie": sent})
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for line in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in line:
                self.cookies.pop(line.partition("=")[0], None)
        if onward := answer.headers.get("location") or answer.headers.get("refresh", "").removeprefix("0; url="):
            return self.go(onward) if onward.startswith(("/", self.origin)) else (onward, {})
        assert answer.status_code == 200, answer.text
        action, posted = form_of(answer.text)
        if posted:
            return action, posted
        links = [part.partition('"')[0] for part in answer.text.split('id="onward" href="')[1:]]
        return (links[0].replace("&amp;", "&"), {}) if links else (str(answer.url), {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()


def joined(browser: Browser, party: ServiceProvider, **wishes: Any) -> Told:
    """The sign-in of the browser's person to a service provider."""
    _, posted = browser.go(*party.begin(**wishes))
    return party.accept(posted)


def test_each_hears_when_another_signs_out(world: World, tmp_path: Path) -> None:
    """python3-saml asks; another one and pysaml2 are asked in turn, and the answer with RelayState comes at last."""
    first, second, third = OneLogin(SP), OneLogin(SP, path="/two"), PySaml2(SP, tmp_path)
    for party in (first, second, third):
        registered(world, party)
    with Browser(world) as browser:
        told = joined(browser, first)
        joined(browser, second)
        joined(browser, third)
        assert browser.signed_in()
        way = browser.go(*first.sign_out(told, relay_state=f"{SP}/bye?a=b c"))
        assert not browser.signed_in()
        assert way[0].startswith(second.logout)
        way = browser.go(*second.hear(*way))
        assert way[0] == third.logout
        way = browser.go(*third.hear(*way))
        assert way[0].startswith(first.logout)
        assert parse_qs(urlsplit(way[0]).query)["RelayState"] == [f"{SP}/bye?a=b c"]
        first.signed_out(*way)
        assert browser.cookies == {}


@pytest.mark.parametrize("binding", [BINDING_HTTP_POST, BINDING_HTTP_REDIRECT])
def test_pysaml2_signs_out_by_either_binding(world: World, tmp_path: Path, binding: str) -> None:
    """By a form of its own site, with which no cookie comes, as well; another one hears of it before it is answered."""
    party, other = (
        PySaml2(SP, tmp_path, path="/" + binding[-4:], logout=binding),
        OneLogin(SP, path=f"/of{binding[-4:]}"),
    )
    for one in (party, other):
        registered(world, one)
    with Browser(world) as browser:
        told = joined(browser, party)
        joined(browser, other)
        way = browser.go(*other.hear(*browser.go(*party.sign_out(told))))
        assert not browser.signed_in()
        party.signed_out(*way)
        assert browser.cookies == {}


def test_pysaml2_signs_out_by_soap(world: World, tmp_path: Path) -> None:
    """From server to server, where its response comes too; it says so if another hears by the browser alone."""
    party, other = PySaml2(SP, tmp_path, path="/soap", logout=BINDING_SOAP), OneLogin(SP, path="/redirect")
    for one in (party, other):
        registered(world, one)
    for others, statuses in (((), ["Success"]), ((other,), ["Success", "PartialLogout"])):
        with Browser(world) as browser:
            for one in (party, *others):
                joined(browser, one)
            assert party.sign_out_by_soap() == statuses
            assert not browser.signed_in()


def test_encrypted_names_are_read_by_service_providers(world: World, tmp_path: Path) -> None:
    """python3-saml insists on them, in assertions and in requests for a logout; pysaml2 reads them as well."""
    party, other = OneLogin(SP, path="/hidden"), PySaml2(SP, tmp_path, path="/hides")
    party.security(wantNameIdEncrypted=True)
    for one in (party, other):
        registered(world, one, encrypt_name_ids=True, name_id_format="persistent")
    with Browser(world) as browser:
        _, posted = browser.go(*party.begin())
        assert "NameID" not in base64.b64decode(posted["SAMLResponse"]).decode()
        assert world.ada.user_id not in party.accept(posted).name_id
        told = joined(browser, other)
        assert told.name_id
        other.signed_out(*browser.go(*party.hear(*browser.go(*other.sign_out(told)))))
        assert not browser.signed_in()


def test_browser_tells_a_service_provider_of_a_session_that_ended_without_it(world: World) -> None:
    """An administrator has ended it; who signs out in that browser afterwards is led there, once."""
    party, eve = OneLogin(SP, path="/later"), world.person("eve-later")
    registered(world, party)
    with Browser(world, eve) as browser:
        joined(browser, party)
        ended = world.rest.send("POST", f"/management/v1/users/{eve.user_id}/sessions/end")
        assert ended.is_success, ended.text
        way = browser.go("/ui/logout")
        assert way[0].startswith(party.logout)
        assert browser.go(*party.hear(*way))[0].endswith("/ui/signed-out")
        assert browser.go("/ui/logout")[0].endswith("/ui/signed-out")


async def test_applications_of_both_protocols_hear_of_each_other(world: World) -> None:
    """OIDC hears by its back channel of a logout by SAML; one by OIDC leads over SAML to where it comes back."""
    party = OneLogin(SP, path="/mixed")
    await asyncio.to_thread(registered, world, party)
    async with web_server({"/hears": answer()}) as web:
        uris = {"back": f"{SP}/back", "bye": f"{SP}/gone"}
        metadata = {"backchannel_logout_uri": f"http://localhost:{web.port}/hears"}
        made = await asyncio.to_thread(
            lambda: world.application(uris["back"], post_logout_redirect_uris=[uris["bye"]], client_metadata=metadata)
        )
        shop = Party(world.server, made, uris["back"], "openid")
        carl = await asyncio.to_thread(world.person, "carl")
        with Browser(world, carl) as browser:
            told = await asyncio.to_thread(joined, browser, party)
            await shop.redeem(await came_back(shop, browser.session))
            party.signed_out(*await asyncio.to_thread(browser.go, *party.sign_out(told)))
            await until(lambda: asyncio.sleep(0, bool(web.bodies)), 15)
            assert b"logout_token=" in web.bodies[0]
        with Browser(world, carl) as browser:
            await asyncio.to_thread(joined, browser, party)
            token = await shop.redeem(await came_back(shop, browser.session))
            way = await asyncio.to_thread(browser.go, await shop.logout(token, uris["bye"], "s"))
            assert not browser.signed_in()
            assert way[0].startswith(party.logout)
            assert await asyncio.to_thread(browser.go, *party.hear(*way)) == (f"{uris['bye']}?state=s", {})


@pytest.mark.skipif(not AVAILABLE, reason=WHY_NOT)
@pytest.mark.parametrize("mended", [False, True])
def test_node_saml_signs_in_and_out(world: World, *, mended: bool) -> None:
    """It hears when another signs out, signs out itself, and believes nothing that was changed on its way."""
    bob = world.person(f"bob-{mended}".lower())  # sign-ins of one are counted
    with NodeSaml.running(SP, mended=mended) as party:
        other = OneLogin(SP, path=f"/beside-{mended}")
        registered(world, party, name_id_format="persistent")
        registered(world, other)
        with Browser(world, bob) as browser:
            told = joined(browser, other)
            joined(browser, party)
            way = browser.go(*party.hear(*browser.go(*other.sign_out(told))))
            other.signed_out(*way)
        with Browser(world, bob) as browser:
            joined(browser, other)
            told = joined(browser, party)
            assert bob.user_id not in told.name_id
            way = browser.go(*other.hear(*browser.go(*party.sign_out(told, relay_state="/bye"))))
            assert not browser.signed_in()
            assert way[0].startswith(party.logout)
            forged = tampered(way[1], "status:Success", "status:Requester") if way[1] else {}
            with pytest.raises(Rejected):
                party.signed_out(way[0].replace("%2Fbye", "%2Fevil"), forged)
            party.signed_out(*way)
        with Browser(world, bob) as browser:
            _, former = browser.go(*party.begin())
            for change in (
                changed(told.name_id, "root"),
                changed(' Version="2.0"', ' Version="2.1"'),
                partial(swapped, former),
            ):
                _, posted = browser.go(*party.begin())  # it forgets a request whose answer it did not believe
                with pytest.raises(Rejected, match=r"[Ss]ignature"):
                    party.accept(change(posted))
            assert party.accept(former).name_id == told.name_id


def signed_otherwise(url: str) -> str:
    """The same message with a signature of another content, which still is base64 in a query."""
    message, _, signature = url.rpartition("&Signature=")
    octets = base64.b64decode(unquote_plus(signature))
    return f"{message}&Signature={quote_plus(base64.b64encode(octets[:-1] + bytes([octets[-1] ^ 1])))}"


def changed(old: str, new: str) -> Callable[[Fields], Fields]:
    """Something else in the place of what was signed."""
    return lambda fields: tampered(fields, old, new)


@pytest.mark.parametrize("kind", ["python3-saml", "pysaml2"])
def test_assertion_of_another_answer_is_refused(world: World, tmp_path: Path, kind: str) -> None:
    """Well signed as it is, what is around it was signed with another one, and it answers another request."""
    party = PySaml2(SP, tmp_path, path="/swapping") if kind == "pysaml2" else OneLogin(SP, path="/swapped")
    registered(world, party)
    with Browser(world) as browser:
        _, former = browser.go(*party.begin())
        _, posted = browser.go(*party.begin())
    with pytest.raises(Rejected):
        party.accept(swapped(former, posted))
    assert party.accept(posted).name_id == world.ada.user_name


def test_changed_messages_of_logout_end_nothing(world: World, tmp_path: Path) -> None:
    """Another RelayState or signature over the query, another name in a form, SHA-1, and no signature at all."""
    party, posting = OneLogin(SP, path="/changed"), PySaml2(SP, tmp_path, path="/changing")
    for one in (party, posting):
        registered(world, one)
    with Browser(world) as browser:
        told, also = joined(browser, party), joined(browser, posting)
        url, _ = party.sign_out(told, relay_state="/bye")
        assert UNSIGNED in browser.refused(url.replace("%2Fbye", "%2Fevil"), {})
        assert UNSIGNED in browser.refused(signed_otherwise(url), {})
        assert UNSIGNED in browser.refused(url.partition("&SigAlg")[0], {})
        party.security(signatureAlgorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
        assert UNSIGNED in browser.refused(party.sign_out(told)[0], {})
        action, fields = posting.sign_out(also)
        assert UNSIGNED in browser.refused(action, tampered(fields, ">ada<", ">root<"))
        short = {**fields, "SAMLRequest": fields["SAMLRequest"][:-40]}
        assert "saml_request_invalid" in browser.refused(action, short)
        assert browser.go(action, fields)[0].startswith(party.logout)
