"""Redirect URIs: exact comparison (RFC 9700 section 2.1) and the loopback exception of native apps (RFC 8252)."""

import re
from collections.abc import Iterable

LOOPBACK = re.compile(r"(?P<host>http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(?P<rest>(?:[/?].*)?)", re.DOTALL)
"""Address literals alone: a name such as ``localhost`` may be resolved to another place (section 8.3)."""


def is_registered(uri: str, registered: Iterable[str], *, native: bool) -> bool:
    """Whether ``uri`` is one of the registered ones, compared as text.

    A native application on the loopback interface may choose its port when it starts, so there the port may differ.
    """
    known = tuple(registered)
    return uri in known or (native and _without_port(uri) in {_without_port(one) for one in known} - {""})


def _without_port(uri: str) -> str:
    match = LOOPBACK.fullmatch(uri)
    return f"{match['host']}{match['rest']}" if match else ""
