"""A forum, as it is called once: DiscourseConnect, with the forum as the provider.

The browser carries what we ask, signed, and comes back with what the forum tells, signed with the same secret. Nothing
is fetched. What binds an answer to its question is the nonce, and the state in the URL that the forum sends back to.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from hexkeep.ports.idp import (
    Answered,
    Begun,
    Identity,
    IdpMalformed,
    IdpNotRecent,
    SignInAsked,
    SignInReturned,
    SignOutAsked,
    Surroundings,
)
from hexkeep_discourse.kind import DiscourseSettings
from hexkeep_discourse.payload import opened, signed

ENDPOINT = "/session/sso_provider"
SESSION = "browser"
"""What is wanted back to sign somebody out: whose browser it is the forum sees by its cookie, and needs no more."""
KEPT = timedelta(minutes=30)
"""For so long it is known which answers have counted: longer than anybody has for signing in."""
ANEW = {"require_2fa": "true"}
"""How a forum is asked to have somebody who is signed in prove it: by the second factor, for it knows no other way."""
NOT_ABOUT_PEOPLE = frozenset({"nonce", "return_sso_url", "require_2fa", "confirmed_2fa"})


class DiscourseForum:
    """Plays ``RedirectProvider`` and ``LogoutProvider``."""

    def __init__(self, settings: DiscourseSettings, around: Surroundings) -> None:
        self._settings = settings
        self._clock = around.clock

    async def begin(self, asked: SignInAsked) -> Begun:
        """To the forum, which sends back to our callback."""
        nonce, more = secrets.token_urlsafe(32), ANEW if asked.anew else {}
        return Begun(self._url(nonce, asked.callback, asked.state, more), {"nonce": nonce, **more})

    async def finish(self, returned: SignInReturned) -> Identity:
        """Who has come back, if the forum has signed it for this very attempt."""
        told = opened(returned.parameters, self._settings.secret)
        if told is None:
            raise IdpMalformed("signature")
        if not hmac.compare_digest(told.get("nonce", "").encode(), returned.kept["nonce"].encode()):
            raise IdpMalformed("nonce")
        if ANEW.keys() & returned.kept and told.get("confirmed_2fa") != "true":
            raise IdpNotRecent("second_factor")
        return self._identity(told)

    async def logout(self, asked: SignOutAsked) -> str:
        """To the forum, which signs out who is there, whoever that is, and sends back."""
        return self._url(secrets.token_urlsafe(32), asked.back, asked.state, {"logout": "true"})

    def _url(self, nonce: str, back: str, state: str, more: Mapping[str, str]) -> str:
        """Where the browser goes. The forum sends it back to a URL that holds the state."""
        fields = {"nonce": nonce, "return_sso_url": f"{back}?{urlencode({'state': state})}", **more}
        return f"{self._settings.url.removesuffix('/')}{ENDPOINT}?{signed(fields, self._settings.secret)}"

    def _identity(self, told: Mapping[str, str]) -> Identity:
        """The number of the account never changes; its name does. What has no form of its field is left out."""
        try:
            return Identity(
                external_id=told.get("external_id", ""),
                user_name=told.get("username", ""),
                display_name=told.get("name", ""),
                email=told.get("email", ""),
                email_verified=self._settings.email_verified,
                picture=told.get("avatar_url", ""),
                groups=tuple(told.get("groups", "").split(",")),
                session=SESSION,
                answered=Answered(id=told["nonce"], until=self._clock.now() + KEPT),
                claims={name: value for name, value in told.items() if name not in NOT_ABOUT_PEOPLE},
            )
        except ValueError:
            raise IdpMalformed("external_id") from None
