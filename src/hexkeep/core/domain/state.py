"""The domains of an organization (the aggregate's id is the organization's), and the key that makes them unique."""

import enum
from collections.abc import Iterator
from dataclasses import dataclass, replace

from hexkeep.core.domain.events import (
    OrganizationDomainAdded,
    OrganizationDomainRemoved,
    OrganizationDomainValidationGenerated,
    OrganizationDomainVerified,
    OrganizationPrimaryDomainSet,
)
from hexkeep.core.kernel.aggregate import Aggregate
from hexkeep.core.kernel.decision import Change
from hexkeep.core.kernel.event import Event, Log
from hexkeep.core.kernel.unique import Release, UniqueKey


class DomainValidationMethod(enum.StrEnum):
    """How a domain is shown to be the organization's. Wire values are stable."""

    UNSPECIFIED = "unspecified"
    DNS = "dns"
    """A TXT record."""
    HTTP = "http"
    """A file on the domain's web server."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One domain. ``token`` is what has to be found there; it is published, so it is no secret."""

    name: str
    verified: bool = False
    method: DomainValidationMethod = DomainValidationMethod.UNSPECIFIED
    token: str = ""


@dataclass(frozen=True, slots=True)
class Domains:
    """The domains of one organization, the oldest first. ``primary`` is a verified one, or empty."""

    domains: tuple[Domain, ...] = ()
    primary: str = ""

    def named(self, name: str) -> Domain | None:
        """The domain of that name, or ``None``."""
        return next((domain for domain in self.domains if domain.name == name), None)

    @property
    def verified(self) -> tuple[str, ...]:
        """The names of those that are known to be the organization's."""
        return tuple(domain.name for domain in self.domains if domain.verified)


KEY_KIND = "domain"


def domain_key(name: str) -> UniqueKey:
    """The key that makes a verified domain unique in the instance; owned by ``DOMAINS.ref(organization_id)``."""
    return UniqueKey(KEY_KIND, "", name)


def evolve(state: Domains, event: Event) -> Domains:
    """The state after ``event``; an event that says nothing about domains leaves it as it was."""
    match event:
        case OrganizationDomainAdded(domain=name):
            return replace(state, domains=(*_others(state, name), Domain(name)))
        case OrganizationDomainValidationGenerated(domain=name, method=method, token=token):
            return _with(state, name, method=_method(method), token=token)
        case OrganizationDomainVerified(domain=name):
            return _with(state, name, verified=True, token="")
        case OrganizationPrimaryDomainSet(domain=name):
            return replace(state, primary=name)
        case OrganizationDomainRemoved(domain=name):
            return Domains(_others(state, name), "" if state.primary == name else state.primary)
        case _:
            return state


def _with(state: Domains, name: str, **changes: object) -> Domains:
    changed = tuple(replace(one, **changes) if one.name == name else one for one in state.domains)  # type: ignore[arg-type]  # the names are fields above
    return replace(state, domains=changed)


def _others(state: Domains, name: str) -> tuple[Domain, ...]:
    return tuple(domain for domain in state.domains if domain.name != name)


def _method(value: str) -> DomainValidationMethod:
    known = value in {method.value for method in DomainValidationMethod}
    return DomainValidationMethod(value) if known else DomainValidationMethod.UNSPECIFIED


DOMAINS: Aggregate[Domains] = Aggregate(
    name="domain",
    log=Log.DURABLE,
    initial=Domains(),
    events=(
        OrganizationDomainAdded,
        OrganizationDomainValidationGenerated,
        OrganizationDomainVerified,
        OrganizationPrimaryDomainSet,
        OrganizationDomainRemoved,
    ),
    evolve=evolve,
    keys=(KEY_KIND,),
)


def given_up(organization_id: str, domains: Domains) -> Iterator[Change]:
    """What lets go of every domain of an organization."""
    if domains.domains:
        yield DOMAINS.append(
            organization_id, *(OrganizationDomainRemoved(domain=domain.name) for domain in domains.domains)
        )
    for name in domains.verified:
        yield Release(domain_key(name), DOMAINS.ref(organization_id))
