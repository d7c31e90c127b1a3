"""A forum, as it is called once: DiscourseConnect, with the forum as the provider.

The browser carries what we ask, signed, and comes back with what the forum tells, signed with the same secret. Nothing
is fetched. What binds an answer to its question is the nonce, and the state in the URL that the forum sends back to.
"""

import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from hexkeep.ports.idp import Begun, Identity, IdpMalformed, SignInAsked, SignInReturned, SignOutAsked, Surroundings
from hexkeep_discourse.kind import DiscourseSettings
from hexkeep_discourse.payload import opened, signed

ENDPOINT = "/session/sso_provider"
SESSION = "browser"
"""What is wanted back to sign somebody out: whose browser it is the forum sees by its cookie, and needs no more."""
NOT_ABOUT_PEOPLE = frozenset({"nonce", "return_sso_url"})


class DiscourseForum:
    """Plays ``RedirectProvider`` and ``LogoutProvider``."""

    def __init__(self, settings: DiscourseSettings, _: Surroundings) -> None:
        self._settings = settings

    async def begin(self, asked: SignInAsked) -> Begun:
        """To the forum, which sends back to our callback."""
        nonce = secrets.token_urlsafe(32)
        return Begun(self._url(nonce, asked.callback, asked.state), {"nonce": nonce})

    async def finish(self, returned: SignInReturned) -> Identity:
        """Who has come back, if the forum has signed it for this very attempt."""
        told = opened(returned.parameters, self._settings.secret)
        if told is None:
            raise IdpMalformed("signature")
        if not hmac.compare_digest(told.get("nonce", "").encode(), returned.kept["nonce"].encode()):
            raise IdpMalformed("nonce")
        return self._identity(told)

    async def logout(self, asked: SignOutAsked) -> str:
        """To the forum, which signs out who is there, whoever that is, and sends back."""
        return self._url(secrets.token_urlsafe(32), asked.back, asked.state, logout="true")

    def _url(self, nonce: str, back: str, state: str, **more: str) -> str:
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
                claims={name: value for name, value in told.items() if name not in NOT_ABOUT_PEOPLE},
            )
        except ValueError:
            raise IdpMalformed("external_id") from None
