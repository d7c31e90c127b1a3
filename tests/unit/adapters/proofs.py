"""DPoP proofs (RFC 9449) as clients make them, with real keys."""

import base64
import hashlib
import json
import re
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from joserfc.jwk import ECKey
from joserfc.jws import JWSRegistry

OFFERED = re.compile(r'Bearer realm="hexkeep", DPoP algs="(?:[\w-]+ )*ES256(?: [\w-]+)*"')
"""The challenge to who presents nothing: it names both schemes (RFC 9449 section 7.2)."""


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a key."""

    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))

    @property
    def thumbprint(self) -> str:
        """What tokens are bound to (RFC 7638)."""
        return self.key.thumbprint()

    def proof(self, method: str, url: str, token: str = "", **changes: Any) -> str:
        """A proof for one request, with the access token that it goes with."""
        claims = {"jti": uuid4().hex, "htm": method, "htu": url, "iat": int(time.time())}
        if token:
            claims["ath"] = encoded(hashlib.sha256(token.encode()).digest())
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self.key.as_dict(private=False)}
        signing_input = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims | changes).encode())}"
        signature = JWSRegistry.algorithms["ES256"].sign(signing_input.encode(), self.key)
        return f"{signing_input}.{encoded(signature)}"

    def headers(self, method: str, url: str, token: str, **changes: Any) -> dict[str, str]:
        """What presents a bound token."""
        return {"authorization": f"DPoP {token}", "dpop": self.proof(method, url, token, **changes)}


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
