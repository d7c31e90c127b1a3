"""What happens to the domains of an organization. Names are as the DNS has them: lower case, in A-labels."""

from hexkeep.core.kernel.event import Event


class OrganizationDomainAdded(Event):
    """The organization says that it has this domain. Nobody has looked yet."""

    type = "domain.added"

    domain: str


class OrganizationDomainValidationGenerated(Event):
    """The domain counts as the organization's once this token is found there. It replaces the one before."""

    type = "domain.validation.generated"

    domain: str
    method: str
    token: str


class OrganizationDomainVerified(Event):
    """The domain is the organization's and nobody else's in the instance."""

    type = "domain.verified"

    domain: str


class OrganizationPrimaryDomainSet(Event):
    """Of its verified domains this is the one that login names are made with, in place of ``former``."""

    type = "domain.primary.set"

    domain: str
    former: str


class OrganizationDomainRemoved(Event):
    """The organization has this domain no more, and anybody may have it verified."""

    type = "domain.removed"

    domain: str
