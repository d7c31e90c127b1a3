"""npm openid-client, which we did not write, held to FAPI 2.0: pushed and signed requests, signed answers."""

import json
from collections.abc import AsyncIterator

import pytest

from tests.e2e.node_party import CALLBACK, OrderedParty
from tests.e2e.rest import MANAGEMENT, Credentials, World

ALG = "ES256"
PAYMENT = [{"type": "payment", "amount": "5 EUR"}]


class FapiParty(OrderedParty):
    """The process of ``fapi.mjs``."""

    async def configure(self, credentials: Credentials, **metadata: object) -> None:
        """Give it a key of its own, and let it discover its provider."""
        key_file = self.world.rest.post(
            f"{MANAGEMENT}/application-keys", client_id=credentials.client_id, algorithm=ALG
        )
        key = json.loads(key_file["key_file"])["private_key"]
        self.world.server.secrets.add(key["d"])
        configuration = {
            "issuer": self.world.server.origin,
            "client_id": credentials.client_id,
            "metadata": metadata,
            "key": key,
            "alg": ALG,
            "redirect_uri": CALLBACK,
        }
        assert await self.order(configure=configuration) == {}


@pytest.fixture
async def party(world: World) -> AsyncIterator[FapiParty]:
    """The relying party, which knows of no provider yet."""
    async with FapiParty.running(world, "fapi.mjs") as party:
        yield party


def client(world: World, profile: str, **metadata: object) -> Credentials:
    """A client of a profile."""
    return world.application(CALLBACK, auth_method="private_key_jwt", client_metadata={"profile": profile, **metadata})


async def test_security_profile(world: World, party: FapiParty) -> None:
    """Modules happy-flow, par-attempt-reuse-request_uri: pushed with a key and a DPoP proof, tokens bound to it."""
    await party.configure(client(world, "fapi_2_security"))
    seen = await party.signed_in(begin="par")
    assert (seen["claims"]["sub"], seen["token_type"].lower()) == (world.ada.user_id, "dpop")
    assert seen["userinfo"]["sub"] == world.ada.user_id
    begun = await party.order(begin="par")
    assert (await party.visited(begun["url"])).headers["location"].startswith(CALLBACK)
    assert (await party.visited(begun["url"])).status_code == 400


async def test_message_signing(world: World, party: FapiParty) -> None:
    """A request that is signed and pushed, and an answer in a signed JWT."""
    alg = "ES256"
    await party.configure(
        client(world, "fapi_2_message_signing", authorization_signed_response_alg=alg),
        authorization_signed_response_alg=alg,
    )
    seen = await party.signed_in(begin="signed", response_mode="jwt")
    assert seen["claims"]["sub"] == world.ada.user_id
    assert (await party.order(begin="par"))["error"] == "invalid_request"


async def test_request_object_in_the_browser(world: World, party: FapiParty) -> None:
    """RFC 9101 without a push, for a client of no profile."""
    await party.configure(client(world, "unspecified"))
    assert (await party.signed_in(begin="jar"))["claims"]["sub"] == world.ada.user_id


async def test_what_was_not_registered_is_told_at_once(world: World, party: FapiParty) -> None:
    """RFC 9396 section 5 and RFC 9126 section 2.3, as the library understands them."""
    await party.configure(client(world, "fapi_2_security"))
    refused = await party.order(begin="par", parameters={"authorization_details": json.dumps(PAYMENT)})
    assert refused["error"] == "invalid_authorization_details"
