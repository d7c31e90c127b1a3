"""Resource indicators (RFC 8707): for which APIs a client asks for a token, and so who may take it.

Three kinds of resources exist for a client: the APIs of its own project, as ``urn:hexkeep:project:<id>``; our own API,
under the issuer, where the application has API access; and those that its administrator registered for it, which may
be URIs of any API, and projects of its organization or granted to that (see ``parties.active_client``).
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from hexkeep.core.oidc import rfc9068, scopes
from hexkeep.core.oidc.errors import InvalidTarget

if TYPE_CHECKING:
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


PARAMETER = "resource"


def joined(params: Mapping[str, str], resources: Iterable[str]) -> dict[str, str]:
    """The parameters of a request with all values of the one that may be repeated, as a list like that of scopes.

    No absolute URI has a space in it, and one that is made of two is judged twice.
    """
    others = {name: value for name, value in params.items() if name != PARAMETER}
    return {**others, PARAMETER: " ".join(resources)} if any(resources) else others


def asked_in(params: Mapping[str, str]) -> tuple[str, ...]:
    """The resources that ``joined`` parameters name."""
    return tuple(params.get(PARAMETER, "").split())


def accept_resources(values: Iterable[str], client: "Client", issuer: str = "") -> tuple[str, ...]:
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


def narrowed(values: Iterable[str], granted: tuple[str, ...], client: "Client", issuer: str) -> tuple[str, ...]:
    """Section 2.2: the resources of one token request: all or some of what was ``granted``.

    Where nothing was granted in particular the client chooses now, among those that it may name at all. What it may not
    name any more is not granted any more.
    """
    asked = accept_resources(values, client, issuer)
    if granted and not set(asked) <= set(granted):
        raise InvalidTarget
    return asked or accept_resources(granted, client, issuer)


def audience_of(client: "Client", resources: tuple[str, ...], granted: tuple[str, ...], issuer: str) -> tuple[str, ...]:
    """Whom a token is for: the ``resources`` and nobody else, or where there are none who it is usually for.

    Our own API is among them for the scope alone that asks for it; raises ``InvalidTarget`` for it without that.
    """
    for_api = client.application.api_access and scopes.API in granted
    if issuer in resources and not for_api:
        raise InvalidTarget
    return resources or rfc9068.audience_of(client.id, client.application.project_id, issuer if for_api else "")
