"""Keys change on either side of SAML: nobody who looks at metadata notices, and who does not is not fooled."""

import asyncio
import base64
import re
from pathlib import Path

import httpx
import pytest
from onelogin.saml2.utils import OneLogin_Saml2_Utils  # type: ignore[import-untyped]  # has no types

from tests.e2e.rest import MANAGEMENT, Rest, World
from tests.e2e.server import assert_well_behaved, installed
from tests.e2e.test_saml import SP, answer, browser, registered
from tests.fakes.name_server import name_server
from tests.fakes.web_server import WebServer, certified, web_server
from tests.fakes.web_server import answer as response
from tests.saml_parties import KeyAndCertificate, OneLogin, PySaml2, Rejected

KEYS = "/admin/v1/signing-keys"
CERTIFICATE = re.compile(r"X509Certificate>([^<]+)<")
HOST, PATH = "wiki.example.net", "/metadata"


def metadata(world: World) -> str:
    """Ours, as it is now."""
    return httpx.get(f"{world.server.origin}/saml/metadata", trust_env=False).text


def published(world: World) -> list[str]:
    """The certificates that it tells, the present one first. Its own signature has that as well."""
    found: list[str] = CERTIFICATE.findall(metadata(world))
    signer, *told = found
    assert signer == told[0]
    pem = OneLogin_Saml2_Utils.format_cert(signer)
    assert OneLogin_Saml2_Utils.validate_metadata_sign(metadata(world), cert=pem, debug=True)
    return told


def signer_of(fields: dict[str, str]) -> str:
    """The certificate in the signature of an answer."""
    found: list[str] = CERTIFICATE.findall(base64.b64decode(fields["SAMLResponse"]).decode())
    assert len(set(found)) == 1
    return found[0]


def test_our_key_changes_under_the_eyes_of_service_providers(tmp_path: Path) -> None:
    """Known before it signs, used without anybody's doing, refused by who never looked; the former one goes last."""
    with installed(tmp_path) as server:
        server.start()
        with Rest(server) as rest:
            _change_our_key(World(server, rest), tmp_path)
        server.stop()
    assert_well_behaved(server)


def _change_our_key(world: World, folder: Path) -> None:
    refreshing: tuple[OneLogin | PySaml2, ...] = (OneLogin(SP), PySaml2(SP, folder))
    stale = OneLogin(SP, path="/stale")
    for party in (*refreshing, stale):
        registered(world, party)
    [old] = published(world)
    for party in (*refreshing, stale):
        posted = answer(world, party)
        assert signer_of(posted) == old
        assert party.accept(posted).name_id

    made_ahead = world.rest.post(KEYS, algorithm="rsa-sha256")["key_id"]
    former, new = published(world)
    assert former == old
    for party in refreshing:
        party.know(metadata(world))
        posted = answer(world, party)
        assert signer_of(posted) == old
        assert party.accept(posted).name_id

    world.rest.post(f"{KEYS}/{made_ahead}/activate")
    assert published(world) == [new, old]
    for party in refreshing:
        posted = answer(world, party)
        assert signer_of(posted) == new
        assert party.accept(posted).name_id
    with pytest.raises(Rejected):
        stale.accept(answer(world, stale))

    [resting] = [one for one in world.rest.get(KEYS)["keys"] if one["status"] == "inactive"]
    assert resting["algorithm"] == "rsa-sha256"
    assert world.rest.send("DELETE", f"{KEYS}/{resting['key_id']}").is_success
    assert published(world) == [new]
    for party in (*refreshing, stale):
        party.know(metadata(world))
        assert party.accept(answer(world, party)).name_id


async def test_service_provider_changes_its_key(tmp_path: Path) -> None:
    """Metadata that a federation signs, at a URL: read again by command, and by itself where a signature fails."""
    certificate, tls = certified(HOST, tmp_path)
    async with name_server({(HOST, "A"): ["127.0.0.1"]}) as names, web_server({}, tls) as site:
        settings = {
            "HEXKEEP_OUTBOUND__NAMESERVERS": f'["{names.address}"]',
            "HEXKEEP_OUTBOUND__PRIVATE_NETWORKS": "true",
            "HEXKEEP_OUTBOUND__CERTIFICATES": str(certificate),
        }
        with installed(tmp_path, settings) as server:
            await asyncio.to_thread(server.start)
            with Rest(server) as rest:
                world = await asyncio.to_thread(World, server, rest)
                await asyncio.to_thread(_change_their_key, world, site)
            await asyncio.to_thread(server.stop)
        assert_well_behaved(server)


def _change_their_key(world: World, site: WebServer) -> None:
    federation, party = KeyAndCertificate.new(), OneLogin(SP, encrypted=True)
    first, second, third = party.key, KeyAndCertificate.new(), KeyAndCertificate.new()

    def publish(by: KeyAndCertificate = federation) -> None:
        site.answers[PATH] = response(party.metadata(by).encode())

    publish()
    party.know(metadata(world))
    asked = {"project_id": world.project_id, "name": "Wiki", "metadata_url": f"https://{HOST}:{site.port}{PATH}"}
    options = {"encrypt_assertions": True}
    vouched = {**asked, "options": options, "metadata_certificates": [federation.certificate]}
    client_id = world.rest.post(f"{MANAGEMENT}/applications/saml", **vouched)["client_id"]
    fetch = f"{MANAGEMENT}/applications/saml/{client_id}/fetch-metadata"
    assert party.accept(answer(world, party)).name_id == "ada"

    party.rekey(first, ahead=second)  # published beside the one in use, and read by command
    publish()
    world.rest.post(fetch)
    assert party.accept(answer(world, party)).name_id == "ada"
    party.rekey(second, ahead=first)
    url, _ = party.begin()
    with browser(world) as ada:
        assert ada.get(url).status_code == 200

    party.rekey(third)  # at once, and nobody says a word
    publish()
    with browser(world) as ada:
        assert ada.get(party.begin()[0]).status_code == 403
    assert party.accept(answer(world, party)).name_id == "ada", "read meanwhile: the new key verifies and decrypts"

    publish(KeyAndCertificate.new())
    assert world.rest.send("POST", fetch).status_code == 400
    other = OneLogin(SP, path="/other")
    site.answers[PATH] = response(other.metadata(federation).encode())
    refused = world.rest.send("POST", fetch)
    assert refused.json()["code"] == "failed_precondition"
    assert party.accept(answer(world, party)).name_id == "ada"
