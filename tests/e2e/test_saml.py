"""Service providers that we did not write sign people in by SAML over sockets, and believe nothing that was changed."""

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.rest import MANAGEMENT, ROLE, Rest, World
from tests.e2e.server import HexkeepServer, assert_well_behaved, installed
from tests.saml_parties import OneLogin, PySaml2, Rejected, ServiceProvider, Told, form_of, tampered

SP = "https://wiki.example.com"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
PASSWORD_CLASS = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HexkeepServer]:
    """One server for all of them."""
    with installed(tmp_path_factory.mktemp("saml")) as server:
        server.start()
        yield server
        server.stop()
    assert_well_behaved(server)


@pytest.fixture(scope="module")
def world(server: HexkeepServer) -> Iterator[World]:
    """Its administrator, and ada."""
    with Rest(server) as rest:
        yield World(server, rest)


class Knowing(Protocol):
    """A service provider that can be introduced."""

    def know(self, metadata: str) -> None:
        """Read the metadata of the identity provider."""

    def metadata(self) -> str:
        """Its own."""


def registered(world: World, party: Knowing, **options: Any) -> str:
    """The application of a service provider, each knowing the other's metadata; its client id."""
    party.know(httpx.get(f"{world.server.origin}/saml/metadata", trust_env=False).text)
    made = world.rest.post(
        f"{MANAGEMENT}/applications/saml",
        project_id=world.project_id,
        name="Wiki",
        metadata_xml=party.metadata(),
        options=options,
    )
    return str(made["client_id"])


@pytest.fixture(scope="module")
def onelogin(world: World) -> OneLogin:
    """python3-saml, which gets assertions encrypted and with roles."""
    party = OneLogin(SP, encrypted=True)
    roles = {"source": "roles", "name": "roles"}
    mail = {"source": "email", "name": "urn:oid:0.9.2342.19200300.100.1.3", "friendly_name": "mail"}
    registered(world, party, encrypt_assertions=True, name_id_format="persistent", attributes=[roles, mail])
    return party


@pytest.fixture(scope="module")
def pysaml2(world: World, tmp_path_factory: pytest.TempPathFactory) -> PySaml2:
    """pysaml2, which is answered as usual."""
    party = PySaml2(SP, tmp_path_factory.mktemp("pysaml2"))
    registered(world, party)
    return party


def browser(world: World, *, signed_in: bool = True) -> httpx.Client:
    """A browser, of ada unless she has yet to sign in."""
    made = httpx.Client(base_url=world.server.origin, trust_env=False)
    if signed_in:
        made.headers["cookie"] = f"__Host-hexkeep-session={world.ada_session}"
    return made


def answer(world: World, party: ServiceProvider, **wishes: Any) -> dict[str, str]:
    """What ada's browser posts to the service provider after its request: single sign-on."""
    url, fields = party.begin(**wishes)
    with browser(world) as ada:
        shown = ada.post(url, data=dict(fields)) if fields else ada.get(url)
    assert shown.status_code == 200, shown.text
    _, posted = form_of(shown.text)
    return posted


def told(world: World, party: ServiceProvider, **wishes: Any) -> Told:
    """What the service provider makes of that."""
    return party.accept(answer(world, party, **wishes))


def test_python3_saml_signs_somebody_in_with_everything_signed_and_encrypted(world: World, onelogin: OneLogin) -> None:
    """Strictly, schemas and all: signed request, signed response, signed and encrypted assertion; roles are told."""
    found = told(world, onelogin, relay_state=f"{SP}/after?a=b&c=d")
    assert (found.format, found.context) == (PERSISTENT, PASSWORD_CLASS)
    assert found.attributes["roles"] == [ROLE]
    assert found.attributes["urn:oid:0.9.2342.19200300.100.1.3"] == ["ada@example.com"]
    assert world.ada.user_id not in found.name_id
    assert told(world, onelogin).name_id == found.name_id


@pytest.mark.parametrize("post", [False, True])
def test_pysaml2_signs_somebody_in_by_either_binding(world: World, pysaml2: PySaml2, *, post: bool) -> None:
    """A request by redirect is signed over the query, one by a form within; attributes are found under their names."""
    posted = answer(world, pysaml2, relay_state="where I was", post=post)
    assert posted["RelayState"] == "where I was"
    found = pysaml2.accept(posted)
    assert found.name_id == "ada"
    assert {name: found.attributes[name] for name in ("uid", "mail", "givenName")} == {
        "uid": ["ada"],
        "mail": ["ada@example.com"],
        "givenName": ["Ada"],
    }


def test_service_provider_signs_by_an_elliptic_curve(world: World, tmp_path: Path) -> None:
    """RFC 9231 section 2.3.6: ECDSA by pysaml2 and the program xmlsec1; another key of that curve is nobody's here."""
    folders = [tmp_path / name for name in ("own", "stolen")]
    for folder in folders:
        folder.mkdir()
    own, stranger = (PySaml2(SP, folder, path="/curve", curve=ec.SECP384R1()) for folder in folders)
    registered(world, own)
    assert told(world, own, post=True).name_id == "ada"
    stranger.know(httpx.get(f"{world.server.origin}/saml/metadata", trust_env=False).text)
    url, fields = stranger.begin(post=True)
    assert b"xmldsig-more#ecdsa-sha256" in b64decode(fields["SAMLRequest"])
    with browser(world) as ada:
        refused = ada.post(url, data=dict(fields))
    assert (refused.status_code, "SAMLResponse" in refused.text) == (403, False)


