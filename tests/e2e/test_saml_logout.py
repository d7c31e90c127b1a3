"""Single logout with service providers that we did not write: each signs out, and hears that somebody did."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT  # type: ignore[import-untyped]  # has no types

from tests.e2e.rest import World
from tests.e2e.server import HexkeepServer, serving
from tests.e2e.test_saml import registered
from tests.saml_parties import Fields, OneLogin, PySaml2, ServiceProvider, Told, form_of, tampered

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

    def __init__(self, world: World) -> None:
        self.http = httpx.Client(base_url=world.server.origin, trust_env=False)
        opened = world.rest.post("/auth/v1/sessions", login_name=world.ada.user_name, password=world.ada.password)
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
        if answer.is_redirect:
            onward = answer.headers["location"]
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


def test_changed_messages_of_logout_end_nothing(world: World, tmp_path: Path) -> None:
    """Another RelayState or signature over the query, another name in a form, SHA-1, and no signature at all."""
    party, posting = OneLogin(SP, path="/changed"), PySaml2(SP, tmp_path, path="/changing")
    for one in (party, posting):
        registered(world, one)
    with Browser(world) as browser:
        told, also = joined(browser, party), joined(browser, posting)
        url, _ = party.sign_out(told, relay_state="/bye")
        assert UNSIGNED in browser.refused(url.replace("%2Fbye", "%2Fevil"), {})
        assert UNSIGNED in browser.refused(url[:-8] + ("A" if url[-8] != "A" else "B") + url[-7:], {})
        assert UNSIGNED in browser.refused(url.partition("&SigAlg")[0], {})
        party.security(signatureAlgorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
        assert UNSIGNED in browser.refused(party.sign_out(told)[0], {})
        action, fields = posting.sign_out(also)
        assert UNSIGNED in browser.refused(action, tampered(fields, ">ada<", ">root<"))
        short = {**fields, "SAMLRequest": fields["SAMLRequest"][:-40]}
        assert "saml_request_invalid" in browser.refused(action, short)
        assert browser.go(action, fields)[0].startswith(party.logout)
