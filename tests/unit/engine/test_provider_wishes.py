"""What an identity provider may want when somebody begins to sign in."""

from typing import Any, cast

import pytest

from hexkeep.adapters.joserfc.jose import JoserfcJose
from hexkeep.adapters.offload.threads import Threads
from hexkeep.core.idp.kinds import IdpKind, IdpSettings
from hexkeep.core.idpintent.asks import BeginAtProvider, ProviderSetUp
from hexkeep.engine.answers import Call
from hexkeep.engine.providers import MAX_KEPT, MAX_URL, Providers
from hexkeep.ports.idp import Begun, Identity, IdpMalformed, IdpOffer, SignInAsked, SignInReturned
from hexkeep.ports.outbound import Nowhere
from hexkeep.testing.idp import StandingClock

KIND = IdpKind("odd", "Odd", "odd one", IdpSettings)
GOOD = "https://odd.example.net/"


class Odd:
    """A provider that begins in the given way."""

    def __init__(self, begun: Begun) -> None:
        self._begun = begun

    async def begin(self, _asked: SignInAsked) -> Begun:
        """As given."""
        return self._begun

    async def finish(self, _returned: SignInReturned) -> Identity:
        """Not called here."""
        raise AssertionError


async def begin(begun: Begun) -> Begun:
    """What the engine makes of it."""
    offers: dict[str, IdpOffer[Any]] = {"odd": IdpOffer(KIND, IdpSettings, lambda _settings, _around: Odd(begun))}
    answers = Providers(offers, Nowhere(), JoserfcJose(), StandingClock(), Threads()).answers()
    ask = BeginAtProvider(ProviderSetUp("id", "odd", {}, {}), "https://id.example.com/callback", "state")
    found: Begun = await cast("Any", answers[BeginAtProvider])(cast("Call", None), ask)
    return found


async def test_what_is_bearable_is_taken() -> None:
    """A URL of a server, something to keep, and one header that is not for us."""
    begun = Begun(GOOD, {"nonce": "n"}, header="X-Auth-Token")
    assert await begin(begun) == begun


@pytest.mark.parametrize(
    "begun",
    [
        Begun("javascript:alert(1)"),
        Begun("http://odd.example.net/"),
        Begun(GOOD + "x" * MAX_URL),
        Begun(GOOD, {"much": "x" * MAX_KEPT}),
        Begun(GOOD, header="Cookie"),
        Begun(GOOD, header="authorization"),
    ],
    ids=["script", "plain", "long", "much", "cookie", "authorization"],
)
async def test_what_is_not_is_malformed(begun: Begun) -> None:
    """Whoever has written the plugin: nobody is sent anywhere, and nothing of ours is promised to a provider."""
    with pytest.raises(IdpMalformed):
        await begin(begun)