def test_form_of_another_site_is_led_through_get(world: World, pysaml2: PySaml2) -> None:
    """A cross-site POST comes without the session's cookie: the hop fetches it before anybody is asked to sign in."""
    url, fields = pysaml2.begin(post=True)
    with browser(world, signed_in=False) as somebody:
        hop = somebody.post(url, data=dict(fields), headers={"origin": SP})
    assert hop.status_code == 303
    with browser(world) as ada:
        shown = ada.get(hop.headers["location"])
    assert pysaml2.accept(form_of(shown.text)[1]).name_id == "ada"


def test_service_provider_asks_for_a_form_of_name(world: World, pysaml2: PySaml2) -> None:
    """NameIDPolicy: what is asked for is told, each persistent name to one service provider alone."""
    mail = told(world, pysaml2, nameid_format=EMAIL)
    assert (mail.name_id, mail.format) == ("ada@example.com", EMAIL)
    other = told(world, pysaml2, nameid_format=PERSISTENT)
    assert other.format == PERSISTENT
    assert other.name_id not in {"ada", world.ada.user_id}


def test_service_provider_asks_for_a_certain_user(world: World, onelogin: OneLogin) -> None:
    """Subject: by the name that it was told before; for another one ada's session is not enough."""
    name = told(world, onelogin).name_id
    assert told(world, onelogin, name_id_value_req=name).name_id == name
    with browser(world) as ada:
        shown = ada.get(onelogin.begin(name_id_value_req="somebody-else")[0])
    assert (shown.status_code, urlsplit(shown.headers["location"]).path) == (303, "/ui/login")


def test_who_is_not_signed_in_is_asked_and_comes_back(world: World, onelogin: OneLogin) -> None:
    """The sign-in pages are those of all applications; afterwards the answer goes where the request came from."""
    url, _ = onelogin.begin()
    with browser(world, signed_in=False) as somebody:
        to_login = somebody.get(url)
        page = somebody.get(to_login.headers["location"])
        assert "Wiki" in page.text
        action, fields = form_of(page.text)
        form = {**fields, "user_name": world.ada.user_name, "password": world.ada.password, "decision": "sign_in"}
        cookies = "; ".join(f"{one.name}={one.value}" for one in somebody.cookies.jar)
        headers = {"origin": world.server.origin, "cookie": cookies}
        shown = somebody.post(action, data=form, headers=headers)
    where, posted = form_of(shown.text)
    assert where == onelogin.consumer
    assert onelogin.accept(posted).context == PASSWORD_CLASS


@pytest.mark.parametrize("party", ["onelogin", "pysaml2"])
def test_changed_answer_is_refused(world: World, request: pytest.FixtureRequest, party: str) -> None:
    """What canonicalisation does not see may change; anything else, and neither service provider believes it."""
    one: OneLogin | PySaml2 = request.getfixturevalue(party)
    posted = answer(world, one)
    with pytest.raises(Rejected):
        one.accept(tampered(posted, 'Version="2.0"', 'Version="2.1"'))
    assert one.accept(tampered(posted, " InResponseTo=", "  InResponseTo=")).context == PASSWORD_CLASS


def test_somebody_elses_name_is_refused(world: World, pysaml2: PySaml2) -> None:
    """Who changes the name in an assertion is nobody."""
    with pytest.raises(Rejected):
        pysaml2.accept(tampered(answer(world, pysaml2), ">ada<", ">root<"))


def test_passive_request_is_answered_with_a_status(world: World, onelogin: OneLogin) -> None:
    """IsPassive shows no page: without a session there is a signed answer that says NoPassive, which is believed."""
    url, _ = onelogin.begin(is_passive=True)
    with browser(world, signed_in=False) as somebody:
        _, posted = form_of(somebody.get(url).text)
    with pytest.raises(Rejected, match="NoPassive"):
        onelogin.accept(posted)


def test_sign_in_that_began_here(world: World) -> None:
    """Where an application allows it people begin here; no request is answered then."""
    party = OneLogin(SP, path="/begun-here")
    client_id = registered(world, party, idp_initiated=True)
    with browser(world) as ada:
        shown = ada.get("/saml/begin", params={"client_id": client_id, "RelayState": "/start"})
        action, posted = form_of(shown.text)
        assert (action, posted["RelayState"]) == (party.consumer, "/start")
        assert "InResponseTo" not in shown.text
        assert party.accept(posted).name_id == "ada"
        world.rest.send("PATCH", f"{MANAGEMENT}/applications/saml/{client_id}", json={"options": {}})
        assert ada.get("/saml/begin", params={"client_id": client_id}).status_code == 400
