"""W3C Web Authentication: what authenticators are asked, in the JSON forms of its section 5.1.10, and its challenges.

A challenge is kept in the expiring store under itself, with what it is for. Whoever answers it takes it out: of many
who present the same answer one succeeds, and an answer to a challenge for something else is none.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import JsonValue

from hexkeep.core.factor.asks import RelyingParty
from hexkeep.core.factor.state import Passkey
from hexkeep.core.kernel.ask import Keep, Take
from hexkeep.core.kernel.decision import Context
from hexkeep.core.user.state import User

SCOPE = "passkey"
HOLDS = timedelta(minutes=5)
"""How long a challenge may be answered; the time that section 15.1 recommends at least."""
ALGORITHMS = (-8, -7, -257)
"""COSE: EdDSA, ES256, RS256, as section 5.4.2 recommends."""
PLAIN = re.compile(r"[A-Za-z0-9._~-]{1,2000}")
"""What ids and challenges are made of; anything else in their place names nothing."""
SIGN_IN = "sign_in"
"""What a challenge is for that begins a session."""


@dataclass(frozen=True, slots=True)
class Response:
    """What can be told of an authenticator's response before it is verified."""

    text: str = field(repr=False)
    credential_id: str = ""
    challenge: str = field(default="", repr=False)
    user_handle: str = ""


def party_of(ctx: Context) -> RelyingParty:
    """The instance, by its primary origin."""
    return RelyingParty(urlsplit(ctx.request.issuer).hostname or "", ctx.request.issuer)


def for_session(session_id: str) -> str:
    """What a challenge is for that strengthens one session."""
    return f"session/{session_id}"


def for_registration(user_id: str, *, passwordless: bool) -> str:
    """What a challenge is for that registers a passkey."""
    return f"register/{'alone' if passwordless else 'second'}/{user_id}"


def new_challenge(ctx: Context, purpose: str) -> str:
    """A challenge for a purpose, 256 random bits in base64url, that can be answered once."""
    challenge = ctx.new_secret()
    ctx.ask(Keep(SCOPE, challenge, purpose.encode(), ctx.now + HOLDS))
    return challenge


def take_challenge(ctx: Context, challenge: str) -> str:
    """What a challenge was for, which nobody can answer any more; empty for none that stands."""
    return (ctx.ask(Take(SCOPE, challenge)) or b"").decode()


def creation_options(
    ctx: Context, challenge: str, user_id: str, user: User, passkeys: Iterable[Passkey], *, passwordless: bool
) -> str:
    """Section 5.4: what ``navigator.credentials.create`` takes. An authenticator that is known makes no other key."""
    party = party_of(ctx)
    options: dict[str, JsonValue] = {
        "rp": {"id": party.id, "name": party.id},
        "user": {"id": encoded(user_id.encode()), "name": user.user_name, "displayName": user.display_name},
        "challenge": challenge,
        "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in ALGORITHMS],
        "timeout": _milliseconds(),
        "authenticatorSelection": {
            "residentKey": "required" if passwordless else "discouraged",
            "requireResidentKey": passwordless,
            "userVerification": "required" if passwordless else "discouraged",
        },
        "excludeCredentials": descriptors(passkeys),
        "attestation": "none",
    }
    return json.dumps(options)


def request_options(ctx: Context, challenge: str, passkeys: Iterable[Passkey], verification: str) -> str:
    """Section 5.5: what ``navigator.credentials.get`` takes. Without passkeys the authenticator offers its own."""
    options: dict[str, JsonValue] = {
        "challenge": challenge,
        "timeout": _milliseconds(),
        "rpId": party_of(ctx).id,
        "allowCredentials": descriptors(passkeys),
        "userVerification": verification,
    }
    return json.dumps(options)


def descriptors(passkeys: Iterable[Passkey]) -> list[JsonValue]:
    """Section 5.8.3: how passkeys are named to an authenticator."""
    return [{"type": "public-key", "id": one.credential_id} for one in passkeys if one.credential_id]


def read_response(text: str) -> Response:
    """What a response says of itself, nothing for what is none: whether it is true is asked later."""
    told = _object(text)
    inner = told.get("response")
    if not isinstance(inner, dict):
        return Response(text)
    client = _object(decoded(_text(inner.get("clientDataJSON"))))
    handle = decoded(_text(inner.get("userHandle")))
    named = (_text(told.get("id")), _text(client.get("challenge")), handle)
    return Response(text, *(one if PLAIN.fullmatch(one) else "" for one in named))


def encoded(content: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def decoded(text: str) -> str:
    """The text that base64url stands for; empty for what stands for none."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        return ""


def _object(text: str) -> dict[str, JsonValue]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _milliseconds() -> int:
    return int(HOLDS.total_seconds() * 1000)
