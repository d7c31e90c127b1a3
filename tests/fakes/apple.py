"""Apple, as far as Sign in with Apple goes: secrets are JWTs, and what the browser comes back with is a form."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import JsonValue

from hexkeep.ports.outbound import WebRequest
from hexkeep.testing.idp import Account
from hexkeep.testing.idp_oauth import CLIENT_ID, OAuthUpstream
from hexkeep.testing.idp_oidc import OidcUpstream, Signer

TEAM_ID, KEY_ID = "TEAM123456", "KEY1234567"


@dataclass
class AppleUpstream(OidcUpstream):
    """Apple with one client. ``team_key`` is the key that its team has registered."""

    issuer: str = "https://appleid.apple.com"
    signer: Signer = field(default_factory=lambda: Signer("RS256"))
    team_key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", private=True))
    secrets: list[Mapping[str, JsonValue]] = field(default_factory=list)
    """What the secrets have said that clients came with."""

    AUTHORIZE: ClassVar[str] = "/auth/authorize"
    TOKEN: ClassVar[str] = "/auth/token"
    KEYS: ClassVar[str] = "/auth/keys"
    HAS_USERINFO: ClassVar[bool] = False
    NAMES_ISSUER: ClassVar[bool] = False

    @property
    def settings(self) -> dict[str, object]:
        """Those of its client."""
        private = self.team_key.as_pem(private=True).decode()
        return {"client_id": CLIENT_ID, "team_id": TEAM_ID, "key_id": KEY_ID, "private_key": private}

    async def sign_in(self, url: str, account: Account) -> Mapping[str, str]:
        """With the name, as if it were the first time."""
        user = {"name": {"firstName": account.given_name, "lastName": account.family_name}, "email": "said@example.net"}
        return {**await super().sign_in(url, account), "user": json.dumps(user)}

    async def cancel(self, url: str) -> Mapping[str, str]:
        """In Apple's own words."""
        return {"error": "user_cancelled_authorize", "state": self.asked(url)["state"]}

    def asked(self, url: str) -> dict[str, str]:
        """Apple insists on a form where name or address are asked for."""
        asked = OAuthUpstream.asked(self, url)
        assert asked["response_mode"] == "form_post"
        return asked

    async def about(self, account: Account) -> dict[str, JsonValue]:
        """An address alone, and a text whether it is verified."""
        return {"email": account.email, "email_verified": "true" if account.email_verified else "false"}

    def authenticated(self, request: WebRequest, fields: Mapping[str, str]) -> bool:
        """By a JWT that the key of the team has signed, and joserfc has verified."""
        try:
            secret = jwt.decode(fields["client_secret"], self.team_key, algorithms=["ES256"])
        except JoseError:
            return False
        self.secrets.append(secret.claims)
        now = int(self.clock.now().timestamp())
        expected = {"iss": TEAM_ID, "aud": self.issuer, "sub": CLIENT_ID}
        told = {name: secret.claims.get(name) for name in expected}
        timely = secret.claims["iat"] <= now < secret.claims["exp"] <= now + 180 * 86_400
        return secret.header["kid"] == KEY_ID and told == expected and timely and fields["client_id"] == CLIENT_ID
