"""Messages by a web service: JSON over https, signed so that the service knows who sends it and when."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from hexkeep.core.notifier.plan import NotificationPlan
from hexkeep.ports.delivery import DeliveryFailed, Outgoing
from hexkeep.ports.outbound import Outbound, WebRequest

SIGNATURE = "Hexkeep-Signature"
TIMEOUT = 15.0
MAX_ANSWER = 65_536
MAY_PASS = frozenset({408, 425, 429})
"""Refusals that say: later (RFC 9110, RFC 8470, RFC 6585)."""
LONGEST_WISH = 86_400


async def post(
    outbound: Outbound, plan: NotificationPlan, outgoing: Outgoing, message: Mapping[str, JsonValue], now: datetime
) -> None:
    """Hand a message to the web service of the plan; raises ``DeliveryFailed`` or ``OutboundFailed``."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": outgoing.key,
        SIGNATURE: signature(plan.signing_secret, int(now.timestamp()), body),
    }
    request = WebRequest(plan.url, "POST", headers, body, timeout=TIMEOUT, max_bytes=MAX_ANSWER)
    response = await outbound.send(request)
    if not 200 <= response.status < 300:  # noqa: PLR2004 - the class of success
        permanent = response.status < 500 and response.status not in MAY_PASS  # noqa: PLR2004 - the server's faults
        wish = _wish(response.headers.get("retry-after", ""))
        raise DeliveryFailed(permanent=permanent, code=f"http_{response.status}", retry_after=wish)


def signature(secret: str, seconds: int, body: bytes) -> str:
    """``t=<seconds since 1970>,v1=<hex>``: HMAC-SHA256 (RFC 2104) of the seconds, a full stop and the body."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def _wish(text: str) -> timedelta | None:
    """How long the service wants to be left alone, if it says so in seconds (RFC 9110 section 10.2.3)."""
    return timedelta(seconds=min(int(text), LONGEST_WISH)) if text.isascii() and text.isdigit() else None
