"""Resource indicators (RFC 8707): for which APIs a client asks for a token, and so who may take it.

Three kinds of resources exist for a client: the APIs of its own project, as ``urn:hexkeep:project:<id>``; our own API,
under the issuer, where the application has API access; and those that its administrator registered for it, which may
be projects of others or URIs of any API.
"""

import re
from collections.abc import Iterable

from hexkeep.core.oidc.errors import InvalidTarget
from hexkeep.core.oidc.parties import Client

PROJECT_PREFIX = "urn:hexkeep:project:"
ABSOLUTE_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:[A-Za-z0-9._~:/?@!$&'()*+,;=%\[\]-]{1,500}")
"""Section 2: an absolute URI (RFC 3986 section 4.3), and that has no fragment. The length is ours."""
MAX_RESOURCES = 10


def project_resource(project_id: str) -> str:
    """The indicator of the APIs of a project."""
    return f"{PROJECT_PREFIX}{project_id}"


def project_of(resource: str) -> str:
    """The project whose APIs an indicator is for; empty for any other one."""
    return resource.removeprefix(PROJECT_PREFIX) if resource.startswith(PROJECT_PREFIX) else ""


def accept_resources(values: Iterable[str], client: Client, issuer: str = "") -> tuple[str, ...]:
    """The resources that a request names, each once, in order; raises ``InvalidTarget`` for one it may not name.

    Indicators are compared as text (section 2). ``issuer`` is what our own API is named by.
    """
    asked = tuple(dict.fromkeys(value for value in values if value))
    known = {project_resource(client.application.project_id), *client.application.client_metadata.resources}
    if client.application.api_access and issuer:
        known.add(issuer)
    if len(asked) > MAX_RESOURCES or not all(ABSOLUTE_URI.fullmatch(one) and one in known for one in asked):
        raise InvalidTarget
    return asked


def narrowed(values: Iterable[str], granted: tuple[str, ...], client: Client, issuer: str) -> tuple[str, ...]:
    """Section 2.2: the resources of one token request: all or some of what was ``granted``.

    Where nothing was granted in particular the client chooses now, among those that it may name at all.
    """
    asked = accept_resources(values, client, issuer)
    if granted and not set(asked) <= set(granted):
        raise InvalidTarget
    return asked or granted
