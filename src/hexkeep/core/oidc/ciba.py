"""OpenID Connect Client-Initiated Backchannel Authentication (CIBA) Core 1.0: what a request may say, and stands for.

Tokens are fetched (poll) or fetched when told (ping), never pushed. There are no user codes: what keeps a person from
being asked by strangers is that clients authenticate, and how often a person may be asked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.kernel.fields import one_line
from hexkeep.core.oidc import acr
from hexkeep.core.oidc.errors import InvalidBindingMessage, InvalidRequest, InvalidScope
from hexkeep.core.oidc.kept import KeptValue
from hexkeep.core.oidc.rfc6749 import scope_list
from hexkeep.core.oidc.scopes import OPENID

AUTH_REQ_ID = "backchannel"
"""Under which the expiring store keeps what an ``auth_req_id`` stands for."""
PING = "backchannel/ping"
"""Under which it keeps, by the request's own id, what its client is told with that there is an answer."""
REMEMBERED = timedelta(minutes=10)
"""For so long an ``auth_req_id`` is known after it has expired, so that its client is told just that."""
HINTS = ("login_hint", "login_hint_token", "id_token_hint")
BINDING_MESSAGE = 100
"""Section 7.1 wants it short; so much fits everywhere."""
NOTIFICATION_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{22,1024}=*")
"""Section 7.1: a bearer token (RFC 6750 section 2.1), of 128 bits at least, 1024 characters at most."""
EXPIRY = re.compile(r"[1-9][0-9]{0,8}")
REQUEST_LIFE = 3600
"""Section 7.1.1: for how long a signed request may hold; as FAPI-CIBA has it."""
MEMBERS = frozenset({"iss", "aud", "exp", "iat", "nbf", "jti"})
"""What a signed request says of itself, besides the parameters."""


class Ticket(KeptValue):
    """What an ``auth_req_id`` stands for. ``user_id`` is empty where nobody is asked, which the client is not told."""

    request_id: str
    client_id: str
    user_id: str
    scopes: tuple[str, ...]
    resources: tuple[str, ...] = ()
    authorization_details: str = ""
    interval: timedelta
    expires_at: datetime


class Ping(KeptValue):
    """What a client is told with that there is an answer (section 10.2); sealed while it is kept."""

    client_id: str
    auth_req_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Wish:
    """The content of a request, apart from who asks and who is asked."""

    scopes: tuple[str, ...]
    binding_message: str
    acr_values: tuple[str, ...]
    expires_in: timedelta


def read(params: Mapping[str, str], longest: timedelta) -> Wish:
    """Section 7.1: what is asked; raises ``InvalidScope``, ``InvalidBindingMessage``, ``InvalidRequest``."""
    scopes = scope_list(params.get("scope", ""))
    if OPENID not in scopes:
        raise InvalidScope("The scope openid is missing")
    return Wish(
        scopes=scopes,
        binding_message=_binding_message(params.get("binding_message", "")),
        acr_values=acr.acr_values(params.get("acr_values", "")),
        expires_in=_expiry(params.get("requested_expiry", ""), longest),
    )


def hint(params: Mapping[str, str]) -> tuple[str, str]:
    """Section 7.1: the one hint there has to be, by name and value; raises ``InvalidRequest``."""
    given = [(name, params[name]) for name in HINTS if name in params]
    if len(given) != 1:
        raise InvalidRequest("One of login_hint, login_hint_token and id_token_hint has to be there")
    return given[0]


def notification_token(params: Mapping[str, str]) -> str:
    """Section 7.1, ``client_notification_token``: required of clients that are told; raises ``InvalidRequest``."""
    token = params.get("client_notification_token", "")
    if not NOTIFICATION_TOKEN.fullmatch(token):
        raise InvalidRequest("The client_notification_token is missing, too short or malformed")
    return token


def unsigned(claims: Mapping[str, JsonValue], client_id: str, issuer: str, now: datetime) -> dict[str, str]:
    """Section 7.1.1: the parameters in the *verified* claims of a signed request; raises ``InvalidRequest``."""
    audience, seconds = claims.get("aud"), now.timestamp()
    meant = issuer in audience if isinstance(audience, list) else audience == issuer
    times = [claims.get(name) for name in ("nbf", "iat", "exp")]
    begins, issued, ends = (float(one) if isinstance(one, int | float) else None for one in times)
    if claims.get("iss") != client_id or not meant or not isinstance(claims.get("jti"), str) or not claims["jti"]:
        raise InvalidRequest("The request is not from this client or not for this provider")
    if begins is None or issued is None or ends is None:
        raise InvalidRequest("The request does not say when it holds")
    if not max(begins, issued) - 10 <= seconds < ends or ends - begins > REQUEST_LIFE:
        raise InvalidRequest("The request does not hold now, or for too long")
    return {name: _text(value) for name, value in claims.items() if name not in MEMBERS and value not in ("", None)}


def _text(value: JsonValue) -> str:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidRequest("A parameter of the request is no text")
    return str(value)


def _binding_message(text: str) -> str:
    """Section 7.1: what both devices show; plain, and of one line."""
    try:
        plain = one_line(text)
    except ValueError:
        raise InvalidBindingMessage("The binding_message has characters that not every device shows") from None
    if len(plain) > BINDING_MESSAGE:
        raise InvalidBindingMessage(f"The binding_message is longer than {BINDING_MESSAGE} characters")
    return plain


def _expiry(text: str, longest: timedelta) -> timedelta:
    if not text:
        return longest
    if not EXPIRY.fullmatch(text):
        raise InvalidRequest("The requested_expiry is not a number of seconds")
    return min(timedelta(seconds=int(text)), longest)
