"""npm openid-client and oauth4webapi with dpop, which we did not write, hold tokens that nobody else can use."""

import pytest

from tests.e2e.node_party import CALLBACK, OrderedParty
from tests.e2e.rest import World

ME = "/auth/v1/me"
USERINFO = "/oidc/userinfo"
STOLEN = {
    "as a bearer token": [401, "invalid_token"],
    "without a proof": [401, "invalid_dpop_proof"],
    "with another key": [401, "invalid_dpop_proof"],
}


@pytest.mark.parametrize("library", ["openid-client", "oauth4webapi"])
async def test_tokens_are_good_with_their_key_alone(world: World, library: str) -> None:
    """RFC 9449 sections 5, 7, 8 and 10: with a nonce that is demanded, from the code to our own API, after a refresh.

    Stolen the tokens are worth nothing; what they were good for is tried before and after.
    """
    client = world.application(
        CALLBACK,
        api_access=True,
        client_metadata={"dpop_bound_access_tokens": True, "dpop_nonce_required": True},
    )
    configuration = {
        "issuer": world.server.origin,
        "client_id": client.client_id,
        "client_secret": client.client_secret,
        "redirect_uri": CALLBACK,
    }
    me = f"{world.server.origin}{ME}"
    async with OrderedParty.running(world, "dpop.mjs") as party:
        assert await party.order(configure=configuration) == {}
        seen = await party.signed_in(begin=library)
        assert seen["token_type"].lower() == "dpop"
        assert seen["userinfo"]["sub"] == seen["claims"]["sub"] == world.ada.user_id
        for _ in range(2):
            called = await party.order(call=me, method="GET")
            assert (called["status"], called["answer"]["user_id"]) == (200, world.ada.user_id)
            assert called["nonce"]
            for url in (me, f"{world.server.origin}{USERINFO}"):
                stolen = await party.order(steal=url)
                assert stolen.pop("nonce")
                assert stolen == STOLEN
            refreshed = await party.order(refresh=True)
            assert (refreshed["token_type"].lower(), refreshed["again"]) == ("dpop", True)
