"""Something in front that knows who somebody is, and puts a JWT about them into a header."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from hexkeep.ports.clock import Clock
from hexkeep.ports.outbound import OutboundFailed, WebRequest, WebResponse
from hexkeep.testing.idp import Account, Misbehaviour, Unreached
from hexkeep.testing.idp_oauth import CLIENT_ID, answer
from hexkeep.testing.idp_oidc import Signer, wrong_claims

FRONT = "https://front.example.net"
HEADER = "X-Auth-Token"
SETTINGS: dict[str, object] = {
    "issuer": FRONT,
    "audience": CLIENT_ID,
    "jwks_endpoint": f"{FRONT}/keys",
    "jwt_endpoint": f"{FRONT}/in?app=id",
    "header_name": HEADER,
}


@dataclass
class FrontUpstream(Unreached):
    """A proxy that signs. ``claims`` are added to every JWT; ``None`` leaves one out."""

    clock: Clock
    claims: dict[str, JsonValue] = field(default_factory=dict)
    signer: Signer = field(default_factory=Signer)
    _how: Misbehaviour | None = None

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """Back to where the URL says, and the header with it."""
        asked = dict(parse_qsl(urlsplit(url).query, strict_parsing=True))
        assert url.startswith(f"{FRONT}/in?app=id&")
        now = int(self.clock.now().timestamp())
        claims: dict[str, JsonValue] = {
            "iss": FRONT,
            "aud": CLIENT_ID,
            "sub": account.external_id,
            "jti": secrets.token_urlsafe(8),
            "iat": now,
            "exp": now + 60,
            "nonce": asked["nonce"],
            "preferred_username": account.user_name,
            "given_name": account.given_name,
            "email": account.email,
            "email_verified": account.email_verified,
            **self.claims,
            **wrong_claims(self._how, FRONT, now),
        }
        token = "<html>" if self._how is Misbehaviour.NO_JSON else await self.signer.signed(claims, self._how)
        return {"state": asked["state"], HEADER: token}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """The same words as elsewhere."""
        return {"error": "access_denied", "state": dict(parse_qsl(urlsplit(url).query))["state"]}

    def signed_in_at(self, moment: datetime) -> None:
        """OIDC Core section 2, ``auth_time``."""
        self.claims["auth_time"] = int(moment.timestamp())

    def wants_new_sign_in(self, url: str) -> bool:
        """There is no word for it."""
        return not url

    def misbehave(self, how: Misbehaviour | None) -> None:
        """From now on it does this wrong."""
        self._how = how

    async def send(self, request: WebRequest) -> WebResponse:
        """Its keys."""
        if request.url != f"{FRONT}/keys" or self._how is Misbehaviour.UNREACHABLE:
            raise OutboundFailed("unreachable")
        if self._how is Misbehaviour.TOO_LARGE:
            raise OutboundFailed("too_large")
        return answer(request, await self.signer.jwks(), 503 if self._how is Misbehaviour.FAILS else 200)
