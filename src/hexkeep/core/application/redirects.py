"""Which redirect URIs a client may register (RFC 6749 §3.1.2, RFC 8252 §7 and §8, RFC 9700 §2.1 and §4.1)."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from hexkeep.core.application.state import ApplicationType
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.urls import is_loopback

PLAIN = re.compile(r"[A-Za-z0-9._~:/?\[\]@!$&'()+,;=%-]+")
"""The characters of a URI (RFC 3986) but ``#``, which begins a fragment, and ``*``, which looks like a wildcard."""
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?", re.IGNORECASE)


def accept_redirect_uris(field: str, uris: tuple[str, ...], kind: ApplicationType) -> tuple[str, ...]:
    """``uris``, each once, in the given order; raises ``InvalidInput`` with a violation of ``field`` per unfit one."""
    problems = [(number, redirect_problem(uri, kind)) for number, uri in enumerate(uris)]
    wrong = [Violation(f"{field}.{number}", problem) for number, problem in problems if problem]
    if wrong:
        raise InvalidInput("A redirect URI cannot be registered", *wrong)
    return tuple(dict.fromkeys(uris))


def redirect_problem(uri: str, kind: ApplicationType) -> str:
    """What is wrong with ``uri`` for an application of that kind; empty when nothing is.

    Allowed are ``https`` everywhere; ``http`` on the loopback interface, which never leaves the machine, for native
    applications and for development; and for native applications schemes of their own. Those need a dot, as reversed
    domain names have, which also keeps ``javascript:`` and the like out.
    """
    try:
        parts = urlsplit(uri)
        _ = parts.port
    except ValueError:
        return "must be a URI"
    if not PLAIN.fullmatch(uri) or not parts.scheme or _dot_segments(parts):
        return "must be an absolute URI without fragment, wildcard or dot segments"
    if parts.scheme not in {"https", "http"}:
        return _private_scheme_problem(parts, kind)
    return _web_problem(parts)


def _dot_segments(parts: SplitResult) -> bool:
    return any(segment in {".", ".."} for segment in re.sub("%2e", ".", parts.path, flags=re.IGNORECASE).split("/"))


def _private_scheme_problem(parts: SplitResult, kind: ApplicationType) -> str:
    if kind is not ApplicationType.NATIVE:
        return "must begin with https://"
    if "." not in parts.scheme:
        return "must have a scheme with a dot in it, such as com.example.app:/callback"
    return ""


def _web_problem(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host or "@" in parts.netloc or not _is_host(host, bracketed="[" in parts.netloc):
        return "must name a host and no user"
    if parts.scheme == "http" and not is_loopback(host):
        return "must begin with https:// unless it is on the loopback interface"
    return ""


def _is_host(host: str, *, bracketed: bool) -> bool:
    if not bracketed:
        return HOST.fullmatch(host) is not None
    try:
        return ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - the version of IP in brackets (RFC 3986 §3.2.2)
    except ValueError:
        return False
