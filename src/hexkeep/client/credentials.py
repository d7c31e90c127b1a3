"""Who calls: a token, whoever knows one, or a machine user that gets tokens by itself and new ones in time."""

import json
import time
import uuid
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote, urlencode

from pydantic import JsonValue

from hexkeep.client.failures import error_of
from hexkeep.client.wire import Exchange, Reply, Wire
from hexkeep.core.kernel.errors import HexkeepError, Unauthenticated
from hexkeep.core.oidc.discovery import TOKEN
from hexkeep.core.oidc.rfc7523 import GRANT_TYPE

SCOPE = "urn:hexkeep:api"
"""What makes a token good for Hexkeep's own API."""
MARGIN = 30.0
"""Seconds before its end in which a token is not used any more."""
ASSERTION_SECONDS = 300
TokenSource = Callable[[], str] | Callable[[], Awaitable[str]]
C = TypeVar("C", bound="_Machine")


class Credentials(Protocol):
    """Whose token goes with a call."""

    async def token(self, wire: Wire) -> str:
        """A token that should be good now; empty for nobody."""

    def renew(self) -> bool:
        """The last token was refused: whether there may be another one."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A token that is there: of a session, a personal access token; empty for nobody."""

    value: str = field(default="", repr=False)

    async def token(self, wire: Wire) -> str:
        """That one."""
        return self.value

    def renew(self) -> bool:
        """There is no other."""
        return False


@dataclass(frozen=True, slots=True)
class Asked:
    """A function that knows a token; it is asked before each call, and once more when its token was refused."""

    source: TokenSource

    async def token(self, wire: Wire) -> str:
        """What it says."""
        return await wire.ask(self.source)

    def renew(self) -> bool:
        """It may know another by now."""
        return True


class _Machine(ABC):
    """A machine user that asks the token endpoint of the server it calls (RFC 6749 section 4.4, RFC 7523)."""

    def __init__(self) -> None:
        self._token = ""
        self._until = 0.0

    async def token(self, wire: Wire) -> str:
        """The token at hand, or a fresh one where that is about to end; raises ``Unauthenticated``."""
        if not self._token or time.monotonic() >= self._until:
            asked = time.monotonic()
            reply = await wire.send(self._request())
            if reply.failed:
                raise _refusal(reply)
            answer = json.loads(reply.body)
            self._token = str(answer["access_token"])
            lasts = float(answer.get("expires_in", 0))
            self._until = asked + max(lasts - MARGIN, lasts / 2)
        return self._token

    def renew(self) -> bool:
        """Forget the token, for the next is another."""
        self._token = ""
        return True

    @abstractmethod
    def _request(self) -> Exchange:
        """The question to the token endpoint."""


class ClientSecret(_Machine):
    """A machine user with a client secret (``GenerateClientSecret``): the client credentials grant."""

    def __init__(self, client_id: str, client_secret: str, *, scope: str = SCOPE) -> None:
        super().__init__()
        self._pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._scope = scope

    def _request(self) -> Exchange:
        basic = b64encode(self._pair.encode()).decode()
        return _form({"grant_type": "client_credentials", "scope": self._scope}, {"authorization": f"Basic {basic}"})


class MachineKey(_Machine):
    """A machine user with a key: signs an assertion for each token (RFC 7523 section 2.1), and sends no secret.

    ``key_file`` is the JSON text that ``CreateMachineKey`` answers with once.
    """

    def __init__(self, key_file: str, *, scope: str = SCOPE) -> None:
        super().__init__()
        told: Mapping[str, JsonValue] = json.loads(key_file)
        self._user, self._issuer = str(told["user_id"]), str(told["issuer"])
        self._key = told["private_key"]
        self._key_id = str(told["key_id"])
        self._scope = scope

    @classmethod
    def read(cls, path: Path | str, *, scope: str = SCOPE) -> "MachineKey":
        """From a file that holds it."""
        return cls(Path(path).read_text(encoding="utf-8"), scope=scope)

    def _request(self) -> Exchange:
        return _form({"grant_type": GRANT_TYPE, "scope": self._scope, "assertion": self._assertion()}, {})

    def _assertion(self) -> str:
        from joserfc import jws
        from joserfc.jwk import JWKRegistry

        key = JWKRegistry.import_key(self._key)  # type: ignore[arg-type]  # what is no JWK is refused there
        algorithm = str(key.get("alg"))
        now = int(time.time())
        claims = {
            "iss": self._user,
            "sub": self._user,
            "aud": self._issuer,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": uuid.uuid4().hex,
        }
        header = {"alg": algorithm, "kid": self._key_id, "typ": "JWT"}
        return jws.serialize_compact(header, json.dumps(claims), key, algorithms=[algorithm])


def credentials_of(given: "str | TokenSource | Credentials | None") -> Credentials:
    """What the caller of a client may say about who calls."""
    if given is None or isinstance(given, str):
        return Fixed(given or "")
    if callable(given):
        return Asked(given)
    return given


def _form(values: Mapping[str, str], headers: Mapping[str, str]) -> Exchange:
    kind = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    return Exchange("POST", TOKEN, {**kind, **headers}, urlencode(values).encode())


def _refusal(reply: Reply) -> HexkeepError:
    """The error of a token endpoint (RFC 6749 section 5.2) in ours."""
    try:
        answer = json.loads(reply.body)
    except ValueError:
        return error_of(reply)
    if isinstance(answer, dict) and "error" in answer and "code" not in answer:
        told = str(answer.get("error_description") or "the credentials do not hold")
        return Unauthenticated(f"No token was given: {told}", error=str(answer["error"]))
    return error_of(reply)
