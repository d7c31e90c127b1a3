"""Cookies: ours are bound to one host, sent over TLS alone, and out of reach of scripts."""

from hexkeep.adapters.asgi.headers import Headers

SESSION = "__Host-hexkeep-session"
"""Holds the session token. Browsers take it on ``https`` origins and on ``http://localhost``, nowhere else."""

ACCOUNTS = "__Host-hexkeep-accounts"
"""Holds the tokens of other sessions that the person has begun in this browser, to choose from."""
MOST_WAITING = 4
"""How many sessions wait beside the browser's own; of more the one that was used longest ago is forgotten."""
JOINT = "."
"""Between their tokens."""
BROWSER_STATE = "__Secure-hexkeep-browser-state"
"""Holds no secret: what the frame of OIDC Session Management reads, in pages of other sites."""

SIGNING_OUT = "__Host-hexkeep-signing-out"
"""Names the logout that goes from one service provider of SAML to the next in this browser."""

ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"
SET_COOKIE = "set-cookie"
MAX_VALUE = 1024


def read(headers: Headers, name: str) -> str:
    """The value of a cookie; empty when it is absent, too long, or sent twice with different values."""
    values = set()
    for line in headers.get("cookie", ()):
        for pair in line.split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                values.add(value)
    value = values.pop() if len(values) == 1 else ""
    return value if len(value) <= MAX_VALUE else ""


def kept(name: str, value: str, *, seconds: int = 0) -> tuple[str, str]:
    """The header that sets a cookie until the browser is closed, or for some time."""
    age = f"Max-Age={seconds}; " if seconds else ""
    return SET_COOKIE, f"{name}={value}; {age}{ATTRIBUTES}"


def forgotten(name: str) -> tuple[str, str]:
    """The header that removes a cookie."""
    return SET_COOKIE, f"{name}=; Max-Age=0; {ATTRIBUTES}"


def shown(name: str, value: str, path: str) -> tuple[str, str]:
    """The header that sets a cookie for scripts of ours at one path, also within pages of other sites; never a secret.

    An empty value removes it.
    """
    gone = "" if value else " Max-Age=0;"
    return SET_COOKIE, f"{name}={value};{gone} Path={path}; Secure; SameSite=None"
