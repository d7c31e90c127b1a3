"""Pages are served where browsers keep ``Secure`` cookies: over TLS, and on ``localhost``."""

import ipaddress
from urllib.parse import urlsplit

from hexkeep.adapters.asgi.request import Request
from hexkeep.adapters.web.errors import InsecureTransport

LOCALHOST = "localhost"


def insist_on_security(request: Request) -> None:
    """Raise ``InsecureTransport`` for plain HTTP that is not on this very machine under its name."""
    parts = urlsplit(request.origin)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == LOCALHOST or host.endswith(f".{LOCALHOST}"):
        return
    port = f":{parts.port}" if parts.port else ""
    raise InsecureTransport(f"http://{LOCALHOST}{port}" if _is_loopback(host) else "")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
