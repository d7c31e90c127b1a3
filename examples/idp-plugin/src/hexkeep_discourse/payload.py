"""Payloads of DiscourseConnect: fields in base64, and an HMAC over that which both sides can make."""

import base64
import binascii
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

MAX_FIELDS = 100


def signed(fields: Mapping[str, str], secret: str) -> str:
    """The query with which the browser carries ``fields`` to the other side."""
    payload = base64.b64encode(urlencode(fields).encode()).decode()
    return urlencode({"sso": payload, "sig": _mac(payload, secret)})


def opened(parameters: Mapping[str, str], secret: str) -> Mapping[str, str] | None:
    """What the other side has signed, each field of which stands there once; ``None`` for anything else."""
    payload = parameters.get("sso", "")
    if not hmac.compare_digest(parameters.get("sig", "").encode(), _mac(payload, secret).encode()):
        return None
    try:
        text = base64.b64decode(payload, validate=True).decode()
        pairs = parse_qsl(text, strict_parsing=True, errors="strict", max_num_fields=MAX_FIELDS)
    except (binascii.Error, ValueError):
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _mac(payload: str, secret: str) -> str:
    return hmac.digest(secret.encode(), payload.encode(), "sha256").hex()
