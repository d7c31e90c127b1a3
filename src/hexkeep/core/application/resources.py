"""Which API answers for a resource (RFC 8707): one in the instance, and not at a place that is known to be another's.

Projects (``urn:hexkeep:project:…``) are nobody's to take: all APIs of a project answer for it. What an application may
*ask* tokens for is another matter: any number of them may name the same.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from hexkeep.core.application.client_metadata import ClientMetadata
from hexkeep.core.application.metadata_rules import FIELD
from hexkeep.core.application.state import APPLICATION, resource_key
from hexkeep.core.domain.state import domain_key
from hexkeep.core.kernel.ask import OwnersOf
from hexkeep.core.kernel.decision import Change, Context
from hexkeep.core.kernel.errors import InvalidInput, Violation
from hexkeep.core.kernel.unique import Claim, Release
from hexkeep.core.oidc.rfc8707 import project_of

SHORTEST = 2
"""Labels of a domain that somebody can have verified."""


def answered_for(
    ctx: Context, client_id: str, organization_id: str, after: ClientMetadata, before: ClientMetadata
) -> tuple[Change, ...]:
    """What takes the resources of an API that are new in ``after``, and gives back those that are not there any more.

    Raises ``InvalidInput`` for a new one at a domain of another organization; one that another API answers for is
    ``AlreadyExists`` when it is written.
    """
    had, has, owner = _by_key(before.resources), _by_key(after.resources), APPLICATION.ref(client_id)
    new = {name: resource for name, resource in has.items() if name not in had}
    _insist_on_place(ctx, organization_id, new.values(), after.resources)
    given_back = (Release(resource_key(one), owner) for name, one in had.items() if name not in has)
    return (*given_back, *(Claim(resource_key(one), owner) for one in new.values()))


def _by_key(resources: Iterable[str]) -> Mapping[str, str]:
    """Those that can be taken, each once."""
    return {resource_key(one).normalised(): one for one in resources if not project_of(one)}


def _insist_on_place(ctx: Context, organization_id: str, new: Iterable[str], named: tuple[str, ...]) -> None:
    """The host is not, and is not below, a verified domain of another organization; the longest such domain counts."""
    new = tuple(new)
    for resource in new:
        if not _is_plain(resource):
            raise _refused(resource, named, "must have its host in plain letters: xn--… for others")
    places = {one: _domains(one) for one in new}
    names = tuple(dict.fromkeys(name for domains in places.values() for name in domains))
    owners = dict(zip(names, ctx.ask(OwnersOf(tuple(map(domain_key, names)))), strict=True)) if names else {}
    for resource, domains in places.items():
        verified = next((owner for name in domains if (owner := owners[name]) is not None), None)
        if verified is not None and verified.id != organization_id:
            raise _refused(resource, named, "is at a domain of another organization")


def _refused(resource: str, named: tuple[str, ...], problem: str) -> InvalidInput:
    return InvalidInput("", Violation(f"{FIELD}.resources.{named.index(resource)}", problem))


def _is_plain(resource: str) -> bool:
    """Whether the host, if there is one, is written as verified domains are; RFC 3986 has no others but with ``%``."""
    try:
        host = urlsplit(resource).hostname or ""
    except ValueError:
        return resource.isascii()
    return host.isascii() and "%" not in host


def _domains(resource: str) -> tuple[str, ...]:
    """The host of a resource and what it is below, the longest first; none where there is no host."""
    try:
        host = urlsplit(resource).hostname or ""
    except ValueError:
        return ()
    labels = host.rstrip(".").split(".")
    return tuple(".".join(labels[at:]) for at in range(len(labels) - SHORTEST + 1))
